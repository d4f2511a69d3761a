// A run as rows of a waterfall. Pure.
import { asArray, asObject, asText, type JsonObject, parseJson } from "~/lib/json";
import type { RunSpan } from "./runs-api";

/** One row: a node, a call of a model or tool, a search. */
export interface TraceRow {
  id: string;
  depth: number;
  kind: string;
  label: string;
  /** What was called, where that is not the label. */
  note: string | undefined;
  /** INPROGRESS, FINISHED, ERROR, STOPPED or TERMINATED. */
  status: string;
  /** Milliseconds after the beginning; undefined where times were not kept. */
  start: number | undefined;
  milliseconds: number | undefined;
  tokens: { input: number; output: number } | undefined;
  cost: number | undefined;
  error: string | undefined;
  /** The setting that is to blame. */
  field: string | undefined;
  input: unknown;
  output: unknown;
  /** Whatever else is known of it. */
  more: JsonObject | undefined;
  truncated: boolean;
  /** Where the row's children are. */
  children: number;
}

const STATUS: Record<string, string> = { ok: "FINISHED", error: "ERROR", stopped: "TERMINATED" };

/** The spans of a run, each after its parent and beside its siblings in the order they began. */
export function rowsOfSpans(spans: readonly RunSpan[]): TraceRow[] {
  const known = new Set(spans.map((span) => span.id));
  const byParent = new Map<number | null, RunSpan[]>();
  for (const span of spans) {
    // A span whose parent was left out stands at the top.
    const parent = span.parent !== null && known.has(span.parent) && span.parent !== span.id ? span.parent : null;
    byParent.set(parent, [...(byParent.get(parent) ?? []), span]);
  }
  const rows: TraceRow[] = [];
  const seen = new Set<number>();
  const visit = (parent: number | null, depth: number) => {
    for (const span of (byParent.get(parent) ?? []).toSorted((a, b) => a.start - b.start || a.id - b.id)) {
      if (seen.has(span.id)) continue;
      seen.add(span.id);
      rows.push({ ...rowOfSpan(span), depth, children: byParent.get(span.id)?.length ?? 0 });
      visit(span.id, depth + 1);
    }
  };
  visit(null, 0);
  // Spans that are each other's parents are shown all the same.
  for (const span of spans) {
    if (seen.has(span.id)) continue;
    seen.add(span.id);
    rows.push(rowOfSpan(span));
    visit(span.id, 1);
  }
  return rows;
}

function rowOfSpan(span: RunSpan): TraceRow {
  const label = span.kind === "node" || span.kind === "build" ? (span.nodeLabel ?? span.name) : span.name;
  const tokens = span.inputTokens !== null || span.outputTokens !== null ? { input: span.inputTokens ?? 0, output: span.outputTokens ?? 0 } : undefined;
  return {
    id: String(span.id),
    depth: 0,
    kind: span.kind,
    label,
    note: span.model ?? (span.nodeLabel && span.nodeLabel !== label ? span.nodeLabel : undefined),
    status: STATUS[span.status] ?? span.status,
    start: span.start,
    milliseconds: span.milliseconds,
    tokens,
    cost: span.cost ?? undefined,
    error: span.error ?? undefined,
    field: span.row ?? undefined,
    input: span.input ?? undefined,
    output: span.output ?? undefined,
    more: undefined,
    truncated: span.truncated,
    children: 0,
  };
}

/** The turns of an agentflow's run (`executionData`, JSON text or what it says), rounds of iterations below their node. */
export function rowsOfExecution(executionData: unknown): TraceRow[] {
  const entries = asArray(typeof executionData === "string" ? parseJson(executionData) : executionData).flatMap((entry): JsonObject[] => {
    const fields = asObject(entry);
    return fields && asText(fields["nodeId"]) ? [fields] : [];
  });
  const rows = entries.map((entry, index) => ({ row: rowOfTurn(entry, index), parent: asText(asObject(entry["data"])?.["parentNodeId"]), nodeId: asText(entry["nodeId"]) }));
  const begin = Math.min(...rows.flatMap(({ row }) => row.start ?? []));
  const placed: TraceRow[] = [];
  const shown = new Set<string>();
  const add = (row: TraceRow, depth: number, children: number) => {
    shown.add(row.id);
    placed.push({ ...row, depth, children, start: row.start === undefined ? undefined : row.start - begin });
  };
  const visit = (parentId: string | undefined, depth: number) => {
    for (const { row, parent, nodeId } of rows) {
      if (parent !== parentId || shown.has(row.id)) continue;
      const inside = rows.filter((other) => other.parent === nodeId && !shown.has(other.row.id)).length;
      add(row, depth, inside);
      if (inside > 0) visit(nodeId, depth + 1);
    }
  };
  visit(undefined, 0);
  // Turns whose parent is missing are not lost.
  for (const { row } of rows) if (!shown.has(row.id)) add(row, 0, 0);
  return placed;
}

function rowOfTurn(entry: JsonObject, index: number): TraceRow {
  const data = asObject(entry["data"]) ?? {};
  const output = asObject(data["output"]);
  const usage = asObject(output?.["usageMetadata"]);
  const time = asObject(output?.["timeMetadata"]);
  const round = data["iterationIndex"];
  const count = (name: string) => (typeof usage?.[name] === "number" ? usage[name] : 0);
  const { input: _, output: __, error, id: ___, name, ...more } = data;
  const label = asText(entry["nodeLabel"]) ?? asText(entry["nodeId"]) ?? "";
  return {
    id: String(index),
    depth: 0,
    kind: asText(name) ?? "node",
    label: typeof round === "number" ? `${label} #${round + 1}` : label,
    note: asText(asObject(data["input"])?.["llmModel"]) ?? asText(asObject(data["input"])?.["agentModel"]),
    status: asText(entry["status"]) ?? "",
    start: typeof time?.["start"] === "number" ? time["start"] : undefined,
    milliseconds: typeof time?.["delta"] === "number" ? time["delta"] : undefined,
    tokens: usage ? { input: count("input_tokens"), output: count("output_tokens") } : undefined,
    cost: typeof usage?.["total_cost"] === "number" ? usage["total_cost"] : undefined,
    error: asText(error) ?? asText(asObject(error)?.["message"]),
    field: undefined,
    input: data["input"],
    output: data["output"],
    more: Object.keys(more).length > 0 ? more : undefined,
    truncated: false,
    children: 0,
  };
}

/** Where a row's bar lies, in parts of the whole run from 0 to 1; undefined where times were not kept. */
export function barOf(row: TraceRow, whole: number): { left: number; width: number } | undefined {
  if (row.start === undefined || row.milliseconds === undefined || whole <= 0) return undefined;
  const left = Math.min(1, Math.max(0, row.start / whole));
  return { left, width: Math.min(1 - left, Math.max(0, row.milliseconds / whole)) };
}

/** The end of the last row, in milliseconds. */
export function lengthOf(rows: readonly TraceRow[]): number {
  return Math.max(0, ...rows.map((row) => (row.start ?? 0) + (row.milliseconds ?? 0)));
}

/** The rows without what lies inside the closed ones. */
export function visibleRows(rows: readonly TraceRow[], closed: ReadonlySet<string>): TraceRow[] {
  let hiddenBelow: number | undefined;
  return rows.filter((row) => {
    if (hiddenBelow !== undefined && row.depth > hiddenBelow) return false;
    hiddenBelow = closed.has(row.id) ? row.depth : undefined;
    return true;
  });
}
