// The graph as the canvas draws it, with what is wrong in it. Pure: no React, no DOM.
import { nodeIconUrl } from "~/api/client";
import type { CatalogNode } from "~/api/types";
import { hueOfTypes, type Hue, type Look, lookOf } from "~/design/categories";
import { asObject, asText } from "~/lib/json";
import type { FlowEdge, FlowGraph, FlowNode, Point } from "./flow-data";
import { layered } from "./layout";
import { categoryOf, headlineOf, inputPortsOf, inputsOf, kindOf, labelOf, nameOf, type NodeKind, outputPortsOf, parentOf, type Port, portFromHandle, sizeOf } from "./node-data";
import { edgeKeys } from "./store";
import { type Problem, problemsOf } from "./validate";

export const CARD_WIDTH = 264;
const HEADER_HEIGHT = 64;
const ROW_HEIGHT = 24;
const NOTE_WIDTH = 260;

export interface PortView extends Port {
  hue: Hue;
  connected: boolean;
}

export interface NodeView {
  id: string;
  kind: NodeKind;
  label: string;
  /** What it is in the catalog's words, such as "OpenAI" for a node renamed to "Judge". */
  typeLabel: string;
  headline: string | undefined;
  look: Look;
  /** Address of the node's own icon, when the server has one. */
  icon: string | undefined;
  inputs: PortView[];
  outputs: PortView[];
  position: Point;
  parentId: string | undefined;
  width: number | undefined;
  height: number | undefined;
  /** The server's catalog has no such node. */
  unknown: boolean;
  /** The catalog's version, where it is newer than the saved one. */
  newerVersion: number | undefined;
  problems: Problem[];
  node: FlowNode;
}

export interface EdgeView {
  id: string;
  source: string;
  target: string;
  sourceHandle: string | null;
  targetHandle: string | null;
  hue: Hue;
  /** Says what comes next, not what is handed on. */
  step: boolean;
  label: string | undefined;
}

export interface ViewGraph {
  nodes: NodeView[];
  edges: EdgeView[];
  problems: Problem[];
}

/** What was drawn before; what did not change is given again as the same object, so that nothing draws it anew. */
export interface ViewCache {
  nodes: Map<string, { key: string; node: FlowNode; entry: CatalogNode | undefined; view: NodeView }>;
  edges: Map<string, EdgeView>;
}

export function emptyCache(): ViewCache {
  return { nodes: new Map(), edges: new Map() };
}

/** `catalog` tells which nodes the server has; without it no node counts as unknown. */
export function viewOf(graph: FlowGraph, catalog: readonly CatalogNode[] | undefined, cache: ViewCache = emptyCache()): ViewGraph {
  const problems: Problem[] = graph.unread.map(() => ({ code: "brokenPart", severity: "warning" }));
  const nodes = distinct(graph.nodes, problems);
  const wires = connected(graph, nodes, problems);
  const known = catalog && byName(catalog);
  const handles = handlesOf(wires);
  const views = [...nodes.values()].map((node) => cachedView(node, handles, known, cache));
  for (const id of cache.nodes.keys()) if (!nodes.has(id)) cache.nodes.delete(id);
  place(views, wires, problems);
  for (const view of views) problems.push(...view.problems);
  return { nodes: parentsFirst(views), edges: edgeViews(wires, views, cache), problems };
}

const catalogs = new WeakMap<readonly CatalogNode[], Map<string, CatalogNode>>();

/** The catalog by name, made once. */
export function byName(catalog: readonly CatalogNode[]): Map<string, CatalogNode> {
  const found = catalogs.get(catalog);
  if (found) return found;
  const made = new Map(catalog.map((entry) => [entry.name, entry]));
  catalogs.set(catalog, made);
  return made;
}

interface KeyedWire extends FlowEdge {
  key: string;
}

interface Handles {
  incoming: Map<string, string[]>;
  outgoing: Map<string, string[]>;
}

