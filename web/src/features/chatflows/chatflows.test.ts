import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Chatflow } from "~/api/types";
import { flowOfExport, ImportError } from "./import-flow";
import { categoriesOf, matches, summaryOf } from "./summary";

const agent = readFileSync(new URL("../../../tests/fixtures/agent.flow.json", import.meta.url), "utf8");
const flow = (more: Partial<Chatflow>): Chatflow => ({ id: "7b1c", name: "Weather", createdDate: "", updatedDate: "", ...more });

describe("summaryOf", () => {
  it("names each kind of node once and leaves notes out", () => {
    const summary = summaryOf(flow({ flowData: readFileSync(new URL("../../../tests/fixtures/first.flow.json", import.meta.url), "utf8") }));
    expect(summary).toMatchObject({ nodeCount: 3, unreadable: false });
    expect(summary.kinds.map((kind) => kind.name)).toEqual(["chatLocal", "promptTemplate", "llmChain"]);
  });

  it("makes do with names when the list sends no graph", () => {
    expect(summaryOf(flow({ nodeNames: ["chatOpenAI", "stickyNote", "chatOpenAI"] }))).toMatchObject({ nodeCount: 2, kinds: [{ name: "chatOpenAI" }] });
  });

  it.each(["{", "[]", '{"nodes":4}', "null"])("says that %s cannot be read", (flowData) => {
    expect(summaryOf(flow({ flowData })).unreadable).toBe(true);
  });
});

describe("matches", () => {
  it("looks at name, category and id, whatever their case", () => {
    const found = flow({ category: "Demo;Team" });
    for (const query of ["weath", "TEAM", "7b", "  demo "]) expect(matches(found, query), query).toBe(true);
    expect(matches(found, "granite")).toBe(false);
    expect(categoriesOf(found)).toEqual(["Demo", "Team"]);
  });
});

describe("flowOfExport", () => {
  it("keeps every node of the export and names the flow after its file", () => {
    const made = flowOfExport(agent, "Support Bot Chatflow (2).json");
    expect(made).toMatchObject({ name: "Support Bot", type: "CHATFLOW" });
    expect(JSON.parse(made.flowData)).toEqual(JSON.parse(agent));
  });

  it("takes a whole record too", () => {
    expect(flowOfExport(JSON.stringify({ name: "Named", flowData: agent }), "x.json").name).toBe("Named");
  });

  it.each([
    ["not json", "notJson"],
    ["{}", "notFlow"],
    ["[1]", "notFlow"],
    ['{"flowData":"{"}', "notFlow"],
  ])("refuses %s", (text, reason) => {
    expect(() => flowOfExport(text, "x.json")).toThrow(ImportError);
    expect(() => flowOfExport(text, "x.json")).toThrow(reason);
  });
});
