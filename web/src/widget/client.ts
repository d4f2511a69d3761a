// Calls from the widget to its Flowstone, on whatever page it stands.
import { flowEventOf, type FlowEvent, readFrames } from "~/api/sse";
import type { PredictionAnswer } from "~/api/types";
import type { Feedback } from "~/features/chat/model/answer";
import type { LeadValues, Upload } from "~/features/chat/model/transport";
import { asArray, asObject, asText, parseJson } from "~/lib/json";
import type { BotProps } from "./props";

/** A call that failed; `message` is for the visitor. */
export class CallError extends Error {
  override readonly name = "CallError";
}

export class BotClient {
  readonly #base: string;
  readonly #flow: string;
  readonly #onRequest: BotProps["onRequest"];

  constructor({ apiHost, chatflowid, onRequest }: BotProps) {
    // Without a host it is the server that this script came from.
    this.#base = `${(apiHost ?? new URL(import.meta.url).origin).replace(/\/+$/, "")}/api/v1`;
    this.#flow = encodeURIComponent(chatflowid);
    this.#onRequest = onRequest;
  }

  async #call(path: string, init: RequestInit = {}): Promise<Response> {
    await this.#onRequest?.(init);
    const response = await fetch(`${this.#base}${path}`, init);
    if (response.ok) return response;
    const text = await response.text().catch(() => "");
    const body = asObject(parseJson(text));
    const plain = text.length < 300 && !text.trimStart().startsWith("<") ? text : "";
    throw new CallError(asText(body?.["message"]) ?? asText(body?.["error"]) ?? (plain || `${response.status} ${response.statusText}`));
  }

  #json(path: string, method: string, body: unknown, signal?: AbortSignal): Promise<Response> {
    const init: RequestInit = { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
    if (signal) init.signal = signal;
    return this.#call(path, init);
  }

  async config(): Promise<Record<string, unknown>> {
    const response = await this.#call(`/public-chatbotConfig/${this.#flow}`);
    return asObject(await response.json()) ?? {};
  }

  /** Asks; `onEvent` hears the stream, and an answer in one piece comes back. */
  async ask(body: Record<string, unknown>, signal: AbortSignal, onEvent: (event: FlowEvent) => void): Promise<PredictionAnswer | undefined> {
    const response = await this.#json(`/prediction/${this.#flow}`, "POST", { ...body, streaming: true }, signal);
    if (!response.headers.get("content-type")?.startsWith("text/event-stream") || !response.body) return (await response.json()) as PredictionAnswer;
    for await (const frame of readFrames(response.body)) {
      const event = flowEventOf(frame);
      if (event) onEvent(event);
      if (event?.event === "end") break;
    }
    return undefined;
  }

  abort(chatId: string): Promise<unknown> {
    return this.#call(`/chatmessage/abort/${this.#flow}/${encodeURIComponent(chatId)}`, { method: "PUT" }).catch(() => undefined);
  }

  async rate(chatId: string, messageId: string, feedback: Feedback): Promise<Feedback> {
    const { id, rating, content } = feedback;
    if (id) {
      await this.#json(`/feedback/${encodeURIComponent(id)}`, "PUT", { rating, content });
      return feedback;
    }
    const response = await this.#json(`/feedback/${this.#flow}`, "POST", { chatflowid: decodeURIComponent(this.#flow), chatId, messageId, rating, content });
    return { ...feedback, id: asText(asObject(await response.json())?.["id"]) };
  }

  lead(chatId: string, lead: LeadValues): Promise<unknown> {
    return this.#json("/leads", "POST", { chatflowid: decodeURIComponent(this.#flow), chatId, ...lead });
  }

  /** A document made ready: its text, or its place in the vector store. */
  async document(chatId: string, file: File, way: "full" | "rag"): Promise<Upload> {
    const form = new FormData();
    form.append("files", file);
    if (way === "rag") {
      form.append("chatId", chatId);
      await this.#call(`/vector/upsert/${this.#flow}`, { method: "POST", body: form });
      return { type: "file:rag", name: file.name, mime: file.type, data: "" };
    }
    const response = await this.#call(`/attachments/${this.#flow}/${encodeURIComponent(chatId)}`, { method: "POST", body: form });
    const [first] = asArray(await response.json());
    const fields = asObject(first);
    return { type: "file:full", name: file.name, mime: asText(fields?.["mimeType"]) ?? file.type, data: asText(fields?.["content"]) ?? "" };
  }

  fileUrl(chatId: string, fileName: string): string {
    return `${this.#base}/get-upload-file?${new URLSearchParams({ chatflowId: decodeURIComponent(this.#flow), chatId, fileName })}`;
  }
}
