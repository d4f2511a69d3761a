import { describe, expect, it } from "vitest";
import { figuresOf, markWords, overlapOf, sharedWords } from "./chunks";

describe("figuresOf", () => {
  it("counts", () => expect(figuresOf(["aaaa", "bb", "cccccc"])).toEqual({ count: 3, chars: 12, shortest: 2, longest: 6, average: 4 }));
  it("of nothing are nothing", () => expect(figuresOf([])).toEqual({ count: 0, chars: 0, shortest: 0, longest: 0, average: 0 }));
});

describe("overlapOf", () => {
  it.each([
    ["the cave is old", "is old and deep", 6],
    ["the cave is old", "the cave is old", 15],
    ["aaa", "aaaa", 3],
    ["abc", "xyz", 0],
    ["", "abc", 0],
    ["ends with é", "é begins", 1],
  ])("of %j and %j", (before, next, length) => expect(overlapOf(before, next)).toBe(length));

  it("is the longest end that is a beginning, whatever the texts", () => {
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    const text = () => Array.from({ length: random(12) }, () => "ab"[random(2)]).join("");
    for (let round = 0; round < 500; round += 1) {
      const [before, next] = [text(), text()];
      const longest = Array.from({ length: Math.min(before.length, next.length) + 1 }, (_, length) => length).findLast((length) => before.endsWith(next.slice(0, length)));
      expect(overlapOf(before, next), `${before} ${next}`).toBe(longest);
    }
  });
});

describe("markWords", () => {
  const text = "Opening hours: the caves open at nine. Reopened yearly.";
  it("marks whole words, also with an ending", () => expect(markWords(text, "When does a cave open?").filter((piece) => piece.marked).map((piece) => piece.text)).toEqual(["Opening", "caves", "open"]));
  it("loses nothing", () => expect(markWords(text, "cave open nine").map((piece) => piece.text).join("")).toBe(text));
  it("marks nothing for a question of signs", () => expect(markWords(text, "?? (*)")).toEqual([{ text, marked: false }]));
  it("tells each word once", () => expect(sharedWords("Nine or nine", "nine")).toEqual(["nine"]));
});
