import { describe, expect, it } from "vitest";
import { facts, nameOf, placeOf } from "./source-facts";

describe("where a source is from", () => {
  it("is its file or address, and nothing where that is not known", () => {
    expect(nameOf({ pageContent: "", metadata: { source: "cave.pdf" } })).toBe("cave.pdf");
    expect(nameOf({ pageContent: "", metadata: { source: "blob" } })).toBeUndefined();
    expect(nameOf({ pageContent: "", metadata: {} })).toBeUndefined();
  });

  it("is a page, lines, or both", () => {
    expect(placeOf({ loc: { pageNumber: 3, lines: { from: 1, to: 4 } } })).toEqual({ page: 3, lines: [1, 4] });
    expect(placeOf({ loc: { lines: { from: 7, to: 7 } } })).toEqual({ lines: [7, 7] });
    expect(placeOf({ loc: "shelf 3" })).toBeUndefined();
    expect(placeOf({ loc: { lines: { from: "1" } } })).toEqual({});
  });

  it("is told flat, without what is empty", () => {
    expect(facts({ source: "a.txt", loc: { lines: { from: 1, to: 4 } }, tags: ["wet", "dark"], author: null, title: "" })).toEqual([
      ["source", "a.txt"],
      ["loc.lines.from", "1"],
      ["loc.lines.to", "4"],
      ["tags", '["wet","dark"]'],
    ]);
  });
});
