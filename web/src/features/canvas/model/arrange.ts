// Tidy, align and spread: new places for nodes, nothing else.
import { groupedBy } from "~/lib/group";
import type { FlowGraph, Point } from "./flow-data";
import { indexOf } from "./graph-index";
import { moveNodes } from "./operations";
import { parentOf } from "./node-data";

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

/** Lays `rects` out in layers along the wires among them; the group's upper left corner stays. Each holder's nodes by themselves. */
export async function tidy(graph: FlowGraph, rects: readonly Rect[]): Promise<(graph: FlowGraph) => FlowGraph> {
  const { Graph, layout } = await import("@dagrejs/dagre");
  const { nodes } = indexOf(graph);
  const groups = groupedBy(rects, (rect) => parentOf(nodes.get(rect.id) ?? { id: "", type: undefined, position: null, data: {}, extra: {} }) ?? "");
  const places = new Map<string, Point>();
  for (const group of groups.values()) {
    const plan = new Graph({ multigraph: true });
    plan.setGraph({ rankdir: "LR", nodesep: 32, ranksep: 88 });
    plan.setDefaultEdgeLabel(() => ({}));
    for (const { id, width, height } of group) plan.setNode(id, { width, height });
    const inside = new Set(group.map((rect) => rect.id));
    graph.edges.forEach((edge, index) => {
      if (inside.has(edge.source) && inside.has(edge.target)) plan.setEdge(edge.source, edge.target, {}, String(index));
    });
    layout(plan);
    const laid = group.map(({ id, width, height }) => {
      const { x, y } = plan.node(id) as Point;
      return { id, x: x - width / 2, y: y - height / 2, width, height };
    });
    const [before, after] = [boundsOf(group), boundsOf(laid)];
    for (const rect of laid) places.set(rect.id, { x: rect.x - after.left + before.left, y: rect.y - after.top + before.top });
  }
  return (now) => moveNodes(now, places);
}
