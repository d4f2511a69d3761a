// Talking to the server for a chat: as a person signed in (`internal`) or as anybody (`public`).
import { api, publicApi } from "~/api";
import type { ApiClient } from "~/api/client";
import { ApiError } from "~/api/errors";
import { flowEventOf, type FlowEvent, readFrames } from "~/api/sse";
import type { ChatMessageRow, PredictionAnswer } from "~/api/types";
import { asArray, asObject, asText } from "~/lib/json";
import type { Feedback } from "./answer";

/** Who chats: the flow's owner inside the editor, or anybody. */
export type Access = "internal" | "public";

/** A file as a prediction takes it. */
export interface Upload {
  type: "file" | "audio" | "file:full" | "file:rag" | "url";
  name: string;
  mime: string;
  /** A data address, a document's text, or an address, by type. */
  data: string;
}

export interface Ask {
  access: Access;
  flowId: string;
  chatId: string;
  /** What of the body belongs to this one call: question, form, decision, uploads. */
  body: Record<string, unknown>;
  signal: AbortSignal;
}

export type Outcome = { kind: "streamed" } | { kind: "answered"; answer: PredictionAnswer };

export function clientOf(access: Access): ApiClient {
  return access === "internal" ? api : publicApi;
}

/** Sends the question; `onEvent` hears the stream, if the flow can stream. Throws `ApiError`. */
export async function ask({ access, flowId, chatId, body, signal }: Ask, onEvent: (event: FlowEvent) => void): Promise<Outcome> {
  const route = access === "internal" ? "internal-prediction" : "prediction";
  const response = await clientOf(access).open(`/${route}/${encodeURIComponent(flowId)}`, { method: "POST", body: { chatId, streaming: true, ...body }, signal });
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  if (!isStream || !response.body) return { kind: "answered", answer: await readAnswer(response) };
  for await (const frame of readFrames(response.body)) {
    const event = flowEventOf(frame);
    if (!event) continue;
    onEvent(event);
    if (event.event === "end") break;
  }
  return { kind: "streamed" };
}

async function readAnswer(response: Response): Promise<PredictionAnswer> {
  const answer = asObject(await response.json().catch(() => null));
  if (!answer) throw new ApiError("format", "The server's answer is no message.", { status: response.status, requestId: response.headers.get("x-request-id") ?? undefined });
  return answer;
}

/** Tells the server to stop; whether it hears it changes nothing here. */
export async function abortRun(access: Access, flowId: string, chatId: string): Promise<void> {
  const path = `/chatmessage/abort/${encodeURIComponent(flowId)}/${encodeURIComponent(chatId)}`;
  await clientOf(access).request(path, { method: "PUT" }).catch(() => undefined);
}

/** Stores what somebody thinks of an answer, and gives it back with its id. */
export async function sendFeedback(access: Access, flowId: string, chatId: string, messageId: string, feedback: Feedback): Promise<Feedback> {
  const { id, rating, content } = feedback;
  const client = clientOf(access);
  if (id) {
    await client.request(`/feedback/${encodeURIComponent(id)}`, { method: "PUT", body: { rating, content } });
    return feedback;
  }
  const stored = await client.request<{ id?: unknown }>("/feedback", { method: "POST", body: { chatflowid: flowId, chatId, messageId, rating, content } });
  return { ...feedback, id: asText(stored?.id) };
}

export interface LeadValues {
  name: string;
  email: string;
  phone: string;
}

export function sendLead(access: Access, flowId: string, chatId: string, lead: LeadValues): Promise<unknown> {
  return clientOf(access).request("/leads", { method: "POST", body: { chatflowid: flowId, chatId, ...lead } });
}

/** The text of each document, to go into the question. */
export async function attachDocuments(access: Access, flowId: string, chatId: string, files: File[]): Promise<Upload[]> {
  if (files.length === 0) return [];
  const form = new FormData();
  for (const file of files) form.append("files", file);
  const path = `/attachments/${encodeURIComponent(flowId)}/${encodeURIComponent(chatId)}`;
  const attached = await clientOf(access).request<unknown>(path, { method: "POST", body: form });
  return asArray(attached).flatMap((entry) => {
    const fields = asObject(entry);
    const name = asText(fields?.["name"]);
    return name ? [{ type: "file:full" as const, name, mime: asText(fields?.["mimeType"]) ?? "", data: asText(fields?.["content"]) ?? "" }] : [];
  });
}

/** Puts documents into the flow's vector store, for this chat only. */
export async function storeDocuments(access: Access, flowId: string, chatId: string, files: File[]): Promise<Upload[]> {
  if (files.length === 0) return [];
  const form = new FormData();
  for (const file of files) form.append("files", file);
  form.append("chatId", chatId);
  const route = access === "internal" ? "vector/internal-upsert" : "vector/upsert";
  await clientOf(access).request(`/${route}/${encodeURIComponent(flowId)}`, { method: "POST", body: form });
  return files.map((file) => ({ type: "file:rag", name: file.name, mime: file.type, data: "" }));
}

/** The stored messages of a flow's own chats, oldest first; of one chat, or of the newest `sessions`. */
export async function fetchRows(flowId: string, which: { chatId: string } | { sessions: number }, signal?: AbortSignal): Promise<ChatMessageRow[]> {
  const query = "chatId" in which ? { chatId: which.chatId } : { page: 1, limit: which.sessions };
  try {
    const rows = await api.request<ChatMessageRow[] | null>(`/internal-chatmessage/${encodeURIComponent(flowId)}`, { query: { ...query, order: "ASC", feedback: true }, signal });
    return Array.isArray(rows) ? rows : [];
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return [];
    throw error;
  }
}

/** Removes single messages of a chat, so that a question can be asked anew and is not remembered twice. */
export async function removeRows(flowId: string, chatId: string, ids: string[]): Promise<void> {
  for (const messageId of ids) {
    await api.request(`/chatmessage/${encodeURIComponent(flowId)}`, { method: "DELETE", query: { chatId, messageId, chatType: "INTERNAL" } });
  }
}

/** Where the file of a chat can be fetched. */
export function chatFileUrl(flowId: string, chatId: string, fileName: string, download = false): string {
  const query = new URLSearchParams({ chatflowId: flowId, chatId, fileName, ...(download ? { download: "true" } : {}) });
  return `/api/v1/get-upload-file?${query}`;
}
