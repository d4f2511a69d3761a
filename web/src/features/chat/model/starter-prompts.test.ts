import { expect, it } from "vitest";
import { starterPrompts } from "./starter-prompts";

it("reads both saved shapes and nothing else", () => {
  expect(starterPrompts('{"starterPrompts":{"0":{"prompt":"Hi"},"1":{"prompt":" "}}}')).toEqual(["Hi"]);
  expect(starterPrompts('{"starterPrompts":[{"prompt":"A"},{"prompt":"B"}]}')).toEqual(["A", "B"]);
  for (const none of [null, undefined, "", "{", "{}", '{"starterPrompts":"x"}', '{"starterPrompts":[3,null]}']) expect(starterPrompts(none)).toEqual([]);
});
