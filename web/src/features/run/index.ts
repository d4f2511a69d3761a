// A run as people see it: at the nodes of the canvas, and as a trace. The pages load by themselves.
export { CanvasRuns } from "./canvas-runs";
export type { FlowRun, NodeRun, NodeStatus } from "./model/node-runs";
export { type NodeRounds, type OpenDecision, runLayer, useFlowRun, useNodeDecision, useNodeRounds, useNodeRun, useWirePasses } from "./model/run-store";
export { executionQuery, type FlowSource, latestExecution, rerunExecution } from "./model/runs-api";
export { outputOf, runOfTurn } from "./model/turns";
export { duration, money } from "./view/figures";
export { RunButton } from "./view/run-button";
export { StatusIcon } from "./view/status-icon";
