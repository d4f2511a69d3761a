import { expect, it } from "vitest";
import type { ChatMessageRow } from "~/api/types";
import { rowsFrom, sessionsOf } from "./sessions";

const row = (id: string, chatId: string, role: ChatMessageRow["role"], minute: number): ChatMessageRow => ({ id, chatId, role, content: `${id}\nmore`, createdDate: `2026-01-01T00:0${minute}:00.000Z` });
const ROWS = [row("q1", "a", "userMessage", 1), row("a1", "a", "apiMessage", 1), row("q2", "b", "userMessage", 2), row("q3", "a", "userMessage", 3), row("a3", "a", "apiMessage", 3)];

it("lists conversations by their newest message, named by their first question", () => {
  expect(sessionsOf(ROWS).map(({ chatId, title, messages }) => [chatId, title, messages])).toEqual([
    ["a", "q1", 4],
    ["b", "q2", 1],
  ]);
  expect(sessionsOf([])).toEqual([]);
});

it("finds what was stored from a question on", () => {
  const chat = ROWS.filter(({ chatId }) => chatId === "a");
  expect(rowsFrom(chat, 1)).toEqual(["q3", "a3"]);
  expect(rowsFrom(chat, 0)).toEqual(["q1", "a1", "q3", "a3"]);
  expect(rowsFrom(chat, 2)).toEqual([]);
});
