import { describe, expect, it } from "vitest";
import { randomId } from "./id";
import { localPath } from "./redirect";
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
