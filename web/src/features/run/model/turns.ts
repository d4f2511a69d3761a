// The turns of an agentflow's run, read from what the server keeps of it. Pure.
import { asArray, asObject, asText, type JsonObject, parseJson } from "~/lib/json";
import { type FlowRun, type NodeRun, spentByNode, STATUS } from "./node-runs";
import type { Execution } from "./runs-api";

/** One turn of one node. */
export interface NodeTurn {
  nodeId: string;
  label: string;
  /** Which of the node's turns it is, from 1. */
  visit: number;
  /** INPROGRESS, FINISHED, ERROR, STOPPED, TIMEOUT or TERMINATED. */
  status: string;
  data: JsonObject;
  input: unknown;
  output: unknown;
  error: string | undefined;
  /** The setting that is to blame. */
  field: string | undefined;
  tokens: { input: number; output: number } | undefined;
  cost: number | undefined;
  /** When it began and how long it took, in milliseconds; only of talks with models. */
  start: number | undefined;
  milliseconds: number | undefined;
  pinned: boolean;
  /** The node around it, in an iteration. */
  parentId: string | undefined;
}

/** The turns in `executionData` (JSON text or what it says), in their order. */
export function turnsOf(executionData: unknown): NodeTurn[] {
  const visits = new Map<string, number>();
  return asArray(typeof executionData === "string" ? parseJson(executionData) : executionData).flatMap((entry): NodeTurn[] => {
    const fields = asObject(entry);
    const nodeId = asText(fields?.["nodeId"]);
    if (!fields || !nodeId) return [];
    const visit = (visits.get(nodeId) ?? 0) + 1;
    visits.set(nodeId, visit);
    const data = asObject(fields["data"]) ?? {};
    const output = asObject(data["output"]);
    const usage = asObject(output?.["usageMetadata"]);
    const time = asObject(output?.["timeMetadata"]);
    const error = data["error"];
    return [
      {
        nodeId,
        label: asText(fields["nodeLabel"]) ?? nodeId,
        visit,
        status: asText(fields["status"]) ?? "",
        data,
        input: data["input"],
        output: data["output"],
        error: asText(error) ?? asText(asObject(error)?.["message"]),
        field: asText(data["field"]) ?? asText(asObject(error)?.["field"]),
        tokens: usage ? { input: numberOf(usage["input_tokens"]) ?? 0, output: numberOf(usage["output_tokens"]) ?? 0 } : undefined,
        cost: numberOf(usage?.["total_cost"]),
        start: numberOf(time?.["start"]),
        milliseconds: numberOf(time?.["delta"]),
        pinned: data["pinned"] === true,
        parentId: asText(data["parentNodeId"]),
      },
    ];
  });
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** A kept run as the canvas shows it at the nodes. */
export function runOfExecution(execution: Pick<Execution, "id" | "agentflowId" | "sessionId" | "state" | "executionData">): FlowRun {
  const nodes = new Map<string, NodeRun>();
  const records = asArray(parseJson(execution.executionData));
  const turns = turnsOf(records);
  const spent = spentByNode(records);
  for (const { nodeId, status, error, field, milliseconds, visit } of turns) {
    const before = nodes.get(nodeId);
    nodes.set(nodeId, {
      ...spent.get(nodeId),
      tokens: spent.get(nodeId)?.tokens,
      status: STATUS[status] ?? "finished",
      since: 0,
      took: milliseconds === undefined ? before?.took : (before?.took ?? 0) + milliseconds,
      times: visit,
      error,
      field,
      open: 0,
    });
  }
  return { flowId: execution.agentflowId, status: STATUS[execution.state] ?? "finished", nodes, executionId: execution.id, chatId: execution.sessionId, records };
}

/** One turn as its node's card shows it. */
export function runOfTurn({ status, data, milliseconds, error, field, tokens, cost, pinned }: NodeTurn): NodeRun {
  return {
    status: STATUS[status] ?? "finished",
    since: 0,
    took: milliseconds,
    times: 1,
    error,
    field,
    tokens: tokens && tokens.input + tokens.output,
    cost,
    pinned,
    held: data["breakpoint"] === true && status === "STOPPED",
    open: 0,
  };
}

/** What node `nodeId` gave at last in `executionData`; undefined where it gave nothing. */
export function outputOf(executionData: unknown, nodeId: string): JsonObject | undefined {
  return asObject(turnsOf(executionData).findLast((turn) => turn.nodeId === nodeId && turn.status === "FINISHED")?.output) ?? undefined;
}
