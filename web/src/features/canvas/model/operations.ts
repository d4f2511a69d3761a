// Every way to change a graph: each gives a new graph and leaves the old one as it was.
import { groupedBy } from "~/lib/group";
import { asArray, asObject, asText, type JsonObject } from "~/lib/json";
import { checkWire, findInput, findOutput, isStep, type Wire } from "./connect";
import type { FlowEdge, FlowGraph, FlowNode, Point } from "./flow-data";
import { indexOf } from "./graph-index";
import { ITERATION_SIZE, stepOutput } from "./make-node";
import { inputsOf, isErrorPort, labelOf, nameOf, parentOf, sizeOf } from "./node-data";
import { edgeKeys } from "./store";

/** `graph` with `change` made to each node of `ids`. */
export function mapNodes(graph: FlowGraph, ids: Iterable<string>, change: (node: FlowNode) => FlowNode): FlowGraph {
  const wanted = new Set(ids);
  let touched = false;
  const nodes = graph.nodes.map((node) => {
    if (!wanted.has(node.id)) return node;
    const next = change(node);
    touched ||= next !== node;
    return next;
  });
  return touched ? { ...graph, nodes } : graph;
}

export function addNodes(graph: FlowGraph, nodes: readonly FlowNode[], edges: readonly FlowEdge[] = []): FlowGraph {
  return { ...graph, nodes: [...graph.nodes, ...nodes], edges: edges.length > 0 ? [...graph.edges, ...edges] : graph.edges };
}

export function moveNodes(graph: FlowGraph, places: ReadonlyMap<string, Point>): FlowGraph {
  return mapNodes(graph, places.keys(), (node) => {
    const place = places.get(node.id);
    if (!place) return node;
    const x = Math.round(place.x);
    const y = Math.round(place.y);
    if (node.position?.x === x && node.position.y === y) return node;
    // What Flowise keeps beside the place would contradict it.
    const { positionAbsolute: _, ...extra } = node.extra;
    return { ...node, position: { x, y }, extra };
  });
}

export function setLabel(graph: FlowGraph, id: string, label: string): FlowGraph {
  return mapNodes(graph, [id], (node) => (labelOf(node) === label ? node : withData(node, { label })));
}

function withData(node: FlowNode, data: JsonObject): FlowNode {
  return { ...node, data: { ...node.data, ...data } };
}

/** Sets fields of a node; the ways out of a step that decides follow its list of conditions. */
export function setInputs(graph: FlowGraph, id: string, values: JsonObject): FlowGraph {
  const node = indexOf(graph).nodes.get(id);
  if (!node) return graph;
  const before = inputsOf(node);
  if (Object.entries(values).every(([name, value]) => before[name] === value)) return graph;
  const next = withData(node, { inputs: { ...before, ...values } });
  return withWaysOut(mapNodes(graph, [id], () => next), next);
}

/** Flowise reads the credential beside the inputs, and among them in agentflows. */
export function setCredential(graph: FlowGraph, id: string, credential: string): FlowGraph {
  return mapNodes(graph, [id], (node) => withData(node, { credential, inputs: { ...inputsOf(node), FLOWISE_CREDENTIAL_ID: credential } }));
}

/** Chooses which of several outputs a node gives; wires at another output come loose. */
export function setOutput(graph: FlowGraph, id: string, name: string): FlowGraph {
  const node = indexOf(graph).nodes.get(id);
  if (!node) return graph;
  const group = asText(asObject(asArray(node.data["outputAnchors"])[0])?.["name"]) ?? "output";
  const chosen = mapNodes(graph, [id], (one) => withData(one, { outputs: { ...asObject(one.data["outputs"]), [group]: name } }));
  const after = indexOf(chosen).nodes.get(id);
  if (!after) return chosen;
  return withoutWires(chosen, (edge) => edge.source === id && findOutput(after, edge.sourceHandle ?? "").name !== name);
}

export function resizeNode(graph: FlowGraph, id: string, size: { width: number; height: number }): FlowGraph {
  const width = Math.round(size.width);
  const height = Math.round(size.height);
  return mapNodes(graph, [id], (node) => {
    const frame = asObject(node.data["frame"]) ? { frame: { width, height } } : {};
    const style = asObject(node.extra["style"]) ? { style: { ...asObject(node.extra["style"]), width, height } } : {};
    return { ...withData(node, frame), extra: { ...node.extra, width, height, ...style } };
  });
}

/** Makes the frame `id` as large as it takes to hold `box`, whose place is relative to it. */
export function holding(graph: FlowGraph, id: string, box: { x: number; y: number; width: number; height: number }): FlowGraph {
  const frame = indexOf(graph).nodes.get(id);
  if (!frame) return graph;
  const size = sizeOf(frame);
  const [width, height] = [Math.max(size.width ?? 0, box.x + box.width + MARGIN), Math.max(size.height ?? 0, box.y + box.height + MARGIN)];
  return width === size.width && height === size.height ? graph : resizeNode(graph, id, { width, height });
}

/** Between what a frame holds and its border. */
const MARGIN = 24;

