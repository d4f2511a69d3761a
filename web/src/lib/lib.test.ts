import { describe, expect, it } from "vitest";
import { fuzzyScore } from "./fuzzy";
import { randomId } from "./id";
import { localPath } from "./redirect";
import { safeFileName } from "./save-file";
import { relativeTime } from "./time";

describe("localPath", () => {
  it.each(["/chatflows", "/canvas/1?node=a#b", "/"])("lets %s through", (path) => expect(localPath(path)).toBe(path));
  it.each(["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "chatflows", "", 5, undefined])("stops %s", (path) =>
    expect(localPath(path)).toBeUndefined(),
  );
});

describe("relativeTime", () => {
  const now = Date.parse("2026-06-15T12:00:00Z");
  it.each([
    ["2026-06-15T11:59:40Z", "now"],
    ["2026-06-15T11:00:00Z", "1 hour ago"],
    ["2026-06-14T11:00:00Z", "yesterday"],
    ["2026-05-01T12:00:00Z", "last month"],
    ["nonsense", ""],
  ])("of %s is %s", (iso, text) => expect(relativeTime(iso, "en", now)).toBe(text));
});

describe("randomId", () => {
  it("makes version 4 UUIDs", () => expect(randomId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/));
});

describe("fuzzyScore", () => {
  const order = (query: string, ...texts: string[]) => texts.toSorted((a, b) => (fuzzyScore(b, query) ?? -1) - (fuzzyScore(a, query) ?? -1));

  it("likes the beginning of a text best, then of a word, then the middle, then letters in order", () => {
    expect(order("cha", "Merchant", "New chatflow", "Chatflows")).toEqual(["Chatflows", "New chatflow", "Merchant"]);
    expect(fuzzyScore("New chatflow", "ncf")).not.toBeNull();
    expect(fuzzyScore("Chatflows", "Chatflows")).toBe(100);
  });

  it("minds neither case nor accents, and knows what does not match", () => {
    expect(fuzzyScore("Öffnen", "off")).not.toBeNull();
    expect(fuzzyScore("Chatflows", "zz")).toBeNull();
    expect(fuzzyScore("Chatflows", "ws")).not.toBeNull();
    expect(fuzzyScore("anything", "")).toBe(0);
  });
});

describe("safeFileName", () => {
  it.each([
    ["a/b\\c:d.json", "a_b_c_d.json"],
    ["..secret", "secret"],
    ["", "file"],
  ])("makes %s harmless", (name, safe) => expect(safeFileName(name)).toBe(safe));
});
