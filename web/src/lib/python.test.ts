import { describe, expect, it } from "vitest";
import { pythonLiteral } from "./python";

describe("pythonLiteral", () => {
  it("writes Python's own words", () => expect(pythonLiteral({ a: true, b: null, c: [1, "x"], d: {} })).toBe('{\n    "a": True,\n    "b": None,\n    "c": [\n        1,\n        "x",\n    ],\n    "d": {},\n}'));
});