/** Puts a node into a frame, or out of it; `position` is relative to the new holder. */
export function setParent(graph: FlowGraph, id: string, parent: string | undefined, position: Point): FlowGraph {
  const moved = mapNodes(graph, [id], (node) => {
    const { parentNode: _, parentId: __, extent: ___, positionAbsolute: ____, ...extra } = node.extra;
    return { ...node, position: { x: Math.round(position.x), y: Math.round(position.y) }, extra: parent ? { ...extra, parentNode: parent, extent: "parent" } : extra };
  });
  // Wires do not cross a frame's border.
  const { nodes } = indexOf(moved);
  return withoutWires(moved, (edge) => {
    const [source, target] = [nodes.get(edge.source), nodes.get(edge.target)];
    return (edge.source === id || edge.target === id) && source !== undefined && target !== undefined && parentOf(source) !== parentOf(target);
  });
}

/** Takes a node out of its frame, to a place below it. */
export function takenOut(graph: FlowGraph, id: string): FlowGraph {
  const { nodes } = indexOf(graph);
  const node = nodes.get(id);
  const frame = node && nodes.get(parentOf(node) ?? "");
  if (!node || !frame) return graph;
  const [at, place] = [frame.position ?? ORIGIN, node.position ?? ORIGIN];
  return setParent(graph, id, parentOf(frame), { x: at.x + place.x, y: at.y + (sizeOf(frame).height ?? ITERATION_SIZE.height) + 2 * MARGIN });
}

const ORIGIN: Point = { x: 0, y: 0 };

/** Flowise's own mark in an input for what a wire brings. */
export function instanceOf(id: string): string {
  return `{{${id}.data.instance}}`;
}

/** Lays a wire; a socket that takes only one lets go of the one it has. The graph as it is when the wire is illegal. */
export function connect(graph: FlowGraph, wire: Wire): FlowGraph {
  const check = checkWire(graph, wire);
  if (!check.ok) return graph;
  const { replaces } = check;
  const cleared = replaces ? withoutWires(graph, (edge) => edge === replaces) : graph;
  const { nodes } = indexOf(cleared);
  const [source, target] = [nodes.get(wire.source), nodes.get(wire.target)];
  if (!source || !target) return graph;
  const wired = { ...cleared, edges: [...cleared.edges, makeEdge(source, wire)] };
  if (isStep(target)) return wired;
  const port = findInput(target, wire.targetHandle);
  const before = inputsOf(target)[port.name];
  const isParam = asArray(target.data["inputParams"]).some((param) => asObject(param)?.["name"] === port.name);
  if (isParam) return wired;
  const value = port.list ? [...asArray(before), instanceOf(source.id)] : instanceOf(source.id);
  return mapNodes(wired, [target.id], (node) => withData(node, { inputs: { ...inputsOf(node), [port.name]: value } }));
}

export function makeEdge(source: FlowNode, { source: from, sourceHandle, target, targetHandle }: Wire): FlowEdge {
  const id = `${from}-${sourceHandle}-${target}-${targetHandle}`;
  const ends = { id, source: from, sourceHandle, target, targetHandle };
  if (!isStep(source)) return { ...ends, extra: { type: "buttonedge" } };
  const isHumanInput = nameOf(source) === "humanInputAgentflow";
  const way = Number(/-output-(\d+)$/.exec(sourceHandle)?.[1] ?? Number.NaN);
  const isError = sourceHandle.endsWith("-output-error");
  const edgeLabel = isError ? { edgeLabel: "error" } : Number.isNaN(way) ? {} : { edgeLabel: isHumanInput ? (way === 0 ? "proceed" : "reject") : String(way) };
  return { ...ends, extra: { type: "agentFlow", data: { sourceColor: source.data["color"] ?? "#7a8599", targetColor: "#7a8599", ...edgeLabel, isHumanInput } } };
}

/** Takes away the wires that `edgeKeys` calls so. */
export function disconnect(graph: FlowGraph, keys: ReadonlySet<string>): FlowGraph {
  const names = edgeKeys(graph);
  const doomed = new Set(graph.edges.filter((_, index) => keys.has(names[index] ?? "")));
  return withoutWires(graph, (edge) => doomed.has(edge));
}

/** `graph` without the wires that `isDoomed` says. */
export function withoutWires(graph: FlowGraph, isDoomed: (edge: FlowEdge) => boolean): FlowGraph {
  const doomed = graph.edges.filter(isDoomed);
  if (doomed.length === 0) return graph;
  const gone = new Set(doomed);
  const kept = { ...graph, edges: graph.edges.filter((edge) => !gone.has(edge)) };
  const byTarget = groupedBy(doomed, (edge) => edge.target);
  return mapNodes(kept, byTarget.keys(), (node) => (byTarget.get(node.id) ?? []).reduce(withoutInstance, node));
}

/** The target's input names what `edge` brings, where it does not yet. */
export function withInstance(graph: FlowGraph, edge: FlowEdge): FlowGraph {
  return mapNodes(graph, [edge.target], (node) => {
    if (isStep(node)) return node;
    const { name, list } = findInput(node, edge.targetHandle ?? "");
    const isParam = asArray(node.data["inputParams"]).some((param) => asObject(param)?.["name"] === name);
    const before = inputsOf(node)[name];
    const mark = instanceOf(edge.source);
    if (isParam || (Array.isArray(before) ? before.includes(mark) : before === mark)) return node;
    return withData(node, { inputs: { ...inputsOf(node), [name]: list ? [...asArray(before), mark] : mark } });
  });
}

