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
  /** In US dollars. */
  cost?: number | undefined;
  /** The last words it has said so far, while it runs. */
  text?: string | undefined;
  /** It did not run: it gave what is pinned. */
  pinned?: boolean | undefined;
  /** The run stands before it, because of its breakpoint. */
  held?: boolean | undefined;
  /** How many of its calls are under way. */
  open: number;
}

export interface FlowRun {
  flowId: string;
  /** Under way, or what became of it. */
  status: NodeStatus;
  nodes: ReadonlyMap<string, NodeRun>;
  /** The id under which an agentflow's run is kept, once it is known. */
  executionId?: string | undefined;
  /** The chat that it belongs to. */
  chatId?: string | undefined;
  /** What the server keeps of its turns so far; only of agentflows. */
  records?: readonly unknown[] | undefined;
}

/** How much of what a node says is shown on its card, in characters. */
const TICKER = 80;

/** A run that has only begun. */
export function startedRun(flowId: string, chatId?: string): FlowRun {
  return { flowId, status: "running", nodes: new Map(), ...(chatId === undefined ? {} : { chatId }) };
}

/** `run` after a person decided: what it did before is still shown. */
export function resumedRun(run: FlowRun): FlowRun {
  return { ...run, status: "running" };
}

/** The server's words for states, in ours. */
export const STATUS: Readonly<Record<string, NodeStatus>> = {
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
      return withRecords(run, asArray(data));
    case "token":
      return withText(run, asText(data));
    case "metadata":
      return { ...run, executionId: asText(asObject(data)?.["executionId"]) ?? run.executionId };
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
  // What waited for a person goes on with the same turn.
  const isNew = begins && before?.status !== "waiting";
  const node: NodeRun = {
    status,
    since,
    took: begins ? undefined : now - since,
    times: (before?.times ?? 0) + (isNew ? 1 : 0),
    error: asText(data?.["error"]),
    field: asText(data?.["field"]),
    tokens: before?.tokens,
    cost: before?.cost,
    pinned: before?.pinned,
    open: begins ? 1 : 0,
  };
  const nodes = new Map(run.nodes);
  // The one that began last stands last.
  if (begins) nodes.delete(id);
  return { ...run, nodes: nodes.set(id, node) };
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
      // Being set up is not a call.
      times: (before?.times ?? 0) + (data?.["kind"] === "build" ? 0 : 1),
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

/** What a model says is told without its node: it belongs to the one that began last. */
function withText(run: FlowRun, text: string | undefined): FlowRun {
  const speaking = [...run.nodes].findLast(([, node]) => node.status === "running");
  if (!speaking || !text) return run;
  const [id, node] = speaking;
  return { ...run, nodes: new Map(run.nodes).set(id, { ...node, text: `${node.text ?? ""}${text}`.slice(-TICKER) }) };
}

/** Tokens, money and pins are told with the records of the turns; a node may have had several. */
function withRecords(run: FlowRun, entries: unknown[]): FlowRun {
  const nodes = new Map(run.nodes);
  for (const [id, spent] of spentByNode(entries)) {
    const known = nodes.get(id);
    if (known) nodes.set(id, { ...known, ...spent });
  }
  return { ...run, nodes, records: entries };
}

export interface NodeSpending {
  tokens: number | undefined;
  cost: number | undefined;
  pinned: boolean;
  held: boolean;
}

/** What each node spent in all its turns, from their records. */
export function spentByNode(entries: readonly unknown[]): Map<string, NodeSpending> {
  const found = new Map<string, NodeSpending>();
  for (const entry of entries) {
    const fields = asObject(entry);
    const id = asText(fields?.["nodeId"]);
    if (id === undefined) continue;
    const data = asObject(fields?.["data"]);
    const usage = asObject(asObject(data?.["output"])?.["usageMetadata"]);
    const before = found.get(id);
    const plus = (sum: number | undefined, more: unknown) => (typeof more === "number" ? (sum ?? 0) + more : sum);
    found.set(id, {
      tokens: plus(before?.tokens, usage?.["total_tokens"]),
      cost: plus(before?.cost, usage?.["total_cost"]),
      pinned: data?.["pinned"] === true,
      held: data?.["breakpoint"] === true && fields?.["status"] === "STOPPED",
    });
  }
  return found;
}
