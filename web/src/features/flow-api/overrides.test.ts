import { describe, expect, it } from "vitest";
import { overridesOf, settableOf } from "./overrides";

const CONFIG = JSON.stringify({
  overrideConfig: {
    status: true,
    nodes: {
      OpenAI: [
        { label: "Temperature", name: "temperature", type: "number", enabled: true },
        { label: "Model", name: "modelName", type: "string", enabled: false },
      ],
      Other: [
        { label: "Temperature", name: "temperature", type: "number", enabled: true },
        { label: "Stream", name: "streaming", type: "boolean", enabled: true },
      ],
    },
    variables: [{ id: "1", name: "city", type: "static", enabled: true }],
  },
});

describe("what callers may set", () => {
  it("is what is switched on, each name once", () =>
    expect(settableOf(CONFIG).map((row) => [row.name, row.node])).toEqual([
      ["temperature", "OpenAI"],
      ["streaming", "Other"],
      ["vars.city", undefined],
    ]));
  it.each([null, "", "{", '{"overrideConfig":{"status":false,"nodes":{}}}'])("is nothing for %j", (text) => expect(settableOf(text)).toEqual([]));
  it("goes into the call as what it is", () =>
    expect(overridesOf(settableOf(CONFIG), { temperature: "0.5", streaming: "true", "vars.city": "Graz" })).toEqual({ temperature: 0.5, streaming: true, vars: { city: "Graz" } }));
  it("leaves empty values out", () => expect(overridesOf(settableOf(CONFIG), { temperature: "" })).toEqual({}));
});
