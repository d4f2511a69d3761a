import { describe, expect, it } from "vitest";
import type { FlowEvent } from "~/api/sse";
import type { ChatMessageRow } from "~/api/types";
import type { Answer } from "./answer";
import { type ChatAction, chatReducer, type ChatMessage, type ChatState, EMPTY_CHAT, isRunning, lastQuestion, openAction } from "./messages";

const asked: ChatAction = { type: "asked", question: { text: "What is 2+3?" }, ids: ["q1", "a1"] };
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
    expect(lastQuestion(state)?.text).toBe("What is 2+3?");
    expect(chatReducer(state, { type: "takenBack", id: "q1" }).messages).toEqual([]);
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
    for (const event of ["start", "token", "thinking", "usedTools", "calledTools", "sourceDocuments", "artifacts", "fileAnnotations", "agentReasoning", "nextAgent", "nextAgentFlow", "agentFlowExecutedData", "action", "usageMetadata", "metadata"]) {
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
    expect(state.messages.map((message: ChatMessage) => message.text)).toEqual(["old question", "old answer", "What is 2+3?", ""]);
  });

  it("reads tools kept as a list or as JSON text", () => {
    const rows = [row("a", "apiMessage", { usedTools: [TOOL] }), row("b", "apiMessage", { usedTools: JSON.stringify([TOOL]) }), row("c", "apiMessage", { usedTools: "{broken" })];
    const tools = play({ type: "history", rows }).messages.map((message) => (message as Answer).usedTools);
    expect(tools).toEqual([[TOOL], [TOOL], []]);
  });

  it("shows forms as forms, files as files and feedback as feedback", () => {
    const rows = [
      row("q", "userMessage", { content: '{"subject":"Hey"}', fileUploads: [{ name: "a.png", mime: "image/png", type: "stored-file" }, 3] }),
      row("a", "apiMessage", { feedback: { id: "f", rating: "THUMBS_DOWN", content: "wrong" }, followUpPrompts: '["More?"]' } as Partial<ChatMessageRow>),
    ];
    const [question, answer] = play({ type: "history", rows }).messages;
    expect(question).toMatchObject({ text: "", form: { subject: "Hey" }, files: [{ name: "a.png", mime: "image/png", preview: undefined }] });
    expect(answer).toMatchObject({ messageId: "a", followUps: ["More?"], feedback: { id: "f", rating: "THUMBS_DOWN", content: "wrong" } });
  });
});

describe("an agent flow", () => {
  const action = {
    id: "x",
    mapping: { approve: "Proceed", reject: "Reject" },
    elements: [{ type: "agentflowv2-approve-button", label: "Go" }, { type: "agentflowv2-reject-button", label: "No" }],
    data: { nodeId: "humanInputAgentflow_0", nodeLabel: "Human", input: { messages: [], humanInputEnableFeedback: true } },
  };

  it("shows its nodes as they run, and what they did once they did it", () => {
    const live = play(asked, events(["nextAgentFlow", { nodeId: "a", nodeLabel: "A", status: "INPROGRESS" }], ["nextAgentFlow", { nodeId: "a", nodeLabel: "A", status: "FINISHED" }], ["nextAgentFlow", { nodeId: "a", nodeLabel: "A", status: "INPROGRESS" }]));
    expect(lastAnswer(live).steps.map(({ status }) => status)).toEqual(["FINISHED", "INPROGRESS"]);
    const told = chatReducer(live, events(["agentFlowExecutedData", [{ nodeId: "a", nodeLabel: "A", status: "FINISHED", data: { output: { content: "64" }, iterationIndex: 1 } }]]));
    expect(lastAnswer(told).steps).toEqual([{ nodeId: "a", label: "A", status: "FINISHED", error: undefined, data: { output: { content: "64" }, iterationIndex: 1 }, round: 1 }]);
  });

  it("waits for a decision, until it is taken", () => {
    const state = play(asked, events(["token", "Proceed?"], ["action", action], ["end", "[DONE]"]));
    expect(openAction(state)).toMatchObject({ approve: "Go", reject: "No", nodeId: "humanInputAgentflow_0", feedback: true });
    expect(openAction(chatReducer(state, { type: "decided" }))).toBeUndefined();
  });

  it("tells who reasons and who is next", () => {
    const state = play(asked, events(["agentReasoning", [{ agentName: "Supervisor", messages: ["ok"], next: "FINISH", usedTools: [null] }]], ["nextAgent", "writer"]));
    expect(lastAnswer(state)).toMatchObject({ nextAgent: "writer", reasoning: [{ agent: "Supervisor", messages: ["ok"], usedTools: [] }] });
  });
});

describe("what comes with an answer", () => {
  it("is read from the end of the stream", () => {
    const metadata = { chatMessageId: "m1", followUpPrompts: JSON.stringify(JSON.stringify(["And 3+4?", "Why?"])) };
    const state = play(asked, events(["token", "5"], ["usageMetadata", { input_tokens: 12, output_tokens: 4 }], ["metadata", metadata], ["end", "[DONE]"]));
    expect(lastAnswer(state)).toMatchObject({ messageId: "m1", followUps: ["And 3+4?", "Why?"], usage: { input: 12, output: 4, total: 16 } });
  });

  it("shows tools being called until they are used", () => {
    const calling = play(asked, events(["calledTools", [TOOL]]));
    expect(lastAnswer(calling).callingTools).toEqual([TOOL]);
    expect(lastAnswer(chatReducer(calling, events(["usedTools", [TOOL]])))).toMatchObject({ callingTools: [], usedTools: [TOOL] });
  });

  it("takes artifacts and files that can be shown, and drops the rest", () => {
    const state = play(asked, events(["artifacts", [{ type: "png", data: "FILE-STORAGE::a.png" }, { type: 3 }]], ["fileAnnotations", [{ fileName: "a.csv", filePath: "p" }, {}]]));
    expect(lastAnswer(state)).toMatchObject({ artifacts: [{ type: "png", data: "FILE-STORAGE::a.png" }], fileAnnotations: [{ fileName: "a.csv", filePath: "p" }] });
  });

  it("can be rated", () => {
    const state = play(asked, events(["end", "[DONE]"]), { type: "rated", id: "a1", feedback: { id: undefined, rating: "THUMBS_UP", content: "" } });
    expect(lastAnswer(state).feedback?.rating).toBe("THUMBS_UP");
  });
});
