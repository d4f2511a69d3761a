import { describe, expect, it } from "vitest";
import { nameProblem, usesOf } from "./model";

describe("nameProblem", () => {
  it.each([
    ["", "missing"],
    ["  ", "missing"],
    ["two words", "letters"],
    ["1st", "letters"],
    ["a-b", "letters"],
    ["region", "taken"],
    ["Region", null],
    ["größe_2", null],
  ])("of %j is %j", (name, problem) => expect(nameProblem(name, ["region"])).toBe(problem));
});

describe("usesOf", () => {
  it("names both ways", () => expect(usesOf("a")).toEqual({ text: "{{$vars.a}}", code: "$vars.a" }));
});
