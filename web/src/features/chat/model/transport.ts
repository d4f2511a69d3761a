// Asking a flow: one call, answered by a stream of events or by one JSON body.
import { api } from "~/api";
import { flowEventOf, type FlowEvent, readFrames } from "~/api/sse";
import { ApiError } from "~/api/errors";
import type { PredictionAnswer } from "~/api/types";
import { asObject } from "~/lib/json";

export interface Ask {
  flowId: string;
  chatId: string;
  question: string;
  signal: AbortSignal;
}

export type Outcome = { kind: "streamed" } | { kind: "answered"; answer: PredictionAnswer };

/** Sends the question; `onEvent` hears the stream, if the flow can stream. Throws `ApiError`. */
export async function ask({ flowId, chatId, question, signal }: Ask, onEvent: (event: FlowEvent) => void): Promise<Outcome> {
  const response = await api.open(`/internal-prediction/${encodeURIComponent(flowId)}`, {
    method: "POST",
    body: { question, chatId, streaming: true },
    signal,
  });
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
export async function abortRun(flowId: string, chatId: string): Promise<void> {
  const path = `/chatmessage/abort/${encodeURIComponent(flowId)}/${encodeURIComponent(chatId)}`;
  await api.request(path, { method: "PUT" }).catch(() => undefined);
}
