// Fragments of a flow as text: copied here, pasted into any flow, also one on another server.
import type { CatalogNode } from "~/api/types";
import { asArray, asObject, asText, type JsonObject, parseJson } from "~/lib/json";
import { isStep, type Wire } from "./connect";
import { type FlowEdge, FlowDataError, type FlowGraph, type FlowNode, parseFlowData, type Point, toFlowData } from "./flow-data";
import { freeId } from "./make-node";
import { kindOf, nameOf, outputPortsOf, parentOf, sizeOf } from "./node-data";

const TAG = "flowstone-fragment";

/** Under this name a fragment tells of the wires that led into it from outside. */
const INCOMING = "incoming";

/** The nodes `ids` of `graph`, what their frames hold, and the wires among them and into them, as text for the clipboard. */
export function copyText(graph: FlowGraph, ids: ReadonlySet<string>): string {
  const all = new Set(ids);
  for (const node of graph.nodes) if (all.has(parentOf(node) ?? "")) all.add(node.id);
  const nodes = graph.nodes.filter((node) => all.has(node.id));
  const edges = graph.edges.filter((edge) => all.has(edge.source) && all.has(edge.target));
  const incoming = graph.edges.filter((edge) => all.has(edge.target) && !all.has(edge.source)).map(({ source, sourceHandle, target, targetHandle }) => ({ source, sourceHandle, target, targetHandle }));
  return JSON.stringify({ kind: TAG, ...toFlowData({ nodes, edges, unread: [], extra: {} }), [INCOMING]: incoming });
}

/** The graph in a copied text: a fragment of ours, a Flowise export, or anything with nodes; null when it is none. */
export function fragmentIn(text: string): FlowGraph | null {
  if (!text.trimStart().startsWith("{")) return null;
  const value = asObject(parseJson(text));
  const inner = asText(value?.["flowData"]);
  try {
    const graph = parseFlowData(inner ?? text);
    return graph.nodes.length > 0 ? graph : null;
  } catch (error) {
    if (error instanceof FlowDataError) return null;
    throw error;
  }
}

/**
 * A whole agentflow as a fragment for a flow that has a Start already: without its own. Where the flow's Start leads nowhere
 * yet, it takes over where the other led.
 */
export function withoutStart(fragment: FlowGraph, graph: FlowGraph): FlowGraph {
  const [theirs, ours] = [fragment, graph].map(({ nodes }) => nodes.find((node) => nameOf(node) === "startAgentflow"));
  if (!theirs || !ours) return fragment;
  const isFree = !graph.edges.some((edge) => edge.source === ours.id);
  const handle = outputPortsOf(ours)[0]?.id;
  const led = isFree && handle ? fragment.edges.filter((edge) => edge.source === theirs.id) : [];
  return {
    ...fragment,
    nodes: fragment.nodes.filter((node) => node !== theirs),
    edges: fragment.edges.filter((edge) => edge.source !== theirs.id),
    extra: { ...fragment.extra, [INCOMING]: led.map(({ target, targetHandle }) => ({ source: ours.id, sourceHandle: handle, target, targetHandle })) },
  };
}

export interface Pasted {
  nodes: FlowNode[];
  edges: FlowEdge[];
  /** The wires that led into the fragment, leading to what was pasted; whether they fit here is not said. */
  incoming: Wire[];
  /** Labels of nodes that were left out, because this kind of flow cannot hold them or may hold only one. */
  leftOut: string[];
}

/** What pasting `fragment` into `graph` adds: new ids, with every mention of the old ones rewritten; its upper left corner at `at`. */
export function pasted(graph: FlowGraph, fragment: FlowGraph, at: Point, isAgentflow: boolean): Pasted {
  const leftOut: string[] = [];
  const kept = fragment.nodes.filter((node) => {
    const wrongKind = (kindOf(node) === "node" || kindOf(node) === "frame") && isStep(node) !== isAgentflow;
    const secondStart = nameOf(node) === "startAgentflow" && graph.nodes.some((one) => nameOf(one) === "startAgentflow");
    if (wrongKind || secondStart) leftOut.push(asText(node.data["label"]) ?? node.id);
    return !wrongKind && !secondStart;
  });
  const ids = new Map<string, string>();
  const taken = new Set<string>();
  for (const node of kept) {
    const next = freeId(nameOf(node) || node.id.replace(/_\d+$/, ""), graph, taken);
    taken.add(next);
    ids.set(node.id, next);
  }
  const tops = kept.filter((node) => !ids.has(parentOf(node) ?? ""));
  const left = Math.min(...tops.map((node) => node.position?.x ?? 0));
  const top = Math.min(...tops.map((node) => node.position?.y ?? 0));
  const nodes = kept.map((node): FlowNode => {
    const id = ids.get(node.id) ?? node.id;
    const inside = ids.get(parentOf(node) ?? "");
    const place = node.position ?? { x: 0, y: 0 };
    const position = inside ? place : { x: Math.round(place.x - left + at.x), y: Math.round(place.y - top + at.y) };
    const { parentNode: _, parentId: __, extent: ___, positionAbsolute: ____, selected: _____, dragging: ______, ...extra } = node.extra;
    const data = numberedAs(id, node, withoutStrangers(renamed(node.data, ids) as JsonObject, ids, node));
    return { id, type: node.type, position, data, extra: { ...extra, ...(inside ? { parentNode: inside, extent: "parent" } : {}) } };
  });
  const edges = fragment.edges
    .filter((edge) => ids.has(edge.source) && ids.has(edge.target))
    .map((edge): FlowEdge => {
      const { id, ...ends } = renamed({ ...edge, extra: undefined }, ids) as unknown as FlowEdge;
      return { id, source: ends.source, target: ends.target, sourceHandle: ends.sourceHandle, targetHandle: ends.targetHandle, extra: { ...edge.extra, selected: false } };
    });
  return { nodes, edges, incoming: incomingOf(fragment, ids), leftOut };
}

