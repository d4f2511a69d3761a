// Tidy, align and spread: new places for nodes, nothing else.
import { groupedBy } from "~/lib/group";
import type { FlowEdge, FlowGraph, Point } from "./flow-data";
import { isStep } from "./connect";
import { indexOf } from "./graph-index";
import { moveNodes } from "./operations";
import { inputPortsOf, outputPortsOf, parentOf } from "./node-data";

/** A node's outline as drawn, its place in its holder. */
export interface Rect {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

export type Alignment = "left" | "center" | "right" | "top" | "middle" | "bottom";

const PLACES: Record<Alignment, (rect: Rect, all: Bounds) => Point> = {
  left: (rect, all) => ({ x: all.left, y: rect.y }),
  center: (rect, all) => ({ x: (all.left + all.right - rect.width) / 2, y: rect.y }),
  right: (rect, all) => ({ x: all.right - rect.width, y: rect.y }),
  top: (rect, all) => ({ x: rect.x, y: all.top }),
  middle: (rect, all) => ({ x: rect.x, y: (all.top + all.bottom - rect.height) / 2 }),
  bottom: (rect, all) => ({ x: rect.x, y: all.bottom - rect.height }),
};

interface Bounds {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export function boundsOf(rects: readonly Rect[]): Bounds {
  return {
    left: Math.min(...rects.map((rect) => rect.x)),
    right: Math.max(...rects.map((rect) => rect.x + rect.width)),
    top: Math.min(...rects.map((rect) => rect.y)),
    bottom: Math.max(...rects.map((rect) => rect.y + rect.height)),
  };
}

export function align(graph: FlowGraph, rects: readonly Rect[], how: Alignment): FlowGraph {
  if (rects.length < 2) return graph;
  const all = boundsOf(rects);
  return moveNodes(graph, new Map(rects.map((rect) => [rect.id, PLACES[how](rect, all)])));
}

/** The same gap between neighbours; the outermost stay where they are. */
export function distribute(graph: FlowGraph, rects: readonly Rect[], axis: "x" | "y"): FlowGraph {
  if (rects.length < 3) return graph;
  const size = axis === "x" ? "width" : "height";
  const row = rects.toSorted((a, b) => a[axis] - b[axis]);
  const [first, last] = [row[0], row.at(-1)];
  if (!first || !last) return graph;
  const filled = row.reduce((sum, rect) => sum + rect[size], 0);
  const gap = (last[axis] + last[size] - first[axis] - filled) / (row.length - 1);
  const places = new Map<string, Point>();
  let at = first[axis];
  for (const rect of row) {
    places.set(rect.id, { x: rect.x, y: rect.y, [axis]: at });
    at += rect[size] + gap;
  }
  return moveNodes(graph, places);
}

/** The wires, those of one node in the order of its ports: where nothing else speaks for it, the first way lies on top. */
function inPortOrder(graph: FlowGraph): FlowEdge[] {
  const { nodes } = indexOf(graph);
  const place = (edge: FlowEdge) => {
    const [source, target] = [nodes.get(edge.source), nodes.get(edge.target)];
    return (source ? outputPortsOf(source).findIndex((port) => port.id === edge.sourceHandle) : 0) * 100 + (target ? inputPortsOf(target).findIndex((port) => port.id === edge.targetHandle) : 0);
  };
  return graph.edges.map((edge) => [place(edge), edge] as const).toSorted((a, b) => a[0] - b[0]).map(([, edge]) => edge);
}

/** Room for the buttons over a card, and for what a run says under it. */
const ROW_GAP = 48;

/** Steps in the order of the ways that lead to them, which the layout does not know: the first way of a fork leads to the upper one. */
function untangled(laid: Rect[], graph: FlowGraph): Rect[] {
  const { nodes, incoming } = indexOf(graph);
  const now = new Map(laid.map((rect) => [rect.id, rect]));
  const wish = (rect: Rect) => {
    const heights = (incoming.get(rect.id) ?? []).flatMap((edge) => {
      const [source, from] = [nodes.get(edge.source), now.get(edge.source)];
      if (!source || !from || !isStep(source)) return [];
      const ways = outputPortsOf(source);
      return [from.y + from.height / 2 + (ways.findIndex((port) => port.id === edge.sourceHandle) - (ways.length - 1) / 2) * 24];
    });
    return heights.length === 0 ? rect.y + rect.height / 2 : heights.reduce((sum, height) => sum + height, 0) / heights.length;
  };
  const columns = [...groupedBy(laid, (rect) => Math.round(rect.x + rect.width / 2))].toSorted((a, b) => a[0] - b[0]).map(([, column]) => column.toSorted((a, b) => a.y - b.y));
  let isMoved = false;
  for (const column of columns) {
    const wanted = column.map((rect) => [wish(rect), rect] as const).toSorted((a, b) => a[0] - b[0]);
    isMoved ||= wanted.some(([, rect], at) => rect !== column[at]);
    if (!isMoved) continue;
    let free = Number.NEGATIVE_INFINITY;
    const placed = wanted.map(([middle, rect]) => {
      const y = Math.max(free, middle - rect.height / 2);
      free = y + rect.height + ROW_GAP;
      return { ...rect, y };
    });
    const off = placed.reduce((sum, rect, at) => sum + rect.y + rect.height / 2 - (wanted[at]?.[0] ?? 0), 0) / placed.length;
    for (const rect of placed) now.set(rect.id, { ...rect, y: rect.y - off });
  }
  return laid.map((rect) => now.get(rect.id) ?? rect);
}

/** Lays `rects` out in layers along the wires among them; the group's upper left corner stays. Each holder's nodes by themselves. */
export async function tidy(graph: FlowGraph, rects: readonly Rect[]): Promise<(graph: FlowGraph) => FlowGraph> {
  const { Graph, layout } = await import("@dagrejs/dagre");
  const { nodes } = indexOf(graph);
  const groups = groupedBy(rects, (rect) => parentOf(nodes.get(rect.id) ?? { id: "", type: undefined, position: null, data: {}, extra: {} }) ?? "");
  const places = new Map<string, Point>();
  for (const group of groups.values()) {
    const plan = new Graph({ multigraph: true });
    plan.setGraph({ rankdir: "LR", nodesep: ROW_GAP, ranksep: 88 });
    plan.setDefaultEdgeLabel(() => ({}));
    for (const { id, width, height } of group) plan.setNode(id, { width, height });
    const inside = new Set(group.map((rect) => rect.id));
    inPortOrder(graph).forEach((edge, index) => {
      if (inside.has(edge.source) && inside.has(edge.target)) plan.setEdge(edge.source, edge.target, {}, String(index));
    });
    layout(plan);
    const laid = untangled(
      group.map(({ id, width, height }) => {
        const { x, y } = plan.node(id) as Point;
        return { id, x: x - width / 2, y: y - height / 2, width, height };
      }),
      graph,
    );
    const [before, after] = [boundsOf(group), boundsOf(laid)];
    for (const rect of laid) places.set(rect.id, { x: rect.x - after.left + before.left, y: rect.y - after.top + before.top });
  }
  return (now) => moveNodes(now, places);
}
