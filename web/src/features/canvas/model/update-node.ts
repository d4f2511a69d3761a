// Brings a node to the catalog's version: what still exists keeps its value and its wires.
import type { CatalogNode } from "~/api/types";
import { asArray, asObject } from "~/lib/json";
import type { FlowGraph } from "./flow-data";
import { indexOf } from "./graph-index";
import { defaultsOf, isAgentStep, portsOf } from "./make-node";
import { inputsOf } from "./node-data";
import { disconnect, mapNodes } from "./operations";
import { edgeKeys } from "./store";

export function updateNode(graph: FlowGraph, id: string, entry: CatalogNode): FlowGraph {
  const node = indexOf(graph).nodes.get(id);
  if (!node) return graph;
  const ports = portsOf(entry, id);
  const known = new Set((entry.inputs ?? []).map((input) => String(input["name"])));
  const before = inputsOf(node);
  const kept = Object.fromEntries(Object.entries(before).filter(([name]) => known.has(name) || name.endsWith("Config") || name.includes("_") || name === "FLOWISE_CREDENTIAL_ID"));
  // Steps that decide have as many ways out as their list says, not as the catalog's default.
  const outputAnchors = isAgentStep(entry) && asArray(node.data["outputAnchors"]).length > 0 ? node.data["outputAnchors"] : ports.outputAnchors;
  const updated = mapNodes(graph, [id], (one) => ({
    ...one,
    data: { ...one.data, version: entry.version, type: entry.type ?? one.data["type"], baseClasses: entry.baseClasses ?? one.data["baseClasses"], inputParams: ports.inputParams, inputAnchors: ports.inputAnchors, outputAnchors, inputs: { ...defaultsOf(entry.inputs ?? []), ...kept } },
  }));
  const handles = new Set([...ports.inputAnchors, ...ports.inputParams, ...asArray(outputAnchors).flatMap((anchor) => [anchor, ...asArray(asObject(anchor)?.["options"])])].map((port) => String(asObject(port)?.["id"])));
  const keys = edgeKeys(updated);
  const lost = updated.edges.flatMap((edge, index) => {
    const gone = (edge.source === id && !handles.has(edge.sourceHandle ?? "")) || (edge.target === id && edge.targetHandle !== id && !handles.has(edge.targetHandle ?? ""));
    return gone ? [keys[index] ?? ""] : [];
  });
  return disconnect(updated, new Set(lost));
}
