// A call as a program outside makes it: with its key, without the session of whoever is signed in.
import { API_BASE } from "./client";
import { type FlowEvent, flowEventOf, readFrames } from "./sse";

export interface OutsideAnswer {
  status: number;
  /** Time until the answer was whole, in milliseconds. */
  milliseconds: number;
  /** The body as it came, unless it was a stream. */
  body: string;
  /** The events of a stream. */
  events: FlowEvent[];
}

/** Calls the flow's prediction. `onEvent` hears of each event of a stream. Throws where no answer came. */
export async function callFlow(flowId: string, body: unknown, key: string, onEvent: (event: FlowEvent) => void, signal: AbortSignal): Promise<OutsideAnswer> {
  const begin = performance.now();
  const response = await fetch(`${API_BASE}/prediction/${encodeURIComponent(flowId)}`, {
    method: "POST",
    credentials: "omit",
    headers: { "content-type": "application/json", ...(key ? { authorization: `Bearer ${key}` } : {}) },
    body: JSON.stringify(body),
    signal,
  });
  const events: FlowEvent[] = [];
  const isStream = response.headers.get("content-type")?.includes("text/event-stream") === true;
  if (isStream && response.body) {
    for await (const frame of readFrames(response.body)) {
      const event = flowEventOf(frame);
      if (!event) continue;
      events.push(event);
      onEvent(event);
    }
  }
  return { status: response.status, milliseconds: Math.round(performance.now() - begin), body: isStream ? "" : await response.text(), events };
}
