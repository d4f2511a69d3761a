import { describe, expect, it } from "vitest";
import { allOf, areaName, areaState, readingOf, withKeys } from "./model";

const TREE = {
  chatflows: [
    { key: "chatflows:view", value: "View" },
    { key: "chatflows:create", value: "Create" },
  ],
  tools: [{ key: "tools:view", value: "View" }],
};

describe("a key's permissions", () => {
  it("lists all, and those that only read", () => {
    expect(allOf(TREE)).toEqual(["chatflows:view", "chatflows:create", "tools:view"]);
    expect(readingOf(TREE)).toEqual(["chatflows:view", "tools:view"]);
  });
  it("tells an area's state", () => {
    expect(areaState(TREE.chatflows, new Set())).toBe(false);
    expect(areaState(TREE.chatflows, new Set(["chatflows:view"]))).toBe("indeterminate");
    expect(areaState(TREE.chatflows, new Set(allOf(TREE)))).toBe(true);
  });
  it("turns several on and off", () => {
    const on = withKeys(new Set(["tools:view"]), ["chatflows:view"], true);
    expect([...on]).toEqual(["tools:view", "chatflows:view"]);
    expect([...withKeys(on, ["tools:view"], false)]).toEqual(["chatflows:view"]);
  });
  it.each([
    ["documentStores", "Document stores"],
    ["apikeys", "API keys"],
    ["login-activity", "Login activity"],
  ])("names %s %s", (area, name) => expect(areaName(area)).toBe(name));
});
