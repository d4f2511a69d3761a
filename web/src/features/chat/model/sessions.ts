// Stored messages seen as a list of conversations. Pure.
import type { ChatMessageRow } from "~/api/types";

export interface ChatSession {
  chatId: string;
  /** How it began. */
  title: string;
  /** When something was last said, as an ISO time. */
  last: string;
  messages: number;
}

/** The conversations in `rows` (oldest message first), the newest conversation first. */
export function sessionsOf(rows: readonly ChatMessageRow[]): ChatSession[] {
  const byId = new Map<string, ChatSession>();
  for (const row of rows) {
    const known = byId.get(row.chatId);
    const title = known?.title || (row.role === "userMessage" ? firstLine(row.content) : "");
    byId.set(row.chatId, { chatId: row.chatId, title, last: row.createdDate, messages: (known?.messages ?? 0) + 1 });
  }
  return [...byId.values()].toSorted((a, b) => b.last.localeCompare(a.last));
}

/** The ids of question `index` (counted among the questions, from 0) and of all that was stored after it. */
export function rowsFrom(rows: readonly ChatMessageRow[], index: number): string[] {
  let seen = -1;
  const start = rows.findIndex((row) => {
    if (row.role === "userMessage") seen += 1;
    return seen === index;
  });
  return start === -1 ? [] : rows.slice(start).map((row) => row.id);
}

function firstLine(text: string): string {
  const line = text.trim().split("\n", 1)[0] ?? "";
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
