import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { planRows, resolutionsOf } from "./plan";
import { nameOfFile, readImport } from "./read-file";

const agent = readFileSync(new URL("../../../tests/fixtures/agent.flow.json", import.meta.url), "utf8");

describe("readImport", () => {
  it("keeps every node of a flow and names it after its file", () => {
    const read = readImport(agent, "Support Bot Chatflow (2).json");
    expect(read).toMatchObject({ kind: "flow", name: "Support Bot", type: "CHATFLOW" });
    expect(read.kind === "flow" && read.graph).toEqual(JSON.parse(agent));
  });

  it("takes a whole record, with its settings", () => {
    const read = readImport(JSON.stringify({ name: "Named", flowData: agent, category: "Demo", id: "x", chatbotConfig: null }), "x.json");
    expect(read).toMatchObject({ kind: "flow", name: "Named", settings: { category: "Demo" } });
  });

  it("knows a workspace by its lists", () => {
    const read = readImport(JSON.stringify({ FileDefaultName: "ExportData.json", ChatFlow: [], Tool: [{ id: "t", name: "Sum" }, 5], Variable: [] }), "ExportData.json");
    expect(read).toMatchObject({ kind: "workspace", lists: [{ list: "Tool", rows: [{ id: "t", name: "Sum" }] }] });
  });

  it.each([
    ["not json", "notJson"],
    ["{}", "notFlow"],
    ["[1]", "notFlow"],
    ['{"flowData":"{"}', "notFlow"],
    ['{"ChatFlow":[]}', "empty"],
  ])("refuses %s", (text, reason) => expect(readImport(text, "x.json")).toMatchObject({ kind: "problem", reason }));

  it("finds a name even where the file has none", () => expect(nameOfFile("Agents.json")).toBe("Flow"));
});

describe("the plan", () => {
  const lists = [
    { list: "ChatFlow" as const, rows: [{ id: "1", name: "New" }, { id: "2", name: "Old" }] },
    { list: "AssistantCustom" as const, rows: [{ id: "3", details: '{"name":"Helper"}' }] },
    { list: "ChatMessage" as const, rows: [{ id: "4" }] },
  ];
  const conflict = { type: "ChatFlow", name: "Old", importId: "2", existingId: "9", sameId: false };
  const rows = planRows(lists, [conflict]);

  it("shows first what is here already, and counts messages elsewhere", () => {
    expect(rows.map((row) => row.name)).toEqual(["Old", "New", "Helper"]);
    expect(rows[0]?.conflict).toBe(conflict);
  });

  it("answers for each conflict: its own choice, else the one for all", () => {
    expect(resolutionsOf(rows, new Map(), "skip")).toEqual([{ type: "ChatFlow", importId: "2", existingId: "9", action: "skip" }]);
    expect(resolutionsOf(rows, new Map([["ChatFlow 2", "update"]]), "skip")).toMatchObject([{ action: "update" }]);
  });
});
