import { describe, expect, it } from "vitest";
import type { RunSpan } from "./runs-api";
import { rowsOfSpans, type TraceRow } from "./trace";
import { criticalPath, fits, isFilter, kindOf, NO_FILTER } from "./trace-filter";

const span = (id: number, parent: number | null, start: number, milliseconds: number, more: Partial<RunSpan> = {}): RunSpan => ({
  id, parent, start, milliseconds, kind: "node", name: `n${id}`, nodeId: `n${id}`, nodeLabel: `Node ${id}`, status: "ok", input: null, output: null, error: null, row: null,
  inputTokens: null, outputTokens: null, cost: null, model: null, truncated: false, ...more,
});

describe("the filter of a waterfall", () => {
  const [turn, call] = rowsOfSpans([span(1, null, 0, 10, { kind: "llmAgentflow" }), span(2, 1, 0, 10, { kind: "model", name: "chat", model: "gpt-small", status: "error", error: "Too long." })]) as [TraceRow, TraceRow];

  it("knows turns of nodes by one name", () => {
    expect([kindOf(turn), kindOf(call)]).toEqual(["node", "model"]);
  });

  it("holds words, kinds and states together", () => {
    expect(isFilter(NO_FILTER)).toBe(false);
    expect([turn, call].filter((row) => fits(row, NO_FILTER))).toHaveLength(2);
    expect([turn, call].filter((row) => fits(row, { ...NO_FILTER, words: " GPT" }))).toEqual([call]);
    expect([turn, call].filter((row) => fits(row, { ...NO_FILTER, kind: "model", status: "ERROR" }))).toEqual([call]);
    expect([turn, call].filter((row) => fits(row, { ...NO_FILTER, kind: "node", status: "ERROR" }))).toEqual([]);
  });
});

describe("what a run's length hangs on", () => {
  it("is the chain back from what ended last, and the same inside each", () => {
    const rows = rowsOfSpans([span(1, null, 0, 100), span(2, null, 0, 30), span(3, null, 100, 200), span(4, 3, 100, 20), span(5, 3, 110, 190), span(6, null, 120, 50)]);
    expect([...criticalPath(rows)].toSorted()).toEqual(["1", "3", "5"]);
  });

  it("is all of it where one thing follows the other, and nothing where no times were kept", () => {
    const rows = rowsOfSpans([span(1, null, 0, 10), span(2, null, 10, 10), span(3, null, 20, 5)]);
    expect(criticalPath(rows).size).toBe(3);
    expect(criticalPath(rows.map((row) => ({ ...row, start: undefined }))).size).toBe(0);
  });
});
