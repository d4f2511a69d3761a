import { describe, expect, it } from "vitest";
import { pairTurns } from "./compare";
import { outputOf, runOfExecution } from "./turns";

const turn = (nodeId: string, output: unknown, more: Record<string, unknown> = {}) => ({ nodeId, nodeLabel: nodeId, status: "FINISHED", data: { input: {}, output, ...more } });

describe("two runs side by side", () => {
  it("match nodes by their visits and tell what differs", () => {
    const left = [turn("start", { q: 1, r: 2 }), turn("llm", { content: "a", timeMetadata: { delta: 3 } }), turn("llm", { content: "b" })];
    const right = [turn("start", { r: 2, q: 1 }), turn("llm", { content: "a", timeMetadata: { delta: 9 } }), turn("llm", { content: "c" }, { input: { x: 1 } }), turn("reply", {})];
    expect(pairTurns(left, right).map(({ key, differs }) => [key, differs])).toEqual([
      ["start#1", []],
      ["llm#1", []],
      ["llm#2", ["input", "output"]],
      ["reply#1", ["status"]],
    ]);
  });

  it("keep the order in which the other run went", () => {
    expect(pairTurns([turn("a", {}), turn("d", {})], [turn("a", {}), turn("b", {}), turn("c", {}), turn("d", {})]).map(({ label }) => label)).toEqual(["a", "b", "c", "d"]);
  });

  it("bear data of any shape", () => {
    for (const data of [null, 1, "x", "[", [null, 3], {}, undefined]) expect(pairTurns(data, data)).toEqual([]);
  });
});

describe("a kept run at the nodes", () => {
  const executionData = JSON.stringify([turn("llm", { content: "a", usageMetadata: { total_tokens: 5, total_cost: 0.5 }, timeMetadata: { start: 1, delta: 30 } }), turn("llm", { content: "b", usageMetadata: { total_tokens: 7, total_cost: 0.25 } }, { pinned: true })]);
  it("adds up what the visits of a node took and cost", () => {
    const run = runOfExecution({ id: "e", agentflowId: "f", sessionId: "s", state: "STOPPED", executionData });
    expect(run).toMatchObject({ status: "waiting", executionId: "e", chatId: "s" });
    expect(run.nodes.get("llm")).toMatchObject({ status: "finished", times: 2, tokens: 12, cost: 0.75, took: 30, pinned: true });
  });

  it("gives the last output of a node, to be pinned", () => {
    expect(outputOf(executionData, "llm")).toMatchObject({ content: "b" });
    expect(outputOf(executionData, "gone")).toBeUndefined();
  });
});
