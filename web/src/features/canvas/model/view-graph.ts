// The graph as the canvas draws it, with what is wrong in it. Pure: no React, no DOM.
import { nodeIconUrl } from "~/api/client";
import type { CatalogNode } from "~/api/types";
import { hueOfTypes, type Hue, type Look, lookOf } from "~/design/categories";
import { asObject } from "~/lib/json";
import type { FlowEdge, FlowGraph, FlowNode, Point } from "./flow-data";
import { layered } from "./layout";
import { categoryOf, headlineOf, inputPortsOf, inputsOf, kindOf, labelOf, nameOf, type NodeKind, outputPortsOf, parentOf, type Port, portFromHandle, sizeOf } from "./node-data";

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
  node: FlowNode;
}

export interface EdgeView {
  id: string;
  source: string;
  target: string;
  sourceHandle: string | null;
  targetHandle: string | null;
  hue: Hue;
}

export type Problem = { nodeId?: string; severity: "error" | "warning" | "info" } & (
  | { code: "unknownNode"; label: string; name: string }
  | { code: "missingInput"; label: string; input: string }
  | { code: "edgeWithoutNode"; missing: string }
  | { code: "duplicateId"; id: string }
  | { code: "brokenPart" }
  | { code: "placed" }
);

export interface ViewGraph {
  nodes: NodeView[];
  edges: EdgeView[];
  problems: Problem[];
}

/** `catalog` tells which nodes the server has; without it no node counts as unknown. */
export function viewOf(graph: FlowGraph, catalog: readonly CatalogNode[] | undefined): ViewGraph {
  const problems: Problem[] = graph.unread.map(() => ({ code: "brokenPart", severity: "warning" }));
  const nodes = distinct(graph.nodes, problems);
  const wires = connected(graph.edges, nodes, problems);
  const known = catalog && new Map(catalog.map((entry) => [entry.name, entry]));
  const views = [...nodes.values()].map((node) => nodeView(node, wires, known));
  place(views, wires, problems);
  for (const view of views) problems.push(...problemsOf(view));
  return { nodes: parentsFirst(views), edges: edgeViews(wires, views), problems };
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
function connected(edges: readonly FlowEdge[], nodes: ReadonlyMap<string, FlowNode>, problems: Problem[]): FlowEdge[] {
  return edges.filter((edge) => {
    const missing = [edge.source, edge.target].find((id) => !nodes.has(id));
    if (missing === undefined) return true;
    problems.push({ code: "edgeWithoutNode", severity: "error", missing });
    return false;
  });
}

function nodeView(node: FlowNode, wires: readonly FlowEdge[], known: ReadonlyMap<string, CatalogNode> | undefined): NodeView {
  const name = nameOf(node);
  const kind = kindOf(node);
  const entry = known?.get(name);
  const category = categoryOf(node) ?? entry?.category;
  const incoming = wires.flatMap((edge) => (edge.target === node.id && edge.targetHandle ? [edge.targetHandle] : []));
  const outgoing = wires.flatMap((edge) => (edge.source === node.id && edge.sourceHandle ? [edge.sourceHandle] : []));
  return {
    id: node.id,
    kind,
    label: labelOf(node),
    typeLabel: entry?.label ?? category ?? name,
    headline: headlineOf(node),
    look: lookOf(category, name),
    icon: entry?.icon ? nodeIconUrl(name) : undefined,
    inputs: withWired(inputPortsOf(node), incoming, (handle) => portFromHandle(node, handle, "input")),
    outputs: withWired(outputPortsOf(node), outgoing, (handle) => portFromHandle(node, handle, "output")),
    position: node.position ?? { x: 0, y: 0 },
    parentId: parentOf(node),
    ...(kind === "node" ? { width: undefined, height: undefined } : sizeOf(node)),
    unknown: kind !== "note" && known !== undefined && known.size > 0 && !entry,
    node,
  };
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

/** About how tall the card will be drawn. */
function heightOf(view: NodeView): number {
  if (view.height) return view.height;
  if (view.kind === "note") return NOTE_WIDTH / 2;
  return HEADER_HEIGHT + Math.max(view.inputs.length, view.outputs.length) * ROW_HEIGHT + 12;
}

function problemsOf(view: NodeView): Problem[] {
  const { id, label, node } = view;
  const found: Problem[] = [];
  if (view.unknown) found.push({ code: "unknownNode", severity: "error", nodeId: id, label, name: nameOf(node) || "?" });
  const values = inputsOf(node);
  for (const port of view.inputs) {
    if (port.optional || port.connected || hasValue(values[port.name])) continue;
    found.push({ code: "missingInput", severity: "warning", nodeId: id, label, input: port.label });
  }
  return found;
}

function hasValue(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value) && (typeof value !== "object" || asObject(value) !== null);
}

function edgeViews(wires: readonly FlowEdge[], views: readonly NodeView[]): EdgeView[] {
  const hues = new Map(views.flatMap((view) => view.outputs.map((port) => [port.id, port.hue] as const)));
  const seen = new Map<string, number>();
  return wires.map(({ id = "", source, target, sourceHandle = null, targetHandle = null }) => {
    // Two wires saved under one id, or under none, are both drawn.
    const times = seen.get(id) ?? 0;
    seen.set(id, times + 1);
    return { id: times || !id ? `${id}#${times}` : id, source, target, sourceHandle, targetHandle, hue: hues.get(sourceHandle ?? "") ?? "utility" };
  });
}

/** A frame must come before what it holds; a node in a frame that is missing stands alone. */
function parentsFirst(views: NodeView[]): NodeView[] {
  const ids = new Set(views.map((view) => view.id));
  for (const view of views) {
    if (view.parentId && !ids.has(view.parentId)) view.parentId = undefined;
  }
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
