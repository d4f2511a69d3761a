import { describe, expect, it } from "vitest";
import type { MessageRow } from "~/api/conversations";
import { messagesSearch, SOURCES } from "./search";
import { findSessions, headOf, messagesCsv, messagesOf, sessionsOf } from "./sessions";

function row(id: string, chatId: string, minute: number, role: MessageRow["role"], content: string, rating?: string): MessageRow {
  return {
    id, role, content, chatId, chatType: "EXTERNAL", sessionId: chatId, memoryType: null, createdDate: `2026-06-15T12:${String(minute).padStart(2, "0")}:00.000Z`, leadEmail: null, usedTools: null, sourceDocuments: null, fileUploads: null,
    feedback: rating ? { id: "f", chatflowid: "c", chatId, messageId: id, rating, content: "because", createdDate: "" } : null,
  };
}

const ROWS = [
  row("2", "a", 2, "apiMessage", "At nine.", "THUMBS_UP"),
  row("1", "a", 1, "userMessage", " When do you open? "),
  row("3", "b", 3, "userMessage", "=cmd|evil"),
  row("4", "b", 4, "apiMessage", "No.", "THUMBS_DOWN"),
];

describe("sessionsOf", () => {
  it("groups, orders and counts", () => {
    const sessions = sessionsOf(ROWS);
    expect(sessions.map((session) => [session.chatId, session.title, session.up, session.down])).toEqual([
      ["b", "=cmd|evil", 0, 1],
      ["a", "When do you open?", 1, 0],
    ]);
    expect(sessions[1]?.messages.map((message) => message.id)).toEqual(["1", "2"]);
  });
  it("finds by every word of the messages", () => {
    const sessions = sessionsOf(ROWS);
    expect(findSessions(sessions, "open NINE").map((session) => session.chatId)).toEqual(["a"]);
    expect(findSessions(sessions, "nine no")).toEqual([]);
    expect(findSessions(sessions, " ")).toHaveLength(2);
  });
});

describe("headOf", () => {
  const told = { flowId: "f", flowName: "Caves", chatId: "a", sessionId: "a", memoryType: null, chatType: "EXTERNAL", leadEmail: null, title: " When? ", createdDate: "1", updatedDate: "2", messageCount: 2, thumbsUp: 1, thumbsDown: 0 };
  it("tells a conversation of all flows as one of a single flow is told, with its flow", () => {
    const head = headOf(told);
    expect([head.key, head.flow?.name, head.title, head.count, head.up]).toEqual(["f|a|a|", "Caves", "When?", 2, 1]);
  });
  it("has the messages of its own session alone", () => {
    const other = { ...row("5", "a", 5, "userMessage", "Other"), sessionId: "other" };
    expect(messagesOf([...ROWS, other], headOf(told)).map((message) => message.id)).toEqual(["2", "1"]);
  });
});

describe("messagesCsv", () => {
  it("has a line a message and runs no formula", () => {
    const text = messagesCsv(ROWS);
    expect(text.trim().split("\r\n")).toHaveLength(5);
    expect(text).toContain(`"'=cmd|evil"`);
    expect(text).toContain('"THUMBS_UP","because"');
  });
});

describe("messagesSearch", () => {
  it("takes what makes sense", () =>
    expect(messagesSearch({ type: "EXTERNAL", feedback: "x", from: "2026-01-31", to: "soon", q: 12 })).toEqual({ flow: undefined, q: "12", type: "EXTERNAL", feedback: undefined, from: "2026-01-31", to: undefined, session: undefined }));
  it("knows every source", () => {
    expect(SOURCES.map((type) => messagesSearch({ type }).type)).toEqual([...SOURCES]);
    expect(messagesSearch({ type: "ELSEWHERE" }).type).toBeUndefined();
  });
});
