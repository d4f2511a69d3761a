import { describe, expect, it } from "vitest";
import { viewOf } from "./model";

describe("a stored upsert", () => {
  const flowData = [{ label: "In-memory store", id: "memoryVectorStore_0", paramValues: [{ label: "Top K", name: "topK", type: "number", value: 4 }] }];
  it.each([
    ["texts", JSON.stringify({ numAdded: 2, numSkipped: 1 }), JSON.stringify(flowData)],
    ["objects", { numAdded: 2, numSkipped: 1 }, flowData],
  ])("is read from %s", (_, result, data) =>
    expect(viewOf({ id: "1", chatflowid: "c", date: "2026-06-15", result, flowData: data })).toEqual({
      id: "1", date: "2026-06-15", added: 2, updated: 0, skipped: 1, deleted: 0, nodes: [{ label: "In-memory store", settings: [{ label: "Top K", value: "4" }] }],
    }),
  );
  it("survives nonsense", () => expect(viewOf({ id: "1", chatflowid: "c", date: "", result: "oops", flowData: null })).toMatchObject({ added: 0, nodes: [] }));
});
