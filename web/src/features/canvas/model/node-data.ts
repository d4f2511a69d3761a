// Reading a node's saved content: its ports, its settings, its name. Only views; nothing is changed.
import { asArray, asObject, asText, type JsonObject } from "~/lib/json";
import type { FlowNode } from "./flow-data";

export interface Port {
  /** The handle that wires name, such as `llmChain_0-input-model-BaseLanguageModel`. */
  id: string;
  name: string;
  label: string;
  /** The classes it gives, or accepts any of. */
  types: string[];
  /** Takes several wires. */
  list: boolean;
  optional: boolean;
}

export interface Param {
  name: string;
  label: string;
  type: string;
  /** The whole definition as saved, for what is read rarely. */
  definition: JsonObject;
}

/** `frame` holds nodes (an iteration), `group` is only drawn around them. */
export type NodeKind = "node" | "note" | "frame" | "group";

export function kindOf(node: FlowNode): NodeKind {
  if (node.type === "stickyNote" || nameOf(node).startsWith("stickyNote")) return asObject(node.data["frame"]) ? "group" : "note";
  return node.type === "iteration" ? "frame" : "node";
}

/** The node's name in the catalog, such as `chatOpenAI`. */
export function nameOf(node: FlowNode): string {
  return asText(node.data["name"]) ?? "";
}

export function labelOf(node: FlowNode): string {
  return asText(node.data["label"]) ?? (nameOf(node) || node.id);
}

export function categoryOf(node: FlowNode): string | undefined {
  return asText(node.data["category"]);
}

/** The frame that holds this node, under either name that React Flow gave the key. */
export function parentOf(node: FlowNode): string | undefined {
  return asText(node.extra["parentNode"]) ?? asText(node.extra["parentId"]);
}

export function sizeOf(node: FlowNode): { width: number | undefined; height: number | undefined } {
  return { width: positive(node.extra["width"]), height: positive(node.extra["height"]) };
}

function positive(value: unknown): number | undefined {
  return typeof value === "number" && value > 0 ? value : undefined;
}

/** The values of the node's settings and sockets. */
export function inputsOf(node: FlowNode): JsonObject {
  return asObject(node.data["inputs"]) ?? {};
}

export function paramsOf(node: FlowNode): Param[] {
  return asArray(node.data["inputParams"]).flatMap((value) => {
    const definition = asObject(value);
    const name = asText(definition?.["name"]);
    if (!definition || !name) return [];
    return [{ name, label: asText(definition["label"]) ?? name, type: asText(definition["type"]) ?? "string", definition }];
  });
}

/** The sockets on the node's input side. */
export function inputPortsOf(node: FlowNode): Port[] {
  const anchors = asArray(node.data["inputAnchors"]).flatMap((value) => {
    const port = portOf(value);
    return port ? [port] : [];
  });
  // Steps of an agentflow take their one wire at the node itself.
  if ((node.type === "agentFlow" || node.type === "iteration") && node.data["hideInput"] !== true) {
    anchors.unshift({ id: node.id, name: "input", label: "", types: [], list: true, optional: true });
  }
  return anchors;
}

/** The outputs: of a choice among several only the chosen one, as the original canvas draws it; all ways of a fork. */
export function outputPortsOf(node: FlowNode): Port[] {
  if (node.data["hideOutput"] === true) return [];
  const chosen = asObject(node.data["outputs"]) ?? {};
  return asArray(node.data["outputAnchors"]).flatMap((value) => {
    const anchor = asObject(value);
    if (!anchor) return [];
    const options = asArray(anchor["options"]);
    if (options.length === 0) return portOf(anchor) ?? [];
    if (options.some((candidate) => asObject(candidate)?.["isAnchor"] === true)) {
      return options.flatMap((candidate) => portOf(candidate) ?? []);
    }
    const wanted = asText(chosen[asText(anchor["name"]) ?? ""]) ?? asText(anchor["default"]);
    const option = options.find((candidate) => asObject(candidate)?.["name"] === wanted) ?? options[0];
    return portOf(option) ?? [];
  });
}

