// What of a waterfall is looked at: kinds, states, words, a part of its time; and what its length hangs on. Pure.
import type { TraceRow } from "./trace";

/** What a row is about, in few words: every turn of a node is a node. */
export function kindOf(row: TraceRow): string {
  return row.kind.endsWith("Agentflow") ? "node" : row.kind;
}

export interface TraceFilter {
  words: string;
  /** Empty for all. */
  kind: string;
  status: string;
}

export const NO_FILTER: TraceFilter = { words: "", kind: "", status: "" };

export function isFilter({ words, kind, status }: TraceFilter): boolean {
  return words.trim() !== "" || kind !== "" || status !== "";
}

export function fits(row: TraceRow, { words, kind, status }: TraceFilter): boolean {
  if (kind && kindOf(row) !== kind) return false;
  if (status && row.status !== status) return false;
  return `${row.label} ${row.note ?? ""} ${row.error ?? ""}`.toLowerCase().includes(words.trim().toLowerCase());
}

/** Each of `values` once, in their order. */
export function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}

/** Clocks of different calls do not agree to the millisecond. */
const TOLERANCE = 1;

/** The ids of the rows that the run's length hangs on: at each depth the one that ended last, the one that ended last before it began, and so on. */
export function criticalPath(rows: readonly TraceRow[]): Set<string> {
  const path = new Set<string>();
  const ends = insideOf(rows);
  const walk = (from: number, to: number, depth: number, until: number) => {
    const siblings = rows.slice(from, to).flatMap((row, index) => (row.depth === depth && row.start !== undefined && row.milliseconds !== undefined ? [{ row, at: from + index, start: row.start, end: row.start + row.milliseconds }] : []));
    let before = until;
    for (const { row, at, start, end } of siblings.toSorted((a, b) => b.end - a.end || b.start - a.start)) {
      if (end > before + TOLERANCE) continue;
      path.add(row.id);
      walk(at + 1, ends[at] ?? to, depth + 1, end);
      before = start;
    }
  };
  walk(0, rows.length, 0, Number.POSITIVE_INFINITY);
  return path;
}

/** For each row the place of the first one behind it that does not lie inside of it. */
function insideOf(rows: readonly TraceRow[]): number[] {
  const ends = Array.from(rows, () => rows.length);
  const open: number[] = [];
  for (const [at, { depth }] of rows.entries()) {
    while (open.length > 0 && (rows[open.at(-1) ?? 0]?.depth ?? 0) >= depth) ends[open.pop() ?? 0] = at;
    open.push(at);
  }
  return ends;
}
