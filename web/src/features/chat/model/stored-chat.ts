// A visitor's conversation, kept in the browser: the server tells stored messages only to the flow's owner.
import { asArray, asObject, asText, parseJson } from "~/lib/json";
import { readStored, writeStored } from "~/lib/storage";
import { emptyAnswer } from "./answer";
import type { ChatMessage } from "./messages";

export interface StoredChat {
  chatId: string;
  messages: ChatMessage[];
  /** The address that the visitor left, if asked. */
  lead: { name: string; email: string; phone: string } | undefined;
}

/** The same place that the npm widget uses, so that both go on with one conversation. */
function keyOf(flowId: string): string {
  return `${flowId}_EXTERNAL`;
}

/** How many messages are kept: more would slow every page down. */
const KEPT = 200;

export function readStoredChat(flowId: string): StoredChat | undefined {
  const saved = asObject(parseJson(readStored(keyOf(flowId)) ?? ""));
  const chatId = asText(saved?.["chatId"]);
  if (!saved || !chatId) return undefined;
  const lead = asObject(saved["lead"]);
  return {
    chatId,
    messages: asArray(saved["messages"]).flatMap(readMessage),
    lead: lead ? { name: asText(lead["name"]) ?? "", email: asText(lead["email"]) ?? "", phone: asText(lead["phone"]) ?? "" } : undefined,
  };
}

export function writeStoredChat(flowId: string, chat: StoredChat | undefined): void {
  // Keys that the npm widget keeps beside ours stay.
  const before = asObject(parseJson(readStored(keyOf(flowId)) ?? "")) ?? {};
  const messages = chat?.messages.slice(-KEPT).map((message) => (message.role === "question" ? { ...message, files: message.files.map(({ name, mime }) => ({ name, mime })) } : message));
  writeStored(keyOf(flowId), chat ? JSON.stringify({ ...before, chatId: chat.chatId, lead: chat.lead, messages }) : null);
}

function readMessage(value: unknown): ChatMessage[] {
  const fields = asObject(value);
  const id = asText(fields?.["id"]);
  if (!fields || !id || typeof fields["text"] !== "string") return [];
  if (fields["role"] === "question") {
    const files = asArray(fields["files"]).flatMap((entry) => {
      const name = asText(asObject(entry)?.["name"]);
      return name ? [{ name, mime: asText(asObject(entry)?.["mime"]) ?? "", preview: undefined }] : [];
    });
    return [{ role: "question", id, text: fields["text"], files, form: asObject(fields["form"]) ?? undefined }];
  }
  // What was still being written when the page closed goes no further.
  const open = fields["state"] === "waiting" || fields["state"] === "writing";
  const answer = { ...emptyAnswer(id), ...fields } as ChatMessage;
  return fields["role"] === "answer" ? [{ ...answer, fresh: false, ...(open ? { state: "stopped" } : {}) } as ChatMessage] : [];
}
