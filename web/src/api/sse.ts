// Server-sent events over `fetch`: bytes in, frames out, wherever the network cuts them.

/** One dispatched event: its data lines joined, as the SSE standard says. */
export interface SseFrame {
  event: string;
  data: string;
  id: string;
}

/** The prediction stream's own envelope inside a frame's data. */
export interface FlowEvent {
  event: string;
  data: unknown;
  /** Seconds of thinking, sent with the last `thinking` event. */
  duration?: number;
}

/**
 * Collects bytes and gives out whole frames. Knows all three line ends, comments (heartbeats) and the
 * field without a colon; a frame cut off by the end of the stream is dropped, as the standard says.
 */
export class SseParser {
  readonly #decoder = new TextDecoder();
  #rest = "";
  #event = "";
  #id = "";
  #data: string[] = [];

  /** The frames completed by `chunk`. */
  push(chunk: Uint8Array): SseFrame[] {
    this.#rest += this.#decoder.decode(chunk, { stream: true });
    const frames: SseFrame[] = [];
    let start = 0;
    for (;;) {
      const end = lineEnd(this.#rest, start);
      if (!end) break;
      const frame = this.#line(this.#rest.slice(start, end.at));
      if (frame) frames.push(frame);
      start = end.next;
    }
    this.#rest = this.#rest.slice(start);
    return frames;
  }

  #line(line: string): SseFrame | null {
    if (line === "") return this.#dispatch();
    if (line.startsWith(":")) return null;
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const raw = colon === -1 ? "" : line.slice(colon + 1);
    const value = raw.startsWith(" ") ? raw.slice(1) : raw;
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#event = value;
    else if (field === "id") this.#id = value;
    // Any other field is to be ignored; the server's `message:` line is one of them.
    return null;
  }

  #dispatch(): SseFrame | null {
    const frame = this.#data.length > 0 ? { event: this.#event || "message", data: this.#data.join("\n"), id: this.#id } : null;
    this.#event = "";
    this.#data = [];
    return frame;
  }
}

/** Where the line from `start` ends and the next begins; null while its end may still be under way. */
function lineEnd(text: string, start: number): { at: number; next: number } | null {
  for (let at = start; at < text.length; at += 1) {
    const char = text.charCodeAt(at);
    if (char === 10) return { at, next: at + 1 };
    if (char !== 13) continue;
    // A carriage return at the very end may be the first half of a pair: wait for the other half.
    if (at + 1 === text.length) return null;
    return { at, next: text.charCodeAt(at + 1) === 10 ? at + 2 : at + 1 };
  }
  return null;
}

/** The frames of `body`, until it ends. Leaving the loop early cancels the body. */
export async function* readFrames(body: ReadableStream<Uint8Array>): AsyncGenerator<SseFrame> {
  const parser = new SseParser();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* parser.push(value);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** What `frame` says in the prediction stream's envelope, or null when it is none. */
export function flowEventOf(frame: SseFrame): FlowEvent | null {
  try {
    const value: unknown = JSON.parse(frame.data);
    if (typeof value !== "object" || value === null || !("event" in value) || typeof value.event !== "string") return null;
    return value as FlowEvent;
  } catch {
    return null;
  }
}