function handlesOf(wires: readonly FlowEdge[]): Handles {
  const [incoming, outgoing] = [new Map<string, string[]>(), new Map<string, string[]>()];
  const add = (map: Map<string, string[]>, id: string, handle: string | null | undefined) => {
    if (handle) map.set(id, [...(map.get(id) ?? []), handle]);
  };
  for (const edge of wires) {
    add(incoming, edge.target, edge.targetHandle);
    add(outgoing, edge.source, edge.sourceHandle);
  }
  return { incoming, outgoing };
}

function cachedView(node: FlowNode, handles: Handles, known: ReadonlyMap<string, CatalogNode> | undefined, cache: ViewCache): NodeView {
  const incoming = handles.incoming.get(node.id) ?? [];
  const outgoing = handles.outgoing.get(node.id) ?? [];
  const entry = known?.get(nameOf(node));
  const key = `${known ? known.size : -1}|${incoming.join("\n")}|${outgoing.join("\n")}`;
  const before = cache.nodes.get(node.id);
  if (before?.node === node && before.key === key && before.entry === entry) return before.view;
  const view = nodeView(node, incoming, outgoing, entry, known);
  cache.nodes.set(node.id, { key, node, entry, view });
  return view;
}

function distinct(nodes: readonly FlowNode[], problems: Problem[]): Map<string, FlowNode> {
  const byId = new Map<string, FlowNode>();
  for (const node of nodes) {
    if (byId.has(node.id)) problems.push({ code: "duplicateId", severity: "error", id: node.id, nodeId: node.id });
    else byId.set(node.id, node);
  }
  return byId;
}

/** The wires whose both ends exist; of the others it is told which end is missing. */
function connected(graph: FlowGraph, nodes: ReadonlyMap<string, FlowNode>, problems: Problem[]): KeyedWire[] {
  const keys = edgeKeys(graph);
  return graph.edges.flatMap((edge, index) => {
    const missing = [edge.source, edge.target].find((id) => !nodes.has(id));
    const key = keys[index] ?? "";
    if (missing === undefined) return [{ ...edge, key }];
    problems.push({ code: "edgeWithoutNode", severity: "error", missing, wire: key });
    return [];
  });
}

function nodeView(node: FlowNode, incoming: string[], outgoing: string[], entry: CatalogNode | undefined, known: ReadonlyMap<string, CatalogNode> | undefined): NodeView {
  const name = nameOf(node);
  const kind = kindOf(node);
  const category = categoryOf(node) ?? entry?.category;
  const isCard = kind === "node" || kind === "frame";
  const view: NodeView = {
    id: node.id,
    kind,
    label: labelOf(node),
    typeLabel: entry?.label ?? category ?? name,
    headline: headlineOf(node) ?? modelOf(node, known),
    look: lookOf(category, name),
    icon: entry?.icon ? nodeIconUrl(name) : undefined,
    inputs: isCard ? withWired(inputPortsOf(node), incoming, (handle) => portFromHandle(node, handle, "input")) : [],
    outputs: isCard ? withWired(outputPortsOf(node), outgoing, (handle) => portFromHandle(node, handle, "output")) : [],
    position: node.position ?? { x: 0, y: 0 },
    parentId: parentOf(node),
    ...(kind === "node" ? { width: undefined, height: undefined } : sizeOf(node)),
    unknown: isCard && known !== undefined && known.size > 0 && !entry,
    newerVersion: entry && typeof node.data["version"] === "number" && entry.version > node.data["version"] ? entry.version : undefined,
    problems: [],
    node,
  };
  view.problems = problemsOf(view, known);
  return view;
}

/** The chosen model of a step, by the name that it has in the catalog. */
function modelOf(node: FlowNode, known: ReadonlyMap<string, CatalogNode> | undefined): string | undefined {
  const inputs = inputsOf(node);
  const chosen = ["llmModel", "agentModel", "conditionAgentModel"].map((name) => asText(inputs[name])).find(Boolean);
  return chosen && (known?.get(chosen)?.label ?? chosen);
}

