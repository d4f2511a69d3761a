import { describe, expect, it } from "vitest";
import type { RunSpan } from "./runs-api";
import { barOf, lengthOf, rowsOfExecution, rowsOfSpans, visibleRows } from "./trace";

const span = (id: number, parent: number | null, start: number, milliseconds: number, more: Partial<RunSpan> = {}): RunSpan => ({
  id, parent, start, milliseconds, kind: "node", name: `n${id}`, nodeId: `n${id}`, nodeLabel: `Node ${id}`, status: "ok", input: null, output: null, error: null, row: null,
  inputTokens: null, outputTokens: null, cost: null, model: null, truncated: false, ...more,
});

describe("rowsOfSpans", () => {
  const rows = rowsOfSpans([span(3, 1, 40, 10, { kind: "tool", name: "calculator", status: "error", error: "no" }), span(1, null, 0, 100), span(2, 1, 10, 30, { kind: "model", name: "chat", model: "gpt", inputTokens: 3 }), span(4, 99, 100, 50)]);

  it("puts calls below what made them, in the order they began", () => {
    expect(rows.map(({ label, depth, children }) => [label, depth, children])).toEqual([["Node 1", 0, 2], ["Node 2", 1, 0], ["Node 3", 1, 0], ["Node 4", 0, 0]]);
    expect(rows[1]).toMatchObject({ note: "gpt", tokens: { input: 3, output: 0 } });
    expect(rows[2]).toMatchObject({ status: "ERROR", error: "no", note: "calculator" });
  });

  it("says a name once", () => {
    const [memory, tool, model] = rowsOfSpans([span(1, null, 0, 1, { kind: "memory", name: "bufferMemory", nodeLabel: "Buffer Memory" }), span(2, null, 2, 1, { kind: "tool", name: "calculator", nodeLabel: "Calculator" }), span(3, null, 4, 1, { kind: "model", name: "gpt", nodeLabel: null, model: "gpt" })]);
    expect([memory, tool, model].map((row) => [row?.label, row?.note])).toEqual([["Buffer Memory", undefined], ["Calculator", undefined], ["gpt", undefined]]);
  });

  it("places each on the time of the whole run", () => {
    expect(lengthOf(rows)).toBe(150);
    expect(rows.map((row) => barOf(row, { from: 0, to: 150 })?.left.toFixed(2))).toEqual(["0.00", "0.07", "0.27", "0.67"]);
    expect(rows[0] && barOf(rows[0], { from: 0, to: 0 })).toBeUndefined();
  });

  it("places each on a part of that time", () => {
    expect(rows.map((row) => barOf(row, { from: 0, to: 30 })?.width.toFixed(2))).toEqual(["1.00", "0.67", undefined, undefined]);
    expect(rows[2] && barOf(rows[2], { from: 45, to: 65 })).toEqual({ left: 0, width: 0.25 });
  });

  it("hides what lies inside a closed row", () => {
    expect(visibleRows(rows, new Set(["1"])).map(({ label }) => label)).toEqual(["Node 1", "Node 4"]);
  });

  it("ends, whatever the parents say", () => {
    expect(rowsOfSpans([span(1, 2, 0, 1), span(2, 1, 0, 1), span(3, 3, 0, 1)]).map(({ id }) => id).toSorted()).toEqual(["1", "2", "3"]);
    expect(rowsOfSpans([])).toEqual([]);
  });
});

describe("rowsOfExecution", () => {
  const turn = (nodeId: string, data: object, status = "FINISHED") => ({ nodeId, nodeLabel: nodeId.toUpperCase(), data, previousNodeIds: [], status });

  it("lists turns with what they took, rounds below their iteration", () => {
    const rows = rowsOfExecution(
      JSON.stringify([
        turn("start", { name: "startAgentflow", input: { question: "q" } }),
        turn("iter", { output: { content: "x" } }),
        turn("llm", { parentNodeId: "iter", iterationIndex: 0, output: { usageMetadata: { input_tokens: 2, output_tokens: 3, total_cost: 0.1 }, timeMetadata: { start: 1000, delta: 50 } } }),
        turn("llm", { parentNodeId: "iter", iterationIndex: 1, error: "broke" }, "ERROR"),
        turn("end", {}),
      ]),
    );
    expect(rows.map(({ label, depth, status }) => [label, depth, status])).toEqual([["START", 0, "FINISHED"], ["ITER", 0, "FINISHED"], ["LLM #1", 1, "FINISHED"], ["LLM #2", 1, "ERROR"], ["END", 0, "FINISHED"]]);
    expect(rows[2]).toMatchObject({ tokens: { input: 2, output: 3 }, cost: 0.1, start: 0, milliseconds: 50 });
    expect(rows[3]?.error).toBe("broke");
    expect(rows[1], "an iteration lasts as long as its rounds").toMatchObject({ start: 0, milliseconds: 50 });
    expect(rows[4]?.start).toBeUndefined();
  });

  it("names the model, or its node where the model has no name", () => {
    const asks = (more: object) => rowsOfExecution([turn("llm", { input: { llmModel: "chatOpenAI", ...more } })])[0]?.note;
    expect(asks({ llmModelConfig: { modelName: "gpt-4o-mini" } })).toBe("gpt-4o-mini");
    expect(asks({})).toBe("chatOpenAI");
  });

  it("shows what a turn called below it", () => {
    const agent = turn("agent", { input: { agentModel: "chatOpenAI", messages: [] }, output: { content: "14", usageMetadata: { input_tokens: 2, output_tokens: 3 }, usedTools: [{ tool: "weather", toolOutput: "14" }, { tool: "sum", error: "no" }], sourceDocuments: [{ pageContent: "p" }] } });
    const rows = rowsOfExecution([agent, agent]);
    expect(rows.slice(0, 5).map(({ label, kind, depth, status, visit }) => [label, kind, depth, status, visit])).toEqual([
      ["AGENT", "node", 0, "FINISHED", 1],
      ["chatOpenAI", "model", 1, "FINISHED", 1],
      ["weather", "tool", 1, "FINISHED", 1],
      ["sum", "tool", 1, "ERROR", 1],
      ["", "retriever", 1, "FINISHED", 1],
    ]);
    expect(rows[0]?.children).toBe(4);
    expect(rows[5]?.visit).toBe(2);
  });

  it("loses no turn whose parent is missing, and survives anything", () => {
    expect(rowsOfExecution([turn("a", { parentNodeId: "gone" }), turn("b", { parentNodeId: "b" })])).toHaveLength(2);
    for (const bad of [null, "{", 3, [null, 3, {}]]) expect(rowsOfExecution(bad)).toEqual([]);
  });
});