/** What a lost wire brought is taken out of the target's input. */
function withoutInstance(node: FlowNode, edge: FlowEdge): FlowNode {
  if (isStep(node)) return node;
  const { name } = findInput(node, edge.targetHandle ?? "");
  const inputs = inputsOf(node);
  const value = inputs[name];
  const mark = instanceOf(edge.source);
  if (Array.isArray(value)) {
    const at = value.indexOf(mark);
    return at < 0 ? node : withData(node, { inputs: { ...inputs, [name]: value.toSpliced(at, 1) } });
  }
  if (typeof value !== "string" || !value.includes(mark)) return node;
  return withData(node, { inputs: { ...inputs, [name]: value.replace(mark, "") } });
}

/** Takes nodes away, with all inside frames among them and every wire at them; `heal` joins the ends where one led in and one out. */
export function removeNodes(graph: FlowGraph, ids: Iterable<string>, heal = false): FlowGraph {
  const doomed = new Set(ids);
  for (let before = -1; before !== doomed.size; ) {
    before = doomed.size;
    for (const node of graph.nodes) if (doomed.has(parentOf(node) ?? "")) doomed.add(node.id);
  }
  const bridges = heal ? bridgesOver(graph, doomed) : [];
  const loose = withoutWires(graph, (edge) => doomed.has(edge.source) || doomed.has(edge.target));
  const left = { ...loose, nodes: loose.nodes.filter((node) => !doomed.has(node.id)) };
  return bridges.reduce(connect, left.nodes.length === graph.nodes.length ? graph : left);
}

function bridgesOver(graph: FlowGraph, doomed: ReadonlySet<string>): Wire[] {
  const { incoming, outgoing } = indexOf(graph);
  return [...doomed].flatMap((id) => {
    const [into, ...moreIn] = incoming.get(id) ?? [];
    const [out, ...moreOut] = outgoing.get(id) ?? [];
    if (!into || !out || moreIn.length > 0 || moreOut.length > 0 || doomed.has(into.source) || doomed.has(out.target)) return [];
    if (!into.sourceHandle || !out.targetHandle) return [];
    return [{ source: into.source, sourceHandle: into.sourceHandle, target: out.target, targetHandle: out.targetHandle }];
  });
}

/** Steps whose ways out are counted by one of their lists; a condition has one more for "else". */
const DECIDING: Record<string, { list: string; more: number }> = {
  conditionAgentflow: { list: "conditions", more: 1 },
  conditionAgentAgentflow: { list: "conditionAgentScenarios", more: 0 },
};

function withWaysOut(graph: FlowGraph, node: FlowNode): FlowGraph {
  const rule = DECIDING[nameOf(node)];
  if (!rule) return graph;
  const count = asArray(inputsOf(node)[rule.list]).length + rule.more;
  const all = asArray(node.data["outputAnchors"]);
  const anchors = all.filter((anchor) => !isErrorPort(anchor));
  if (count === anchors.length) return graph;
  const { label, name } = asObject(anchors[0]) ?? { label: labelOf(node), name: nameOf(node) };
  const ways = Array.from({ length: count }, (_, index) => anchors[index] ?? stepOutput(node.id, index, String(label), String(name)));
  const outputAnchors = [...ways, ...all.filter(isErrorPort)];
  const ids = new Set(outputAnchors.map((anchor) => asObject(anchor)?.["id"]));
  const next = mapNodes(graph, [node.id], (one) => withData(one, { outputAnchors }));
  return withoutWires(next, (edge) => edge.source === node.id && !ids.has(edge.sourceHandle ?? ""));
}

/** Which fields a card shows besides its headline; kept with the node. */
export function pinnedOf(node: FlowNode): string[] {
  return asArray(asObject(node.data["flowstone"])?.["pinned"]).filter((name) => typeof name === "string");
}

export const MOST_PINNED = 3;

export function togglePinned(graph: FlowGraph, id: string, name: string): FlowGraph {
  return mapNodes(graph, [id], (node) => {
    const before = pinnedOf(node);
    if (!before.includes(name) && before.length >= MOST_PINNED) return node;
    const pinned = before.includes(name) ? before.filter((other) => other !== name) : [...before, name];
    return withData(node, { flowstone: { ...asObject(node.data["flowstone"]), pinned } });
  });
}

/** A list socket's wires in another order: `from` and `to` are places in the list. */
export function reorderList(graph: FlowGraph, id: string, name: string, from: number, to: number): FlowGraph {
  return mapNodes(graph, [id], (node) => {
    const list = asArray(inputsOf(node)[name]);
    if (from === to || list[from] === undefined || to < 0 || to >= list.length) return node;
    const moved = list.toSpliced(from, 1).toSpliced(to, 0, list[from]);
    return withData(node, { inputs: { ...inputsOf(node), [name]: moved } });
  });
}