/** The node's ports, and one for every wired handle that it does not list itself. */
function withWired(ports: Port[], handles: readonly string[], make: (handle: string) => Port): PortView[] {
  const listed = new Set(ports.map((port) => port.id));
  const stray = [...new Set(handles)].filter((handle) => !listed.has(handle)).map(make);
  return [...ports, ...stray].map((port) => ({ ...port, hue: hueOfTypes(port.types), connected: handles.includes(port.id) }));
}

/** Lays the graph out when no place was saved, or all the same one. */
function place(views: NodeView[], wires: readonly FlowEdge[], problems: Problem[]): void {
  const unplaced = views.some((view) => !view.node.position);
  const spots = new Set(views.map((view) => `${view.position.x},${view.position.y}`));
  if (!unplaced && (views.length < 2 || spots.size > 1)) return;
  const boxes = views.filter((view) => !view.parentId).map((view) => ({ id: view.id, width: view.width ?? CARD_WIDTH, height: heightOf(view) }));
  const places = layered(boxes, wires);
  for (const view of views) view.position = places.get(view.id) ?? view.position;
  problems.push({ code: "placed", severity: "info" });
}

/** `graph` with a place for every node, when no place was saved, or all the same one. */
export function placed(graph: FlowGraph): { graph: FlowGraph; wasPlaced: boolean } {
  const { nodes, problems } = viewOf(graph, undefined);
  if (!problems.some((problem) => problem.code === "placed")) return { graph, wasPlaced: false };
  const places = new Map(nodes.map((view) => [view.id, view.position]));
  const moved = graph.nodes.map((node) => {
    const position = places.get(node.id);
    if (!position) return node;
    const { position: _, positionAbsolute: __, ...extra } = node.extra;
    return { ...node, position, extra };
  });
  return { graph: { ...graph, nodes: moved }, wasPlaced: true };
}

/** About how tall the card will be drawn. */
function heightOf(view: NodeView): number {
  if (view.height) return view.height;
  if (view.kind === "note") return NOTE_WIDTH / 2;
  return HEADER_HEIGHT + Math.max(view.inputs.length, view.outputs.length) * ROW_HEIGHT + 12;
}

function edgeViews(wires: readonly KeyedWire[], views: readonly NodeView[], cache: ViewCache): EdgeView[] {
  const hues = new Map(views.flatMap((view) => view.outputs.map((port) => [port.id, port.hue] as const)));
  const kept = new Map<string, EdgeView>();
  const drawn = wires.map(({ key, source, target, sourceHandle = null, targetHandle = null, extra }) => {
    const step = extra["type"] === "agentFlow";
    // What a way out stands for is written at its socket, in the reader's language; the saved word would say it a second time.
    const label = step ? undefined : asText(asObject(extra["data"])?.["edgeLabel"]);
    const next: EdgeView = { id: key, source, target, sourceHandle, targetHandle, hue: hues.get(sourceHandle ?? "") ?? "utility", step, label };
    const before = cache.edges.get(key);
    const same = before && (Object.keys(next) as (keyof EdgeView)[]).every((field) => before[field] === next[field]);
    const view = same ? before : next;
    kept.set(key, view);
    return view;
  });
  cache.edges = kept;
  return drawn;
}

/** A frame must come before what it holds; a node in a frame that is missing stands alone. */
function parentsFirst(views: NodeView[]): NodeView[] {
  const ids = new Set(views.map((view) => view.id));
  for (const view of views) {
    if (view.parentId && !ids.has(view.parentId)) view.parentId = undefined;
  }
  if (views.every((view) => !view.parentId)) return views;
  const depth = new Map<string, number>();
  const depthOf = (view: NodeView, guard = 0): number => {
    const known = depth.get(view.id);
    if (known !== undefined) return known;
    const parent = view.parentId && guard < views.length ? views.find((candidate) => candidate.id === view.parentId) : undefined;
    const own = parent ? depthOf(parent, guard + 1) + 1 : 0;
    depth.set(view.id, own);
    return own;
  };
  return views.map((view) => [view, depthOf(view)] as const).toSorted((a, b) => a[1] - b[1]).map(([view]) => view);
}
