// From node to node with the arrow keys: along wires first, else to the nearest in that direction.
import type { FlowGraph } from "./flow-data";
import { indexOf } from "./graph-index";

/** The node that `key` (an arrow) leads to from `from`, or any node where none is given. */
export function neighbour(graph: FlowGraph, from: string | undefined, key: string): string | undefined {
  const { nodes, incoming, outgoing } = indexOf(graph);
  const here = from === undefined ? undefined : nodes.get(from);
  if (!here) return graph.nodes[0]?.id;
  if (key === "ArrowRight") return outgoing.get(here.id)?.[0]?.target ?? nearest(graph, here.id, 1, 0);
  if (key === "ArrowLeft") return incoming.get(here.id)?.[0]?.source ?? nearest(graph, here.id, -1, 0);
  return nearest(graph, here.id, 0, key === "ArrowDown" ? 1 : -1);
}

function nearest(graph: FlowGraph, from: string, dx: number, dy: number): string | undefined {
  const { nodes } = indexOf(graph);
  const here = nodes.get(from)?.position ?? { x: 0, y: 0 };
  const ahead = graph.nodes.flatMap((node) => {
    const [x, y] = [(node.position?.x ?? 0) - here.x, (node.position?.y ?? 0) - here.y];
    const along = x * dx + y * dy;
    if (node.id === from || along <= 0) return [];
    // What lies aside counts more than what lies far.
    return [{ id: node.id, cost: along + 2 * Math.abs(x * dy + y * dx) }];
  });
  return ahead.toSorted((a, b) => a.cost - b.cost)[0]?.id;
}
