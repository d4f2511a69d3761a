// What can be told of a flow's saved graph without the canvas: its nodes, what it asks for, what must not leave the server.
import { asArray, asObject, asObjects, asText, type JsonObject, parseJson } from "~/lib/json";

export interface GraphNode {
  id: string;
  name: string;
  label: string;
  category: string | undefined;
}

/** The nodes and wires of `flowData`, or null when it is no graph. */
export function graphOf(flowData: string | null | undefined): { nodes: JsonObject[]; edges: JsonObject[]; whole: JsonObject } | null {
  const whole = asObject(parseJson(flowData ?? ""));
  if (!whole || !Array.isArray(whole["nodes"])) return null;
  return { nodes: asObjects(whole["nodes"]), edges: asObjects(whole["edges"]), whole };
}

/** The nodes that do something; notes are left out. */
export function nodesOf(nodes: readonly JsonObject[]): GraphNode[] {
  return nodes.flatMap((node) => {
    const data = asObject(node["data"]);
    const name = asText(data?.["name"]);
    if (!data || !name || name.startsWith("stickyNote")) return [];
    return [{ id: asText(node["id"]) ?? name, name, label: asText(data["label"]) ?? name, category: asText(data["category"]) }];
  });
}

/** The kinds of credentials that the nodes of a flow ask for, each once. */
export function credentialKindsOf(nodes: readonly JsonObject[]): string[] {
  const kinds = nodes.flatMap((node) => paramsOf(node).filter((param) => param["type"] === "credential").flatMap((param) => asArray(param["credentialNames"])));
  return [...new Set(kinds.flatMap((kind) => asText(kind) ?? []))];
}

function paramsOf(node: JsonObject): JsonObject[] {
  const data = asObject(node["data"]);
  return asObjects(data?.["inputParams"]);
}

/** What kind of flow a graph is, by its nodes. */
export function typeOfGraph(nodes: readonly JsonObject[]): "CHATFLOW" | "AGENTFLOW" | "MULTIAGENT" {
  if (nodes.some((node) => node["type"] === "agentFlow" || asText(asObject(node["data"])?.["name"])?.endsWith("Agentflow"))) return "AGENTFLOW";
  const old = new Set(["Multi Agents", "Sequential Agents"]);
  return nodes.some((node) => old.has(asText(asObject(node["data"])?.["category"]) ?? "")) ? "MULTIAGENT" : "CHATFLOW";
}

/** Under these keys a node keeps the id of a credential, at any depth. */
const CREDENTIAL_KEYS = new Set(["credential", "credentialId", "FLOWISE_CREDENTIAL_ID"]);
/** Values of settings of these types stay here: they are secrets, or files of this server. */
const PRIVATE_TYPES = new Set(["password", "file", "folder"]);

/** The graph as it may leave the server: without credentials, passwords and files. The given one is not changed. */
export function withoutSecrets(graph: JsonObject): JsonObject {
  const nodes = asArray(graph["nodes"]).map((entry) => {
    const node = asObject(entry);
    const data = asObject(node?.["data"]);
    if (!node || !data) return entry;
    const hidden = new Set(paramsOf(node).filter((param) => PRIVATE_TYPES.has(String(param["type"]))).map((param) => String(param["name"])));
    const { credential: _credential, ...rest } = data;
    const inputs = asObject(data["inputs"]);
    const kept = inputs && Object.fromEntries(Object.entries(inputs).filter(([name]) => !hidden.has(name)));
    return { ...node, data: kept ? { ...rest, inputs: cleaned(kept) } : rest };
  });
  return { ...graph, nodes };
}

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned);
  const object = asObject(value);
  if (!object) return value;
  return Object.fromEntries(Object.entries(object).flatMap(([key, inner]) => (CREDENTIAL_KEYS.has(key) ? [] : [[key, cleaned(inner)]])));
}
