// Messages by the conversation they belong to.
import type { Conversation, MessageRow } from "~/api/conversations";
import { csvText } from "~/lib/csv";

/** A conversation as the list tells it. */
export interface SessionHead {
  key: string;
  /** Whose conversation it is, in a list over several flows. */
  flow?: { id: string; name: string };
  chatId: string;
  sessionId: string | undefined;
  memoryType: string | undefined;
  chatType: string;
  leadEmail: string | undefined;
  /** The first question. */
  title: string;
  /** Times of its first and of its newest message. */
  first: string;
  last: string;
  /** How many messages it has. */
  count: number;
  up: number;
  down: number;
}

/** The same with what was said. */
export interface Session extends SessionHead {
  messages: MessageRow[];
}

/** One of all flows, as the server tells it: what was said is asked for when it is opened. */
export function headOf(row: Conversation): SessionHead {
  return {
    key: [row.flowId, keyOf(row)].join("|"),
    flow: { id: row.flowId, name: row.flowName },
    chatId: row.chatId,
    sessionId: row.sessionId ?? undefined,
    memoryType: row.memoryType ?? undefined,
    chatType: row.chatType,
    leadEmail: row.leadEmail ?? undefined,
    title: row.title?.trim() ?? "",
    first: row.createdDate,
    last: row.updatedDate,
    count: row.messageCount,
    up: row.thumbsUp,
    down: row.thumbsDown,
  };
}

/** The messages of `rows` that belong to `session`. */
export function messagesOf(rows: readonly MessageRow[], session: SessionHead): MessageRow[] {
  return rows.filter((row) => keyOf(row) === keyOf({ chatId: session.chatId, sessionId: session.sessionId ?? null, memoryType: session.memoryType ?? null }));
}

function keyOf({ chatId, sessionId, memoryType }: { chatId: string; sessionId: string | null; memoryType: string | null }): string {
  return [chatId, sessionId ?? "", memoryType ?? ""].join("|");
}

/** The conversations in `rows`, the one that was added to last first. */
export function sessionsOf(rows: readonly MessageRow[]): Session[] {
  const found = new Map<string, Session>();
  for (const row of rows) {
    const key = keyOf(row);
    const session = found.get(key) ?? startOf(key, row);
    found.set(key, session);
    session.messages.push(row);
    if (row.createdDate > session.last) session.last = row.createdDate;
    if (!session.title && row.role === "userMessage") session.title = row.content.trim();
    session.leadEmail ??= row.leadEmail ?? undefined;
    if (row.feedback?.rating === "THUMBS_UP") session.up += 1;
    if (row.feedback?.rating === "THUMBS_DOWN") session.down += 1;
  }
  for (const session of found.values()) {
    session.messages.sort((a, b) => a.createdDate.localeCompare(b.createdDate));
    session.first = session.messages[0]?.createdDate ?? session.last;
    session.count = session.messages.length;
  }
  return [...found.values()].toSorted((a, b) => b.last.localeCompare(a.last));
}

function startOf(key: string, row: MessageRow): Session {
  return {
    key,
    chatId: row.chatId,
    sessionId: row.sessionId ?? undefined,
    memoryType: row.memoryType ?? undefined,
    chatType: row.chatType,
    leadEmail: undefined,
    title: "",
    first: row.createdDate,
    last: row.createdDate,
    count: 0,
    messages: [],
    up: 0,
    down: 0,
  };
}

/** Conversations with every word of `query` somewhere in them. */
export function findSessions(sessions: readonly Session[], query: string): Session[] {
  const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...sessions];
  return sessions.filter((session) => {
    const text = [session.chatId, session.sessionId, session.leadEmail, ...session.messages.map((row) => row.content)].join("\n").toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
}

const HEAD = ["date", "chatId", "sessionId", "source", "role", "content", "rating", "comment", "leadEmail", "usedTools", "sourceDocuments"];

/** One line a message, in the order of the conversations. */
export function messagesCsv(rows: readonly MessageRow[]): string {
  const lines = sessionsOf(rows).flatMap((session) =>
    session.messages.map((row) => [
      row.createdDate,
      row.chatId,
      row.sessionId,
      row.chatType,
      row.role,
      row.content,
      row.feedback?.rating,
      row.feedback?.content,
      row.leadEmail,
      row.usedTools?.map((tool) => tool.tool).join("; "),
      row.sourceDocuments?.length,
    ]),
  );
  return csvText(HEAD, lines);
}
