import { describe, expect, it } from "vitest";
import { flowEventOf, readFrames, SseParser, type SseFrame } from "./sse";

const encoder = new TextEncoder();

/** A stream as the server frames it, with a heartbeat, an accent, an emoji and an escaped line break. */
const STREAM = [
  ":heartbeat\n\n",
  'message:\ndata:{"event":"start","data":""}\n\n',
  'message:\ndata:{"event":"token","data":"Žiga 🪨"}\n\n',
  ":heartbeat\n\n",
  'message:\ndata:{"event":"token","data":"line\\nbreak: data:x"}\n\n',
  'message:\ndata:{"event":"end","data":"[DONE]"}\n\n',
].join("");

const EXPECTED = [
  { event: "start", data: "" },
  { event: "token", data: "Žiga 🪨" },
  { event: "token", data: "line\nbreak: data:x" },
  { event: "end", data: "[DONE]" },
];

function parse(chunks: Uint8Array[]): SseFrame[] {
  const parser = new SseParser();
  return chunks.flatMap((chunk) => parser.push(chunk));
}

/** A small generator of repeatable pseudo-random numbers in [0, 1). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

describe("SseParser", () => {
  it("gives the same frames wherever the bytes are cut in two", () => {
    for (const ends of ["\n", "\r\n", "\r"]) {
      const bytes = encoder.encode(STREAM.replaceAll("\n", ends));
      for (let cut = 0; cut <= bytes.length; cut += 1) {
        const frames = parse([bytes.slice(0, cut), bytes.slice(cut), encoder.encode(":end of test\n")]);
        expect(frames.map(flowEventOf), `cut at byte ${cut} with ${JSON.stringify(ends)}`).toEqual(EXPECTED);
      }
    }
  });

  it("gives the same frames for many random cuts", () => {
    const bytes = encoder.encode(STREAM);
    for (let seed = 1; seed <= 200; seed += 1) {
      const random = randomFrom(seed);
      const chunks: Uint8Array[] = [];
      for (let start = 0; start < bytes.length; ) {
        const end = start + 1 + Math.floor(random() * 12);
        chunks.push(bytes.slice(start, end));
        start = end;
      }
      expect(parse(chunks).map(flowEventOf), `seed ${seed}`).toEqual(EXPECTED);
    }
  });

  it("joins data lines, takes one leading space, and resets the event name", () => {
    const frames = parse([encoder.encode("event: tts_data\nid: 7\ndata: a\ndata:  b\n\ndata\n\n")]);
    expect(frames).toEqual([
      { event: "tts_data", data: "a\n b", id: "7" },
      { event: "message", data: "", id: "7" },
    ]);
  });

  it("drops a frame that the stream's end cut off", () => {
    expect(parse([encoder.encode('data:{"event":"token","data":"half')])).toEqual([]);
  });
});

describe("flowEventOf", () => {
  it("is null for what is no envelope", () => {
    for (const data of ["", "[DONE]", "{}", "null", '{"event":1}', "{broken"]) {
      expect(flowEventOf({ event: "message", data, id: "" }), data).toBeNull();
    }
  });
});

describe("readFrames", () => {
  it("cancels the body when its reader leaves early", async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(encoder.encode(STREAM)),
      cancel: () => {
        cancelled = true;
      },
    });
    for await (const frame of readFrames(body)) {
      expect(frame.data).toContain("start");
      break;
    }
    expect(cancelled).toBe(true);
  });
});
