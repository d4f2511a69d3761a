// What was said in a flow's chats, what people thought of it, and who left an address.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from ".";
import type { SourceDocument, UsedTool } from "./types";
import type { Conversation } from "./types/Conversation";
import type { ConversationList } from "./types/ConversationList";
import type { Feedback } from "./types/Feedback";
import type { Lead } from "./types/Lead";

export interface MessageFilter {
  /** `INTERNAL` or `EXTERNAL`. */
  chatType?: string | undefined;
  /** `THUMBS_UP` or `THUMBS_DOWN`. */
  feedbackType?: string | undefined;
  /** Days such as `2026-01-31`, both included. */
  startDate?: string | undefined;
  endDate?: string | undefined;
}

/** Of all flows. */
export interface ConversationFilter extends MessageFilter {
  /** Kinds of flows. */
  type?: readonly string[] | undefined;
  /** Words that are in it. */
  q?: string | undefined;
}

export type { Conversation };

export interface MessageRow {
  id: string;
  role: "userMessage" | "apiMessage";
  content: string;
  chatId: string;
  chatType: string;
  sessionId: string | null;
  memoryType: string | null;
  createdDate: string;
  leadEmail: string | null;
  usedTools: UsedTool[] | null;
  sourceDocuments: SourceDocument[] | null;
  fileUploads: unknown;
  feedback?: Feedback | null;
}

/** Conversations on one page. */
export const SESSIONS_A_PAGE = 40;

function path(id: string): string {
  return `/chatmessage/${encodeURIComponent(id)}`;
}

/** The conversations of all flows, newest first, a page at a time. */
export function conversationsQuery(filter: ConversationFilter) {
  return infiniteQueryOptions({
    queryKey: ["messages", "all", filter],
    queryFn: ({ pageParam, signal }) => api.request<ConversationList>("/conversations", { query: { ...filter, page: pageParam, limit: SESSIONS_A_PAGE }, signal }),
    initialPageParam: 1,
    getNextPageParam: (last: ConversationList, _all, page: number) => (page * SESSIONS_A_PAGE < last.total ? page + 1 : undefined),
  });
}

/** What was said in one chat of a flow. */
export function chatQuery(id: string, chatId: string, sessionId: string | undefined) {
  return queryOptions({
    queryKey: ["messages", id, "chat", chatId, sessionId],
    queryFn: ({ signal }) => api.request<MessageRow[]>(path(id), { query: { chatId, sessionId, feedback: true, order: "ASC" }, signal }),
  });
}

/** Whole conversations, newest first, a page at a time. */
export function messagesQuery(id: string, filter: MessageFilter) {
  return infiniteQueryOptions({
    queryKey: ["messages", id, filter],
    queryFn: ({ pageParam, signal }) => api.request<MessageRow[]>(path(id), { query: { ...filter, feedback: true, order: "ASC", page: pageParam, limit: SESSIONS_A_PAGE }, signal }),
    initialPageParam: 1,
    getNextPageParam: (last: MessageRow[], _all, page: number) => (new Set(last.map((row) => `${row.sessionId ?? row.chatId}`)).size >= SESSIONS_A_PAGE ? page + 1 : undefined),
  });
}

export function allMessages(id: string, filter: MessageFilter): Promise<MessageRow[]> {
  return api.request(path(id), { query: { ...filter, feedback: true, order: "ASC" } });
}

export interface Stats {
  totalMessages: number;
  totalSessions: number;
  totalFeedback: number;
  positiveFeedback: number;
}

export function statsQuery(id: string, filter: MessageFilter) {
  return queryOptions({
    queryKey: ["stats", id, filter],
    queryFn: ({ signal }) => api.request<Stats>(`/stats/${encodeURIComponent(id)}`, { query: { ...filter }, signal }),
  });
}

/** The server's own export: whole conversations, as every client of it writes them. */
export function exportMessages(id: string, filter: MessageFilter): Promise<unknown> {
  return api.request("/export-import/chatflow-messages", { method: "POST", body: { chatflowId: id, ...filter } });
}

export interface Doomed {
  chatId?: string;
  sessionId?: string | undefined;
  memoryType?: string | undefined;
  chatType?: string | undefined;
  startDate?: string | undefined;
  endDate?: string | undefined;
}

/** Deletes one conversation, or all that fit. */
export function deleteMessages(id: string, which: Doomed): Promise<{ affected: number }> {
  return api.request(path(id), { method: "DELETE", query: { ...which } });
}

export function leadsQuery(id: string) {
  return queryOptions({
    queryKey: ["leads", id],
    queryFn: ({ signal }) => api.request<Lead[]>(`/leads/${encodeURIComponent(id)}`, { signal }),
  });
}

/** What a run of an upsert did; `result` is the text of JSON or the JSON itself. */
export interface UpsertRow {
  id: string;
  chatflowid: string;
  result: unknown;
  flowData: unknown;
  date: string;
}

export function upsertsQuery(id: string) {
  return queryOptions({
    queryKey: ["upserts", id],
    queryFn: ({ signal }) => api.request<UpsertRow[]>(`/upsert-history/${encodeURIComponent(id)}`, { query: { order: "DESC" }, signal }),
  });
}

export function deleteUpserts(ids: string[]): Promise<unknown> {
  return api.request("/upsert-history", { method: "PATCH", body: { ids } });
}