function incomingOf(fragment: FlowGraph, ids: ReadonlyMap<string, string>): Wire[] {
  return asArray(fragment.extra[INCOMING]).flatMap((entry) => {
    const wire = asObject(entry);
    const [source, sourceHandle, target, targetHandle] = ["source", "sourceHandle", "target", "targetHandle"].map((key) => asText(wire?.[key]));
    const pastedId = ids.get(target ?? "");
    if (!source || !sourceHandle || !targetHandle || !pastedId) return [];
    return [{ source, sourceHandle, target: pastedId, targetHandle: renamed(targetHandle, ids) as string }];
  });
}

/** A label that ends in the number of the old id ends in that of the new one: two nodes of one flow are not called the same. */
function numberedAs(id: string, node: FlowNode, data: JsonObject): JsonObject {
  const [before, after] = [/_(\d+)$/.exec(node.id)?.[1], /_(\d+)$/.exec(id)?.[1]];
  const label = asText(data["label"]);
  if (!before || !after || before === after || !label?.endsWith(` ${before}`)) return data;
  return { ...data, label: `${label.slice(0, -before.length)}${after}` };
}

/** About how much room a fragment takes. */
export function roomFor(fragment: FlowGraph): { width: number; height: number } {
  const tops = fragment.nodes.filter((node) => !parentOf(node));
  const far = (axis: "x" | "y", size: (node: FlowNode) => number) => Math.max(0, ...tops.map((node) => (node.position?.[axis] ?? 0) + size(node))) - Math.min(...tops.map((node) => node.position?.[axis] ?? 0));
  return tops.length === 0 ? { width: 0, height: 0 } : { width: far("x", (node) => sizeOf(node).width ?? 264), height: far("y", (node) => sizeOf(node).height ?? 116) };
}

/** Every text in `value` with the old ids replaced, where one stands as a whole: at the start of a handle or inside braces. */
function renamed(value: unknown, ids: ReadonlyMap<string, string>): unknown {
  const changed = [...ids].filter(([before, after]) => before !== after);
  if (changed.length === 0) return structuredClone(value);
  const names = changed.map(([before]) => before.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).toSorted((a, b) => b.length - a.length);
  const pattern = new RegExp(`(?<![\\w.])(?:${names.join("|")})(?![A-Za-z0-9_])`, "g");
  const walk = (inner: unknown): unknown => {
    // Files kept in the flow are long and name nobody.
    if (typeof inner === "string") return inner.startsWith("data:") ? inner : inner.replace(pattern, (found) => ids.get(found) ?? found);
    if (Array.isArray(inner)) return inner.map(walk);
    const fields = asObject(inner);
    return fields ? Object.fromEntries(Object.entries(fields).map(([key, one]) => [key, walk(one)])) : inner;
  };
  return walk(value);
}

/** `node` under its name in `ids`, where it has one, and with every mention of the others rewritten. */
export function renamedNode(node: FlowNode, ids: ReadonlyMap<string, string>): FlowNode {
  const extra = Object.fromEntries(Object.entries(node.extra).map(([key, value]) => [key, (key === "parentNode" || key === "parentId") && typeof value === "string" ? (ids.get(value) ?? value) : value]));
  return { ...node, id: ids.get(node.id) ?? node.id, data: renamed(node.data, ids) as JsonObject, extra };
}

export function renamedWire(edge: FlowEdge, ids: ReadonlyMap<string, string>): FlowEdge {
  const { extra, ...ends } = edge;
  return { ...(renamed(ends, ids) as Omit<FlowEdge, "extra">), extra };
}

/** Marks of wires whose other end was not copied are taken out. */
function withoutStrangers(data: JsonObject, ids: ReadonlyMap<string, string>, node: FlowNode): JsonObject {
  const inputs = asObject(data["inputs"]);
  if (!inputs || isStep(node)) return data;
  const known = new Set(ids.values());
  const isStrange = (value: unknown) => {
    const source = typeof value === "string" ? /^\{\{(.+)\.data\.instance\}\}$/.exec(value)?.[1] : undefined;
    return source !== undefined && !known.has(source);
  };
  const anchors = new Set(asArray(data["inputAnchors"]).map((anchor) => asText(asObject(anchor)?.["name"])));
  const cleaned = Object.entries(inputs).map(([name, value]) => {
    if (!anchors.has(name)) return [name, value];
    if (Array.isArray(value)) return [name, value.filter((entry) => !isStrange(entry))];
    return [name, isStrange(value) ? "" : value];
  });
  return { ...data, inputs: Object.fromEntries(cleaned) as JsonObject };
}

/** Labels of nodes in `fragment` that the server does not have. */
export function unknownIn(fragment: FlowGraph, catalog: readonly CatalogNode[]): string[] {
  const names = new Set(catalog.map((entry) => entry.name));
  return fragment.nodes.filter((node) => kindOf(node) === "node" && !names.has(nameOf(node))).map((node) => asText(node.data["label"]) ?? node.id);
}
