// A run as people see it: at the nodes of the canvas, and as a trace. The pages load by themselves.
export type { FlowRun, NodeRun, NodeStatus } from "./model/node-runs";
export { runLayer, useFlowRun, useNodeRun } from "./model/run-store";
export { RunButton } from "./view/run-button";
export { StatusIcon } from "./view/status-icon";
