// New nodes out of the catalog, in the shape in which Flowise saves them.
import type { CatalogNode } from "~/api/types";
import { asArray, asObject, asText, type JsonObject } from "~/lib/json";
import type { FlowGraph, FlowNode, Point } from "./flow-data";

/** Types of inputs that are filled in by hand; any other type is a socket for wires. */
const FIELD_TYPES = new Set([
  "asyncOptions", "asyncMultiOptions", "options", "multiOptions", "array", "datagrid", "string", "number", "boolean", "password", "json", "code",
  "date", "file", "folder", "tabs", "conditionFunction", "timePicker", "weekDaysPicker", "monthDaysPicker", "datePicker", "credential",
]);

export function isField(type: string): boolean {
  return FIELD_TYPES.has(type);
}

/** How large an iteration is at first. */
export const ITERATION_SIZE = { width: 400, height: 250 };
export const FRAME_SIZE = { width: 520, height: 320 };

/** What a note is where the catalog has none. */
const NOTE: CatalogNode = {
  name: "stickyNote",
  label: "Sticky Note",
  version: 1,
  type: "StickyNote",
  category: "Utilities",
  baseClasses: ["StickyNote"],
  inputs: [{ label: "", name: "note", type: "string", rows: 1, optional: true }],
};

/** The first free `NAME_n` in `graph`; `taken` are further ids that are not free. */
export function freeId(name: string, graph: FlowGraph, taken?: ReadonlySet<string>): string {
  const used = new Set(graph.nodes.map((node) => node.id));
  for (let number = 0; ; number += 1) {
    const id = `${name}_${number}`;
    if (!used.has(id) && !taken?.has(id)) return id;
  }
}

export function isAgentStep(entry: { category: string }): boolean {
  return entry.category === "Agent Flows";
}

/** A node of the kind `entry`, every field at its default. */
export function makeNode(entry: CatalogNode, graph: FlowGraph, position: Point): FlowNode {
  const id = freeId(entry.name, graph);
  const step = isAgentStep(entry);
  const type = typeOf(entry);
  const { inputs: _, outputs: __, credential: ___, filePath: ____, loadMethods: _____, ...facts } = entry;
  const label = step && entry.name !== "startAgentflow" && type !== "stickyNote" ? `${entry.label} ${id.slice(entry.name.length + 1)}` : entry.label;
  const data: JsonObject = {
    ...facts,
    id,
    label,
    ...portsOf(entry, id),
    inputs: defaultsOf(entry.inputs ?? []),
    outputs: {},
    ...(entry.credential ? { credential: "" } : {}),
    selected: false,
  };
  const choice = asObject(asArray(data["outputAnchors"])[0]);
  if (choice && asArray(choice["options"]).length > 0) data["outputs"] = { [asText(choice["name"]) ?? "output"]: choice["default"] ?? "" };
  const size = type === "iteration" ? { ...ITERATION_SIZE, style: { ...ITERATION_SIZE } } : { width: 300, height: 100 };
  return { id, type, position: { x: Math.round(position.x), y: Math.round(position.y) }, data, extra: { ...size, selected: false } };
}

/** A note; with `frame`, one that draws a box around others. Programs that know no frames show it as a note. */
export function makeNote(entry: CatalogNode | undefined, graph: FlowGraph, position: Point, text: string, frame?: { width: number; height: number }): FlowNode {
  const node = makeNode({ ...(entry ?? NOTE) }, graph, position);
  return {
    ...node,
    type: "stickyNote",
    data: { ...node.data, inputs: { ...asObject(node.data["inputs"]), note: text }, ...(frame ? { frame } : {}) },
    extra: { ...node.extra, ...(frame ?? { width: 240, height: 120 }) },
  };
}

function typeOf(entry: CatalogNode): string {
  if (entry.name.startsWith("stickyNote")) return "stickyNote";
  if (entry.name === "iterationAgentflow") return "iteration";
  return isAgentStep(entry) ? "agentFlow" : "customNode";
}

/** The sockets, fields and outputs of `entry` for the node `id`. */
export function portsOf(entry: CatalogNode, id: string): { inputAnchors: JsonObject[]; inputParams: JsonObject[]; outputAnchors: JsonObject[] } {
  const inputs = (entry.inputs ?? []).map((input) => ({ ...input, id: `${id}-input-${String(input["name"])}-${String(input["type"])}` }) as JsonObject);
  const fields = inputs.filter((input) => isField(String(input["type"])));
  const credential = entry.credential && { ...entry.credential, id: `${id}-input-${String(entry.credential["name"])}-${String(entry.credential["type"])}` };
  return {
    inputAnchors: inputs.filter((input) => !isField(String(input["type"]))),
    inputParams: credential ? [credential, ...fields] : fields,
    outputAnchors: outputsOf(entry, id),
  };
}

function outputsOf(entry: CatalogNode, id: string): JsonObject[] {
  if (entry.hideOutput || entry.name.startsWith("stickyNote")) return [];
  const outputs = entry.outputs ?? [];
  if (isAgentStep(entry)) {
    if (outputs.length > 0) return outputs.map((_, index) => stepOutput(id, index, entry.label, entry.name));
    return [{ id: `${id}-output-${entry.name}`, label: entry.label, name: entry.name }];
  }
  if (outputs.length > 0) {
    const options = outputs.map((output) => {
      const name = asText(output["name"]) ?? "output";
      const classes = asArray(output["baseClasses"]).filter((value) => typeof value === "string");
      return {
        id: `${id}-output-${name}-${classes.join("|")}`,
        name,
        label: asText(output["label"]) ?? name,
        description: asText(output["description"]) ?? "",
        type: classes.join(" | "),
        ...(output["isAnchor"] === undefined ? {} : { isAnchor: output["isAnchor"] }),
        ...(output["hidden"] === undefined ? {} : { hidden: output["hidden"] }),
      };
    });
    return [{ name: "output", label: "Output", type: "options", description: "", options, default: options[0]?.name ?? "" }];
  }
  const classes = entry.baseClasses ?? [];
  return [{ id: `${id}-output-${entry.name}-${classes.join("|")}`, name: entry.name, label: entry.type ?? entry.label, description: entry.description ?? "", type: classes.join(" | ") }];
}

/** One way out of a step that decides. */
export function stepOutput(id: string, index: number, label: string, name: string): JsonObject {
  return { id: `${id}-output-${index}`, label, name };
}

/** Every input at its default, or empty. */
export function defaultsOf(inputs: readonly JsonObject[]): JsonObject {
  return Object.fromEntries(inputs.map((input) => [String(input["name"]), structuredClone(input["default"] ?? "")]));
}
