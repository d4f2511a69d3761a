// What is wrong with a node, told while one builds; the server has the last word (`POST /chatflows/validate`).
import { asArray, asObject, asText, type JsonObject } from "~/lib/json";
import type { CatalogNode } from "~/api/types";
import { isUnset, listOf, paramsIn, plainText, visibleOf, visibleParams } from "./fields";
import { isField } from "./make-node";
import { inputsOf, labelOf, nameOf, type Param } from "./node-data";
import type { FlowGraph } from "./flow-data";
import { mayStandInside } from "./landing";
import type { NodeView } from "./view-graph";

export type Problem = { nodeId?: string; severity: "error" | "warning" | "info" } & (
  | { code: "unknownNode"; label: string; name: string }
  | { code: "missingInput"; label: string; input: string; port: string }
  | { code: "missingField"; label: string; field: string; name: string }
  | { code: "missingCredential"; label: string; name: string }
  | { code: "notJson"; label: string; field: string; name: string }
  | { code: "notNumber"; label: string; field: string; name: string }
  | { code: "inField"; label: string; field: string; name: string; place: string }
  | { code: "outdated"; label: string }
  | { code: "edgeWithoutNode"; missing: string; wire: string }
  | { code: "duplicateId"; id: string }
  | { code: "brokenPart" }
  | { code: "placed" }
  | { code: "noStart" }
  | { code: "twoStarts" }
  | { code: "unconnected"; label: string }
  | { code: "inside"; label: string }
  | { code: "server"; label: string; text: string }
);

/** Problems that the node shows by itself. */
export function problemsOf(view: NodeView, known?: ReadonlyMap<string, CatalogNode>): Problem[] {
  const { id, label, node } = view;
  if (view.kind === "note" || view.kind === "group") return [];
  const found: Problem[] = [];
  if (view.unknown) found.push({ code: "unknownNode", severity: "error", nodeId: id, label, name: nameOf(node) || "?" });
  const values = inputsOf(node);
  for (const port of view.inputs) {
    if (port.optional || port.connected || hasValue(values[port.name])) continue;
    found.push({ code: "missingInput", severity: "error", nodeId: id, label, input: port.label, port: port.id });
  }
  const holder: JsonObject = { ...values, credential: node.data["credential"] || values["FLOWISE_CREDENTIAL_ID"] };
  found.push(...fieldProblems(visibleParams(node), holder, { id, label }), ...innerProblems(visibleParams(node), holder, { id, label }, known));
  if (view.parentId !== undefined && !mayStandInside(nameOf(node))) found.push({ code: "inside", severity: "error", nodeId: id, label });
  if (view.newerVersion !== undefined) found.push({ code: "outdated", severity: "info", nodeId: id, label });
  return found;
}

/** What is missing or wrong in the fields `params` of the node `id`. */
export function fieldProblems(params: readonly Param[], values: JsonObject, { id, label }: { id: string; label: string }): Problem[] {
  return params.flatMap((param): Problem[] => {
    const { name, type, definition } = param;
    const value = isUnset(values[name]) ? definition["default"] : values[name];
    const about = { nodeId: id, label, field: param.label, name };
    const isEmpty = isUnset(value) || (typeof value === "string" && plainText(value).trim() === "") || (Array.isArray(value) && value.length === 0 && type !== "multiOptions");
    if (isEmpty) {
      if (definition["optional"] === true || type === "boolean") return [];
      if (type === "credential") return [{ code: "missingCredential", severity: "error", nodeId: id, label, name }];
      return [{ code: "missingField", severity: "error", ...about }];
    }
    if (type === "json" && typeof value === "string" && !value.includes("{{") && !isJson(value)) return [{ code: "notJson", severity: "error", ...about }];
    if (type === "number" && typeof value === "string" && !value.includes("{{") && Number.isNaN(Number(value))) return [{ code: "notNumber", severity: "error", ...about }];
    return [];
  });
}

/** What is missing or wrong within the fields `params`: in the items of a list, in the settings of what was chosen. */
function innerProblems(params: readonly Param[], values: JsonObject, node: { id: string; label: string }, known: ReadonlyMap<string, CatalogNode> | undefined): Problem[] {
  const within = (param: Param, place: string, inner: readonly Param[], own: JsonObject) =>
    fieldProblems(inner, own, node).flatMap((problem): Problem[] => {
      const field = "field" in problem ? problem.field : (inner.find((one) => "name" in problem && one.name === problem.name)?.label ?? "");
      return [{ code: "inField", severity: "error", nodeId: node.id, label: node.label, name: param.name, place, field }];
    });
  return params.flatMap((param): Problem[] => {
    const { name, type, definition, label } = param;
    if (type === "array") {
      const items = isUnset(values[name]) ? [] : listOf(values[name]).map(asObject);
      const inner = paramsIn(definition["array"]);
      const root = { ...values, [name]: items };
      return items.flatMap((item, index) => (item ? within(param, `${label} ${index + 1}`, visibleOf(inner, item, root, index), item) : []));
    }
    const chosen = asText(values[name]);
    const entry = definition["loadConfig"] === true && chosen ? known?.get(chosen) : undefined;
    if (!entry) return [];
    const kept = asObject(values[`${name}Config`]);
    const own = kept && (kept[name] === undefined || kept[name] === chosen) ? kept : {};
    const holder = { ...own, credential: own["credential"] || own["FLOWISE_CREDENTIAL_ID"] };
    return within(param, entry.label, visibleOf(settingsOf(entry), holder, holder), holder);
  });
}

/** The fields of a component that can be chosen inside another. */
export function settingsOf(entry: CatalogNode): Param[] {
  const fields = (entry.inputs ?? []).filter((input) => isField(String(input["type"])));
  return paramsIn(entry.credential ? [entry.credential, ...fields] : fields);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function hasValue(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value) && (typeof value !== "object" || asObject(value) !== null);
}

/** Problems of the flow as a whole. */
export function flowProblems(graph: FlowGraph, views: readonly NodeView[], isAgentflow: boolean): Problem[] {
  const cards = views.filter((view) => view.kind === "node" || view.kind === "frame");
  if (cards.length === 0) return [];
  const found: Problem[] = [];
  if (isAgentflow) {
    const starts = cards.filter((view) => nameOf(view.node) === "startAgentflow");
    if (starts.length === 0) found.push({ code: "noStart", severity: "error" });
    if (starts[1]) found.push({ code: "twoStarts", severity: "error", nodeId: starts[1].id });
  }
  if (cards.length > 1) {
    const wired = new Set(graph.edges.flatMap((edge) => [edge.source, edge.target]));
    for (const view of cards) {
      // Steps inside an iteration may stand alone.
      if (!wired.has(view.id) && !view.parentId) found.push({ code: "unconnected", severity: "warning", nodeId: view.id, label: view.label });
    }
  }
  return found;
}

/** The server's list as problems of ours. */
export function serverProblems(answer: unknown, graph: FlowGraph): Problem[] {
  const labels = new Map(graph.nodes.map((node) => [node.id, labelOf(node)]));
  return asArray(answer).flatMap((entry) => {
    const row = asObject(entry);
    const nodeId = asText(row?.["id"]);
    const label = (nodeId && labels.get(nodeId)) ?? asText(row?.["label"]) ?? "";
    return asArray(row?.["issues"]).flatMap((issue): Problem[] =>
      typeof issue === "string" ? [{ code: "server", severity: "error", ...(nodeId ? { nodeId } : {}), label, text: issue }] : [],
    );
  });
}
