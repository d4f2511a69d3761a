// What each node of a flow does in the run under way: pure, fed with the events of the prediction stream.
import type { FlowEvent } from "~/api/sse";
import { asArray, asObject, asText } from "~/lib/json";

/** `waiting` is a run that stands still until a person decides. */
export type NodeStatus = "running" | "finished" | "failed" | "stopped" | "waiting";

export interface NodeRun {
  status: NodeStatus;
  /** When it last began, in milliseconds of this machine's clock. */
  since: number;
  /** How long it took, in milliseconds, once it ended. */
  took: number | undefined;
  /** How often it began in this run: more than once in loops. */
  times: number;
  /** What went wrong, for a person. */
  error: string | undefined;
  /** The setting that is to blame, where the server tells. */
  field: string | undefined;
  tokens: number | undefined;
  /** How many of its calls are under way. */
  open: number;
}

export interface FlowRun {
  flowId: string;
  /** Under way, or what became of it. */
  status: NodeStatus;
  nodes: ReadonlyMap<string, NodeRun>;
}

/** A run that has only begun. */
export function startedRun(flowId: string): FlowRun {
  return { flowId, status: "running", nodes: new Map() };
}

const STATUS: Record<string, NodeStatus> = {
  INPROGRESS: "running",
  FINISHED: "finished",
  ERROR: "failed",
  STOPPED: "waiting",
  TIMEOUT: "failed",
  TERMINATED: "stopped",
};

/** `run` after `event`, which came at `now` (milliseconds); the same object when the event tells nothing of nodes. */
export function withRunEvent(run: FlowRun, { event, data }: FlowEvent, now: number): FlowRun {
  switch (event) {
    case "nextAgentFlow":
      return withNode(run, asObject(data), now);
    case "nodeStart":
    case "nodeEnd":
    case "nodeError":
      return withSpan(run, event, asObject(data), now);
    case "agentFlowExecutedData":
      return withTokens(run, asArray(data));
    case "agentFlowEvent": {
      const status = STATUS[String(data)];
      return status ? { ...run, status } : run;
    }
    case "error":
      return settled(run, "failed", now);
    case "abort":
      return settled(run, "stopped", now);
    case "end":
      return run.status === "running" ? settled(run, "finished", now) : run;
    default:
      return run;
  }
}

/** `run` ended: what was still running ended with it. */
export function settled(run: FlowRun, status: NodeStatus, now: number): FlowRun {
  // A run that waits for a person or failed before keeps saying so.
  const own = run.status === "running" ? status : run.status;
  const nodes = new Map([...run.nodes].map(([id, node]) => [id, node.status === "running" ? { ...node, status: own, took: now - node.since, open: 0 } : node]));
  return { ...run, status: own, nodes };
}

function withNode(run: FlowRun, data: Record<string, unknown> | null, now: number): FlowRun {
  const id = asText(data?.["nodeId"]);
  const status = STATUS[String(data?.["status"])];
  if (!id || !status) return run;
  const before = run.nodes.get(id);
  const begins = status === "running";
  const since = begins ? now : (before?.since ?? now);
  const node: NodeRun = {
    status,
    since,
    took: begins ? undefined : now - since,
    times: (before?.times ?? 0) + (begins ? 1 : 0),
    error: asText(data?.["error"]),
    field: asText(data?.["field"]),
    tokens: before?.tokens,
    open: begins ? 1 : 0,
  };
  return { ...run, nodes: new Map(run.nodes).set(id, node) };
}

/** A call of a node in a chatflow: calls of one node may overlap, and it runs as long as one of them does. */
function withSpan(run: FlowRun, event: "nodeStart" | "nodeEnd" | "nodeError", data: Record<string, unknown> | null, now: number): FlowRun {
  const id = asText(data?.["nodeId"]);
  if (!id) return run;
  const before = run.nodes.get(id);
  const nodes = new Map(run.nodes);
  if (event === "nodeStart") {
    const overlaps = before !== undefined && before.open > 0;
    nodes.set(id, {
      status: "running",
      since: overlaps ? before.since : now,
      took: undefined,
      times: (before?.times ?? 0) + 1,
      error: undefined,
      field: undefined,
      tokens: before?.tokens,
      open: (before?.open ?? 0) + 1,
    });
    return { ...run, nodes };
  }
  const open = Math.max(0, (before?.open ?? 1) - 1);
  const failed = event === "nodeError";
  const ms = typeof data?.["ms"] === "number" ? data["ms"] : undefined;
  const since = before?.since ?? now - (ms ?? 0);
  const count = (name: string) => (typeof data?.[name] === "number" ? data[name] : 0);
  const tokens = count("inputTokens") + count("outputTokens");
  nodes.set(id, {
    status: failed ? "failed" : open > 0 ? "running" : before?.status === "failed" ? "failed" : "finished",
    since,
    took: open > 0 ? undefined : (before?.times ?? 1) > 1 ? now - since : (ms ?? now - since),
    times: before?.times ?? 1,
    error: failed ? asText(data?.["message"]) : before?.error,
    field: failed ? asText(data?.["row"]) : before?.field,
    tokens: tokens > 0 ? (before?.tokens ?? 0) + tokens : before?.tokens,
    open,
  });
  return { ...run, nodes };
}

/** Token counts are told with the data of the nodes that ran. */
function withTokens(run: FlowRun, entries: unknown[]): FlowRun {
  const nodes = new Map(run.nodes);
  for (const entry of entries) {
    const fields = asObject(entry);
    const id = asText(fields?.["nodeId"]);
    const usage = asObject(asObject(asObject(fields?.["data"])?.["output"])?.["usageMetadata"]);
    const known = id === undefined ? undefined : nodes.get(id);
    if (id !== undefined && known && typeof usage?.["total_tokens"] === "number") nodes.set(id, { ...known, tokens: usage["total_tokens"] });
  }
  return { ...run, nodes };
}
