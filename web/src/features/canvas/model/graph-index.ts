// Quick look-ups in a graph, made once per graph and kept with it.
import type { FlowEdge, FlowGraph, FlowNode } from "./flow-data";

export interface GraphIndex {
  nodes: ReadonlyMap<string, FlowNode>;
  incoming: ReadonlyMap<string, FlowEdge[]>;
  outgoing: ReadonlyMap<string, FlowEdge[]>;
}

const known = new WeakMap<FlowGraph, GraphIndex>();

export function indexOf(graph: FlowGraph): GraphIndex {
  const found = known.get(graph);
  if (found) return found;
  const nodes = new Map<string, FlowNode>();
  for (const node of graph.nodes) if (!nodes.has(node.id)) nodes.set(node.id, node);
  const made = { nodes, incoming: grouped(graph.edges, "target"), outgoing: grouped(graph.edges, "source") };
  known.set(graph, made);
  return made;
}

function grouped(edges: readonly FlowEdge[], end: "source" | "target"): Map<string, FlowEdge[]> {
  const groups = new Map<string, FlowEdge[]>();
  for (const edge of edges) {
    const list = groups.get(edge[end]);
    if (list) list.push(edge);
    else groups.set(edge[end], [edge]);
  }
  return groups;
}

/** Every node that can be reached from `start` along wires, without `start` itself unless a cycle leads back. */
export function reachable(graph: FlowGraph, start: string, direction: "down" | "up" = "down"): Set<string> {
  const { incoming, outgoing } = indexOf(graph);
  const found = new Set<string>();
  const open = [start];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const next = direction === "down" ? (outgoing.get(id) ?? []).map((edge) => edge.target) : (incoming.get(id) ?? []).map((edge) => edge.source);
    for (const other of next) {
      if (found.has(other)) continue;
      found.add(other);
      open.push(other);
    }
  }
  return found;
}
