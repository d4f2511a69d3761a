import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { commandFor } from "~/features/canvas/view/shortcuts";
import { switchSingleKeys } from "./single-keys";

const press = (key: string, more: object = {}) => commandFor({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...more })?.command;

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => kept.set(key, value), removeItem: (key: string) => kept.delete(key) });
});
afterEach(() => vi.unstubAllGlobals());

it("takes letters and signs for commands until they are switched off; keys with Ctrl, arrows and Delete always work", () => {
  const all = () => [press("a"), press("?"), press("L", { shiftKey: true }), press("z", { ctrlKey: true }), press("ArrowUp"), press("Delete"), press("Enter")];
  expect(all()).toEqual(["add", "shortcuts", "tidy", "undo", "move", "delete", "open"]);
  switchSingleKeys(false);
  expect(all()).toEqual([undefined, undefined, undefined, "undo", "move", "delete", "open"]);
  switchSingleKeys(true);
  expect(press("a")).toBe("add");
});
