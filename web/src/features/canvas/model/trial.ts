// What holds only while a flow is tried out: pinned outputs and breakpoints. They stand in the draft beside a step's form.
import { asObject, type JsonObject } from "~/lib/json";
import { isStep } from "./connect";
import type { FlowGraph, FlowNode } from "./flow-data";
import { indexOf } from "./graph-index";
import { mapNodes } from "./operations";

/** What the step gives instead of running; undefined where nothing is pinned. */
export function pinOf(node: FlowNode): JsonObject | undefined {
  return asObject(node.data["pinnedOutput"]) ?? undefined;
}

/** Whether a run stops before the step. */
export function hasBreakpoint(node: FlowNode): boolean {
  return node.data["breakpoint"] === true;
}

/** How many steps of the flow have either. */
export function trialMarks(graph: FlowGraph): { pins: number; breakpoints: number } {
  return { pins: graph.nodes.filter(pinOf).length, breakpoints: graph.nodes.filter(hasBreakpoint).length };
}

/** `output` is what the step gives from now on; undefined makes it run again. */
export function setPin(graph: FlowGraph, id: string, output: JsonObject | undefined): FlowGraph {
  return mapNodes(graph, [id], (node) => withRow(node, "pinnedOutput", output));
}

/** Breakpoints at those of `ids` that are steps: taken away where all have one, else set. */
export function toggleBreakpoints(graph: FlowGraph, ids: readonly string[]): FlowGraph {
  const { nodes } = indexOf(graph);
  const steps = ids.flatMap((id) => nodes.get(id) ?? []).filter(isStep);
  const on = !steps.every(hasBreakpoint);
  return mapNodes(graph, steps.map((node) => node.id), (node) => withRow(node, "breakpoint", on || undefined));
}

/** The flow as it runs for everybody. */
export function withoutMarks(graph: FlowGraph): FlowGraph {
  const marked = graph.nodes.filter((node) => pinOf(node) || hasBreakpoint(node)).map((node) => node.id);
  return mapNodes(graph, marked, (node) => withRow(withRow(node, "pinnedOutput", undefined), "breakpoint", undefined));
}

function withRow(node: FlowNode, name: "pinnedOutput" | "breakpoint", value: unknown): FlowNode {
  const { [name]: _, ...rest } = node.data;
  return { ...node, data: value === undefined ? rest : { ...rest, [name]: value } };
}
