import { describe, expect, it } from "vitest";
import { isStrong, looksLikeEmail } from "./password";

describe("the password rules", () => {
  it.each(["Abcdef1!", "Oracle-Passw0rd!", "Größe-ist-1"])("accept %s", (password) => expect(isStrong(password)).toBe(true));
  it.each(["Abcde1!", "abcdef1!", "ABCDEF1!", "Abcdefg!", "Abcdefg1", ""])("refuse %s", (password) => expect(isStrong(password)).toBe(false));
});

describe("looksLikeEmail", () => {
  it("catches slips only", () => {
    for (const good of ["a@b.co", " ada@example.com ", "a+b@sub.example.org"]) expect(looksLikeEmail(good), good).toBe(true);
    for (const bad of ["", "ada", "ada@", "ada@example", "a b@c.de", "ada@example."]) expect(looksLikeEmail(bad), bad).toBe(false);
  });
});
