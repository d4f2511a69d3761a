// A kept run of a chatflow as the canvas shows it at the nodes. Pure.
import type { FlowRun, NodeRun, NodeStatus } from "./node-runs";
import type { RunDetail, RunSpan } from "./runs-api";

const STATUS: Readonly<Record<string, NodeStatus>> = { ok: "finished", error: "failed", stopped: "stopped" };
const OF_RUN: Readonly<Record<string, NodeStatus>> = { FINISHED: "finished", ERROR: "failed", STOPPED: "stopped" };

export function runOfSpans({ id, flowId, chatId, state, spans }: RunDetail): FlowRun {
  const byId = new Map(spans.map((span) => [span.id, span]));
  const nodes = new Map<string, NodeRun>();
  for (const span of spans) {
    // What a node calls in a call of its own is part of that.
    if (!span.nodeId || isInside(span, byId)) continue;
    const known = nodes.get(span.nodeId);
    const isCall = span.kind !== "build";
    // A node is set up before it runs; where it ran, that is not told.
    const before = isCall && known?.times === 0 && known.status !== "failed" ? undefined : known;
    const own = STATUS[span.status] ?? "finished";
    const tokens = tokensBelow(span, spans);
    nodes.set(span.nodeId, {
      status: before?.status === "failed" ? "failed" : own,
      since: 0,
      took: (before?.took ?? 0) + span.milliseconds,
      times: (before?.times ?? 0) + (isCall ? 1 : 0),
      error: span.error ?? before?.error,
      field: span.row ?? before?.field,
      tokens: tokens === undefined ? before?.tokens : (before?.tokens ?? 0) + tokens,
      cost: span.cost === null ? before?.cost : (before?.cost ?? 0) + span.cost,
      open: 0,
    });
  }
  return { flowId, status: OF_RUN[state] ?? "finished", nodes, executionId: id, chatId };
}

/** Whether a span above it is of the same node. */
function isInside(span: RunSpan, byId: ReadonlyMap<number, RunSpan>): boolean {
  const seen = new Set([span.id]);
  for (let above = byId.get(span.parent ?? -1); above && !seen.has(above.id); above = byId.get(above.parent ?? -1)) {
    if (above.nodeId === span.nodeId && above.kind !== "build") return true;
    seen.add(above.id);
  }
  return false;
}

/** Its own tokens, or those of its node's calls right below it. */
function tokensBelow(span: RunSpan, spans: readonly RunSpan[]): number | undefined {
  const of = ({ inputTokens, outputTokens }: RunSpan) => (inputTokens === null && outputTokens === null ? undefined : (inputTokens ?? 0) + (outputTokens ?? 0));
  const own = of(span);
  if (own !== undefined) return own;
  const below = spans.filter((other) => other.parent === span.id && other.nodeId === span.nodeId).flatMap((other) => of(other) ?? []);
  return below.length > 0 ? below.reduce((sum, tokens) => sum + tokens, 0) : undefined;
}
