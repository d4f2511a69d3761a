import { describe, expect, it } from "vitest";
import type { RunDetail, RunSpan } from "./runs-api";
import { runOfSpans } from "./span-runs";

const span = (id: number, parent: number | null, nodeId: string, more: Partial<RunSpan> = {}): RunSpan => ({
  id, parent, nodeId, nodeLabel: nodeId, start: 0, milliseconds: 10, kind: "node", name: nodeId, status: "ok", input: null, output: null, error: null, row: null,
  inputTokens: null, outputTokens: null, cost: null, model: null, truncated: false, ...more,
});
const run = (...spans: RunSpan[]) => runOfSpans({ id: "r", flowId: "f", chatId: "c", state: "FINISHED", spans } as unknown as RunDetail);

describe("a kept run of a chatflow at its nodes", () => {
  it("counts each node's calls, not what they are made of", () => {
    const { nodes, executionId } = run(span(6, null, "chain", { kind: "build" }), span(1, null, "chain"), span(2, 1, "model", { kind: "model", inputTokens: 3, outputTokens: 4, milliseconds: 7 }), span(3, 1, "chain", { kind: "model", inputTokens: 1 }), span(4, null, "model", { kind: "model", inputTokens: 2 }), span(5, null, "prompt", { kind: "build" }));
    expect(executionId).toBe("r");
    expect([...nodes.keys()]).toEqual(["chain", "model", "prompt"]);
    expect(nodes.get("chain")).toMatchObject({ times: 1, tokens: 1, took: 10, status: "finished" });
    expect(nodes.get("prompt")).toMatchObject({ times: 0, status: "finished" });
    expect(nodes.get("model")).toMatchObject({ times: 2, tokens: 9, took: 17 });
  });

  it("keeps what failed, and ends whatever the parents say", () => {
    const { nodes } = run(span(1, 2, "a", { status: "error", error: "No key.", row: "Key" }), span(2, 1, "b"), span(3, null, "a"));
    expect(nodes.get("a")).toMatchObject({ status: "failed", error: "No key.", field: "Key" });
  });
});