/** Whether an output, or its definition, is where a failed step goes on. */
export function isErrorPort(port: unknown): boolean {
  return asObject(port)?.["name"] === "error" && (asText(asObject(port)?.["id"]) ?? "").endsWith("-output-error");
}

/** Every output a choice offers, for wires that name one which is not chosen. */
export function allOutputPortsOf(node: FlowNode): Port[] {
  return asArray(node.data["outputAnchors"]).flatMap((value) => {
    const options = asArray(asObject(value)?.["options"]);
    return (options.length === 0 ? [value] : options).flatMap((option) => portOf(option) ?? []);
  });
}

function portOf(value: unknown): Port | null {
  const anchor = asObject(value);
  const id = asText(anchor?.["id"]);
  if (!anchor || !id) return null;
  const name = asText(anchor["name"]) ?? "";
  return {
    id,
    name,
    label: asText(anchor["label"]) ?? name,
    types: typesOf(asText(anchor["type"])),
    list: anchor["list"] === true,
    optional: anchor["optional"] === true,
  };
}

function typesOf(text: string | undefined): string[] {
  return (text ?? "").split("|").flatMap((type) => type.trim() || []);
}

/**
 * A port known only from a wire that names it: settings that accept variables take wires too, and a flow
 * made by another version may name a port this node no longer lists.
 */
export function portFromHandle(node: FlowNode, handle: string, side: "input" | "output"): Port {
  const setting = paramsOf(node).find((param) => param.definition["id"] === handle);
  if (setting) return { id: handle, name: setting.name, label: setting.label, types: [], list: false, optional: true };
  const unchosen = side === "output" && allOutputPortsOf(node).find((port) => port.id === handle);
  if (unchosen) return unchosen;
  const [name = handle, types] = afterPrefix(handle, `${node.id}-${side}-`).split(/-(.*)/s);
  return { id: handle, name, label: name, types: typesOf(types), list: false, optional: true };
}

function afterPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

/** Settings that tell at a glance what a node does, the most telling first. */
const TELLING = ["modelName", "customModelName", "model", "toolName", "collectionName", "indexName", "template", "systemMessagePrompt", "text", "url", "functionName"];

/** The one value worth showing on the small card, in one line. */
export function headlineOf(node: FlowNode): string | undefined {
  const inputs = inputsOf(node);
  for (const name of TELLING) {
    const line = firstLine(asText(inputs[name]));
    if (line) return line;
  }
  return stepHeadlineOf(node, inputs);
}

function firstLine(value: string | undefined): string | undefined {
  if (!value || value.startsWith("{{") || value.startsWith("data:")) return undefined;
  return value.trim().split("\n")[0]?.slice(0, 120) || undefined;
}

/** Of a step: the model behind it, where a loop leads, how a flow begins, what is answered. */
function stepHeadlineOf(node: FlowNode, inputs: JsonObject): string | undefined {
  const model = ["llmModelConfig", "agentModelConfig", "conditionAgentModelConfig"].map((name) => firstLine(asText(asObject(inputs[name])?.["modelName"]))).find(Boolean);
  if (model) return model;
  // Kept as the id and the label of where it leads.
  const back = firstLine(asText(inputs["loopBackToNode"]));
  if (back) return `↺ ${back.replace(/^[^-]*-/, "")}`;
  const begins = asText(inputs["startInputType"]);
  const options = paramsOf(node).find((param) => param.name === "startInputType")?.definition["options"];
  const option = begins && asArray(options).map(asObject).find((one) => one?.["name"] === begins);
  if (option) return asText(option["label"]);
  return firstLine(asText(inputs["directReplyMessage"])?.replaceAll(/<[^>]+>/g, " ").trim());
}

export function noteTextOf(node: FlowNode): string {
  return asText(inputsOf(node)["note"]) ?? "";
}
