// Which vector stores a flow fills, and what takes part in it.
import type { FlowGraph, FlowNode } from "./flow-data";
import { indexOf, reachable } from "./graph-index";
import { categoryOf, inputPortsOf } from "./node-data";

/** Groups of the palette whose nodes take part, in the order in which they do. */
const TAKE_PART = ["Document Loaders", "Text Splitters", "Embeddings", "Record Manager", "Vector Stores"];

/** The vector stores that documents are wired to. */
export function fillable(graph: FlowGraph): FlowNode[] {
  const { incoming } = indexOf(graph);
  return graph.nodes.filter((node) => {
    if (categoryOf(node) !== "Vector Stores") return false;
    const handles = new Set(inputPortsOf(node).flatMap((port) => (port.name === "document" ? port.id : [])));
    return (incoming.get(node.id) ?? []).some((edge) => typeof edge.targetHandle === "string" && handles.has(edge.targetHandle));
  });
}

/** What runs when the vector store `id` is filled: from the loaders to the store itself. */
export function partsOfFilling(graph: FlowGraph, id: string): FlowNode[] {
  const up = reachable(graph, id, "up");
  const parts = graph.nodes.filter((node) => (node.id === id || up.has(node.id)) && TAKE_PART.includes(categoryOf(node) ?? ""));
  return parts.toSorted((a, b) => TAKE_PART.indexOf(categoryOf(a) ?? "") - TAKE_PART.indexOf(categoryOf(b) ?? ""));
}
