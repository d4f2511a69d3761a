// Conversations of several flows in one order.
import { describe, expect, it } from "vitest";
import type { MessageRow } from "~/api/conversations";
import { inTurns } from "~/lib/pool";
import { merged, type Part, unread } from "./all-flows";

const said = (chatId: string, minute: number): MessageRow => ({
  id: `${chatId}-${minute}`, role: "userMessage", content: chatId, chatId, chatType: "INTERNAL", sessionId: chatId, memoryType: null, createdDate: `2026-06-15T12:${minute}:00.000Z`, leadEmail: null, usedTools: null, sourceDocuments: null, fileUploads: null,
});
const part = (name: string, more: boolean, ...minutes: number[]): Part => ({ flow: { id: name, name }, more, rows: minutes.map((minute) => said(`${name}${minute}`, minute)) });
const titles = (pages: Part[][]) => merged(pages).map((session) => session.title);

describe("conversations of all flows", () => {
  it("stand in the order of their newest message, each with its flow", () => {
    expect(titles([[part("a", false, 50, 30), part("b", false, 40)]])).toEqual(["a50", "b40", "a30"]);
    expect(merged([[part("a", false, 50)]])[0]?.flow?.name).toBe("a");
  });

  it("wait for older ones of other flows that may come before them", () => {
    const first = [part("a", true, 50, 45), part("b", false, 48, 20)];
    expect(titles([first])).toEqual(["a50", "b48", "a45"]);
    expect(titles([first, [part("a", false, 30)]])).toEqual(["a50", "b48", "a45", "a30", "b20"]);
  });

  it("tell which flows could not be read", () => {
    expect(unread([[part("a", false, 50), { ...part("b", false), error: new Error("gone") }]])).toEqual([{ id: "b", name: "b" }]);
  });
});

describe("inTurns", () => {
  it("keeps the order and never does more than so many at once", async () => {
    let [now, most] = [0, 0];
    const results = await inTurns([3, 1, 2, 0], 2, async (item) => {
      now += 1;
      most = Math.max(most, now);
      for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
      now -= 1;
      return item * 10;
    });
    expect([results, most]).toEqual([[30, 10, 20, 0], 2]);
  });
});
