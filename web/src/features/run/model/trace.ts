// A run as rows of a waterfall. Pure.
import { asArray, asObject, asObjects, asText, type JsonObject } from "~/lib/json";
import type { RunSpan } from "./runs-api";
import { type NodeTurn, turnsOf } from "./turns";

/** One row: a node, a call of a model or tool, a search. */
export interface TraceRow {
  id: string;
  depth: number;
  kind: string;
  /** Empty where its kind says all there is to say. */
  label: string;
  /** The node that did it, and in which of its turns (from 1); undefined where that is not known. */
  nodeId: string | undefined;
  visit: number | undefined;
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
  const label = span.nodeLabel ?? span.name;
  const tokens = span.inputTokens !== null || span.outputTokens !== null ? { input: span.inputTokens ?? 0, output: span.outputTokens ?? 0 } : undefined;
  return {
    id: String(span.id),
    depth: 0,
    kind: span.kind,
    label,
    nodeId: span.nodeId ?? undefined,
    visit: undefined,
    note: noteOf(span, label),
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

/** What a span called, where its label does not say so already: a model, or a tool by the name that models know. */
function noteOf({ kind, model, name }: RunSpan, label: string): string | undefined {
  const called = model ?? (kind === "tool" ? name : undefined);
  return called?.toLowerCase() === label.toLowerCase() ? undefined : called;
}

/** The turns of an agentflow's run (`executionData`, JSON text or what it says) with their calls, rounds of iterations below their node. */
export function rowsOfExecution(executionData: unknown): TraceRow[] {
  const turns = turnsOf(executionData).map((turn, index) => ({ turn, row: rowOfTurn(turn, index), parts: partsOf(turn, index) }));
  const begin = Math.min(...turns.flatMap(({ row }) => row.start ?? []));
  const placed: TraceRow[] = [];
  const shown = new Set<string>();
  const add = (row: TraceRow, depth: number, children: number) => {
    shown.add(row.id);
    placed.push({ ...row, depth, children, start: row.start === undefined ? undefined : row.start - begin });
  };
  const visit = (parentId: string | undefined, depth: number) => {
    for (const { turn, row, parts } of turns) {
      if (turn.parentId !== parentId || shown.has(row.id)) continue;
      const inside = turns.filter((other) => other.turn.parentId === turn.nodeId && !shown.has(other.row.id)).length;
      add(row, depth, inside + parts.length);
      for (const part of parts) add(part, depth + 1, 0);
      if (inside > 0) visit(turn.nodeId, depth + 1);
    }
  };
  visit(undefined, 0);
  // Turns whose parent is missing are not lost.
  for (const { row } of turns) if (!shown.has(row.id)) add(row, 0, 0);
  return withTimesOfInside(placed);
}

/** A row whose own time was not kept, such as an iteration's, lasts as long as what lies inside of it. */
function withTimesOfInside(rows: readonly TraceRow[]): TraceRow[] {
  return rows.map((row, at) => {
    if (row.start !== undefined || row.children === 0) return row;
    const behind = rows.slice(at + 1);
    const next = behind.findIndex((other) => other.depth <= row.depth);
    const inside = behind.slice(0, next === -1 ? undefined : next).flatMap(({ start, milliseconds }) => (start === undefined || milliseconds === undefined ? [] : [{ start, end: start + milliseconds }]));
    if (inside.length === 0) return row;
    const start = Math.min(...inside.map((one) => one.start));
    return { ...row, start, milliseconds: Math.max(...inside.map((one) => one.end)) - start };
  });
}

const NO_ROW: TraceRow = {
  id: "", depth: 0, kind: "node", label: "", nodeId: undefined, visit: undefined, note: undefined, status: "", start: undefined, milliseconds: undefined, tokens: undefined, cost: undefined, error: undefined,
  field: undefined, input: undefined, output: undefined, more: undefined, truncated: false, children: 0,
};

function rowOfTurn({ nodeId, label, visit, status, data, input, output, error, field, tokens, cost, start, milliseconds }: NodeTurn, index: number): TraceRow {
  const { input: _, output: __, error: ___, id: ____, name, ...more } = data;
  const round = data["iterationIndex"];
  return {
    ...NO_ROW,
    id: String(index),
    kind: asText(name) ?? "node",
    label: typeof round === "number" ? `${label} #${round + 1}` : label,
    nodeId,
    visit,
    note: modelOf(input),
    status,
    start,
    milliseconds,
    tokens,
    cost,
    error,
    field,
    input,
    output,
    more: Object.keys(more).length > 0 ? more : undefined,
  };
}

/** The model that a turn asked: its own name, or that of its node where it has none. */
function modelOf(input: unknown): string | undefined {
  const fields = asObject(input);
  for (const row of ["llmModel", "agentModel", "conditionAgentModel", "humanInputModel"]) {
    const node = asText(fields?.[row]);
    const config = asObject(fields?.[`${row}Config`]);
    if (node) return asText(config?.["modelName"]) ?? asText(config?.["customModelName"]) ?? node;
  }
  return undefined;
}

/** What a turn called: its model, its tools, its search. */
function partsOf(turn: NodeTurn, index: number): TraceRow[] {
  const output = asObject(turn.output);
  const { nodeId, visit } = turn;
  const of = (part: string, kind: string, more: Partial<TraceRow>): TraceRow => ({ ...NO_ROW, id: `${index}.${part}`, kind, nodeId, visit, status: "FINISHED", ...more });
  const parts: TraceRow[] = [];
  const model = modelOf(turn.input);
  if (model && (turn.tokens || turn.milliseconds !== undefined)) {
    const { tokens, cost, start, milliseconds } = turn;
    parts.push(of("model", "model", { label: model, tokens, cost, start, milliseconds, input: asObject(turn.input)?.["messages"], output: output?.["content"] }));
  }
  asObjects(output?.["usedTools"]).forEach((used, at) => {
    const error = asText(used["error"]);
    parts.push(of(`tool${at}`, "tool", { label: asText(used["tool"]) ?? "", status: error ? "ERROR" : "FINISHED", error, input: used["toolInput"], output: used["toolOutput"] }));
  });
  const sources = asArray(output?.["sourceDocuments"]);
  if (sources.length > 0) parts.push(of("search", "retriever", { input: asText(asObject(turn.input)?.["question"]), output: sources }));
  return parts;
}

/** A part of a run's time, in milliseconds after its beginning. */
export interface TimeSpan {
  from: number;
  to: number;
}

/** Where a row's bar lies, in parts of `span` from 0 to 1; undefined where times were not kept, or it lies outside. */
export function barOf(row: TraceRow, { from, to }: TimeSpan): { left: number; width: number } | undefined {
  if (row.start === undefined || row.milliseconds === undefined || to <= from) return undefined;
  const end = row.start + row.milliseconds;
  if (end < from || row.start > to) return undefined;
  const left = Math.max(0, (row.start - from) / (to - from));
  return { left, width: Math.min(1, (end - from) / (to - from)) - left };
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
