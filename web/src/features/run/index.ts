// A run as people see it: at the nodes of the canvas, and as a trace.
export type { FlowRun, NodeRun, NodeStatus } from "./model/node-runs";
export { runLayer, useFlowRun, useNodeRun } from "./model/run-store";
