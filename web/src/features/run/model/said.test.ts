import { describe, expect, it } from "vitest";
import { saidBy, saidIn } from "./said";

describe("what a message says", () => {
  it("is read from what a run keeps of a model's answer", () => {
    const kept = { text: "", reasoning: "A lookup helps.", toolCalls: [{ id: "c1", name: "weather", arguments: '{"city":"Ljubljana"}' }], finishReason: "tool_calls" };
    expect(saidBy(kept)).toEqual({ role: "assistant", text: "", thought: "A lookup helps.", pictures: 0, calls: [{ name: "weather", given: '{\n  "city": "Ljubljana"\n}' }] });
    expect(saidBy({ text: "Warm.", finishReason: "stop" })).toMatchObject({ role: "assistant", text: "Warm.", calls: [] });
  });

  it("is read from what a run keeps of a question, with how many pictures it had", () => {
    expect(saidBy({ role: "user", text: "What is this?", images: 2 })).toMatchObject({ role: "user", text: "What is this?", pictures: 2 });
  });

  it("is read from messages as vendors write them", () => {
    expect(saidBy({ role: "assistant", content: null, tool_calls: [{ type: "function", function: { name: "weather", arguments: "{}" } }] })).toMatchObject({ text: "", calls: [{ name: "weather", given: undefined }] });
    expect(saidBy({ type: "human", content: [{ type: "text", text: "Hi" }] })?.text).toContain('"Hi"');
  });

  it("keeps arguments that are no JSON as they are", () => {
    expect(saidBy({ toolCalls: [{ name: "weather", arguments: '{"city":' }] })?.calls).toEqual([{ name: "weather", given: '{"city":' }]);
  });

  it("is nothing where no message is", () => {
    expect(saidBy({ text: "Only text" })).toBeUndefined();
    expect(saidBy("text")).toBeUndefined();
    expect(saidIn([{ role: "user", content: "Hi" }, { pageContent: "A passage" }])).toEqual([]);
  });
});
