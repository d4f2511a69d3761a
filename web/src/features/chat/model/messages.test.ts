import { describe, expect, it } from "vitest";
import type { FlowEvent } from "~/api/sse";
import type { ChatMessageRow } from "~/api/types";
import { type Answer, type ChatAction, chatReducer, type ChatState, EMPTY_CHAT, failedQuestion, isRunning } from "./messages";

const asked: ChatAction = { type: "asked", question: "What is 2+3?", ids: ["q1", "a1"] };
const events = (...list: [string, unknown][]): ChatAction => ({ type: "events", events: list.map(([event, data]): FlowEvent => ({ event, data })) });
const play = (...actions: ChatAction[]): ChatState => actions.reduce(chatReducer, EMPTY_CHAT);
const lastAnswer = (state: ChatState) => state.messages.at(-1) as Answer;

const TOOL = { tool: "calculator", toolInput: { input: "2+3" }, toolOutput: "5" };

describe("a streamed answer", () => {
  const log: [string, unknown][] = [
    ["start", "Tool"],
    ["token", "Tool"],
    ["token", " said: 5"],
    ["usedTools", [TOOL]],
    ["somethingNew", { a: 1 }],
    ["metadata", { chatId: "c" }],
    ["end", "[DONE]"],
  ];

  it("grows by its tokens and ends", () => {
    const state = play(asked, events(...log));
    expect(lastAnswer(state)).toMatchObject({ text: "Tool said: 5", state: "done", usedTools: [TOOL] });
    expect(isRunning(state)).toBe(false);
  });

  it("comes out the same however the events are batched", () => {
    const whole = play(asked, events(...log));
    const single = play(asked, ...log.map((entry) => events(entry)), { type: "closed", lostMessage: "lost" });
    expect(single).toEqual(whole);
  });

  it("runs until it ends", () => {
    expect(lastAnswer(play(asked)).state).toBe("waiting");
    expect(isRunning(play(asked, events(["token", "x"])))).toBe(true);
  });

  it("failed in the middle keeps its text and can be asked again", () => {
    const state = play(asked, events(["token", "Half"], ["error", "The provider is gone."], ["end", "[DONE]"]));
    expect(lastAnswer(state)).toMatchObject({ text: "Half", state: "failed", failure: { message: "The provider is gone." } });
    expect(failedQuestion(state)).toBe("What is 2+3?");
    expect(chatReducer(state, { type: "takenBack" }).messages).toEqual([]);
  });

  it("that stops short of its end is told as lost", () => {
    const state = play(asked, events(["token", "Half"]), { type: "closed", lostMessage: "lost" });
    expect(lastAnswer(state)).toMatchObject({ state: "failed", failure: { message: "lost" } });
  });

  it("once stopped takes no more", () => {
    const state = play(asked, events(["token", "Half"]), { type: "stopped" }, events(["token", " more"], ["error", "aborted"]), { type: "closed", lostMessage: "lost" });
    expect(lastAnswer(state)).toMatchObject({ text: "Half", state: "stopped", failure: undefined });
  });

  it("collects thinking apart from the text", () => {
    const done: FlowEvent = { event: "thinking", data: "", duration: 3.4 };
    const state = play(asked, events(["thinking", "Let me "], ["thinking", "see."]), { type: "events", events: [done] }, events(["token", "5"]));
    expect(lastAnswer(state)).toMatchObject({ thinking: "Let me see.", thinkingSeconds: 3.4, text: "5" });
  });

  it("survives data of any shape", () => {
    for (const event of ["start", "token", "thinking", "usedTools", "sourceDocuments", "metadata"]) {
      for (const data of [null, 1, "x", [], [null, 3], {}, undefined]) {
        expect(() => play(asked, events([event, data]))).not.toThrow();
      }
    }
  });
});

describe("an answer in one piece", () => {
  it("shows its text, tools and sources", () => {
    const state = play(asked, { type: "answered", answer: { text: "5", usedTools: [TOOL], sourceDocuments: [{ pageContent: "p" }] } });
    expect(lastAnswer(state)).toMatchObject({ text: "5", state: "done", usedTools: [TOOL], sourceDocuments: [{ pageContent: "p" }] });
  });

  it("that is structured is shown as JSON", () => {
    expect(lastAnswer(play(asked, { type: "answered", answer: { json: { sum: 5 } } })).text).toBe('```json\n{\n  "sum": 5\n}\n```');
  });
});

describe("history", () => {
  const row = (id: string, role: ChatMessageRow["role"], more: Partial<ChatMessageRow> = {}): ChatMessageRow => ({ id, role, content: id, chatId: "c", createdDate: "2026-01-01T00:00:00.000Z", ...more });

  it("stands before what was said since", () => {
    const state = play(asked, { type: "history", rows: [row("old question", "userMessage"), row("old answer", "apiMessage")] });
    expect(state.messages.map((message) => message.text)).toEqual(["old question", "old answer", "What is 2+3?", ""]);
  });

  it("reads tools kept as a list or as JSON text", () => {
    const rows = [row("a", "apiMessage", { usedTools: [TOOL] }), row("b", "apiMessage", { usedTools: JSON.stringify([TOOL]) }), row("c", "apiMessage", { usedTools: "{broken" })];
    const tools = play({ type: "history", rows }).messages.map((message) => (message as Answer).usedTools);
    expect(tools).toEqual([[TOOL], [TOOL], []]);
  });

  it("is not asked again", () => {
    expect(failedQuestion(play({ type: "history", rows: [row("q", "userMessage"), row("a", "apiMessage")] }))).toBeUndefined();
  });
});
