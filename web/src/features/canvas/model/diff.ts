// What differs between two states of a flow: nodes, wires, and single fields.
import type { FlowGraph, FlowNode } from "./flow-data";
import { indexOf } from "./graph-index";
import { inputsOf, kindOf, labelOf, paramsOf } from "./node-data";

export interface FieldDiff {
  name: string;
  label: string;
  before: string;
  after: string;
}

export interface NodeDiff {
  id: string;
  label: string;
  kind: "added" | "removed" | "changed" | "moved";
  fields: FieldDiff[];
}

export interface FlowDiff {
  nodes: NodeDiff[];
  /** Wires as pairs of labels. */
  wiresAdded: [string, string][];
  wiresRemoved: [string, string][];
}

/** Names whose values are not shown. */
export const SECRET = /api[-_ ]?key|secret|passw|token|bearer|authorization/i;

export function diffOf(before: FlowGraph, after: FlowGraph): FlowDiff {
  const [old, now] = [indexOf(before).nodes, indexOf(after).nodes];
  const nodes: NodeDiff[] = [];
  for (const [id, node] of now) {
    const earlier = old.get(id);
    if (!earlier) nodes.push({ id, label: labelOf(node), kind: "added", fields: [] });
    else if (earlier !== node) {
      const fields = fieldDiffs(earlier, node);
      const moved = earlier.position?.x !== node.position?.x || earlier.position?.y !== node.position?.y;
      if (fields.length > 0) nodes.push({ id, label: labelOf(node), kind: "changed", fields });
      else if (moved) nodes.push({ id, label: labelOf(node), kind: "moved", fields: [] });
    }
  }
  for (const [id, node] of old) if (!now.has(id)) nodes.push({ id, label: labelOf(node), kind: "removed", fields: [] });
  return { nodes, wiresAdded: wiresOnlyIn(after, before), wiresRemoved: wiresOnlyIn(before, after) };
}

export function isSame(diff: FlowDiff): boolean {
  return diff.nodes.length + diff.wiresAdded.length + diff.wiresRemoved.length === 0;
}

function fieldDiffs(before: FlowNode, after: FlowNode): FieldDiff[] {
  const params = new Map([...paramsOf(before), ...paramsOf(after)].map((param) => [param.name, param]));
  const anchored = new Set([...inputNames(before), ...inputNames(after)].filter((name) => !params.has(name)));
  const [old, now] = [inputsOf(before), inputsOf(after)];
  const names = new Set([...Object.keys(old), ...Object.keys(now)]);
  const found: FieldDiff[] = [];
  if (labelOf(before) !== labelOf(after)) found.push({ name: "label", label: kindOf(after) === "note" ? "" : "label", before: labelOf(before), after: labelOf(after) });
  for (const name of names) {
    // What a wire brings is told with the wires.
    if (anchored.has(name) || name === "FLOWISE_CREDENTIAL_ID") continue;
    const [a, b] = [asShown(old[name]), asShown(now[name])];
    if (a === b) continue;
    const param = params.get(name);
    const hidden = param?.type === "password" || SECRET.test(name);
    found.push({ name, label: param?.label ?? name, before: hidden ? mask(a) : a, after: hidden ? mask(b) : b });
  }
  const [credential, chosen] = [asShown(before.data["credential"]), asShown(after.data["credential"])];
  if (credential !== chosen) found.push({ name: "credential", label: params.get("credential")?.label ?? "credential", before: mask(credential), after: mask(chosen) });
  const [given, gives] = [asShown(before.data["outputs"]), asShown(after.data["outputs"])];
  const [held, holds] = [asShown(before.data["envelope"]), asShown(after.data["envelope"])];
  if (held !== holds) found.push({ name: "envelope", label: "envelope", before: held, after: holds });
  if (given !== gives) found.push({ name: "outputs", label: "output", before: given, after: gives });
  return found;
}

function inputNames(node: FlowNode): string[] {
  const values = Object.entries(inputsOf(node));
  return values.filter(([, value]) => /\.data\.instance\}\}/.test(typeof value === "string" ? value : JSON.stringify(value ?? ""))).map(([name]) => name);
}

export function asShown(value: unknown): string {
  if (value === undefined || value === null || value === "") return "";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

function mask(text: string): string {
  return text ? "••••••" : "";
}

function wiresOnlyIn(graph: FlowGraph, other: FlowGraph): [string, string][] {
  const key = (edge: FlowGraph["edges"][number]) => JSON.stringify([edge.source, edge.sourceHandle, edge.target, edge.targetHandle]);
  const known = new Set(other.edges.map(key));
  const { nodes } = indexOf(graph);
  const name = (id: string) => {
    const node = nodes.get(id);
    return node ? labelOf(node) : id;
  };
  return graph.edges.filter((edge) => !known.has(key(edge))).map((edge) => [name(edge.source), name(edge.target)]);
}
