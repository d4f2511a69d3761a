import { describe, expect, it } from "vitest";
import { tokenIn } from "./reset-token";

describe("the token in an address", () => {
  it.each([
    ["#token=abc-_1", "", "abc-_1"],
    ["", "?token=abc", "abc"],
    ["#token=new", "?token=old", "new"],
    ["", "", undefined],
    ["#token=", "", undefined],
    ["#top", "?other=1", undefined],
  ])("%s %s", (hash, search, token) => expect(tokenIn({ hash, search })).toBe(token));
});
