import { describe, expect, it } from "vitest";
import { signatureOf } from "./signature";

describe("signatureOf", () => {
  const long = "flowstone ".repeat(10_000);
  it("is the JSON of what is short", () => expect(signatureOf({ a: [1, "b"] })).toBe('{"a":[1,"b"]}'));
  it("is short for what is long", () => expect(signatureOf({ file: long }).length).toBeLessThan(3_000));
  it("is the same for the same", () => expect(signatureOf({ file: long })).toBe(signatureOf({ file: `${long}` })));
  it.each([["another length", `${long}x`], ["another end", `${long.slice(0, -1)}x`], ["another beginning", `x${long.slice(1)}`]])("differs for %s", (_, other) => expect(signatureOf({ file: other })).not.toBe(signatureOf({ file: long })));
});
