// Forms of MCP servers, and what strangers' servers say of their tools.
import { describe, expect, it } from "vitest";
import { readTool } from "~/api/mcp";
import { addressProblem, nameProblem, toHeaders } from "./model";

describe("the form of an MCP server", () => {
  it("knows what is wrong with a name and an address", () => {
    expect([nameProblem(" "), nameProblem("x".repeat(41)), nameProblem("Tickets")]).toEqual(["missing", "long", null]);
    expect(["", "mcp.example.com", "ftp://a", "https://mcp.example.com/mcp", "https://mcp.example.com/************"].map(addressProblem)).toEqual(["missing", "wrong", "wrong", null, null]);
  });

  it("leaves out headers without a name", () => {
    expect(toHeaders([{ name: " X-Key ", value: "k" }, { name: "", value: "lost" }])).toEqual({ "X-Key": "k" });
  });
});

describe("tools of a server", () => {
  it("are read however incomplete they are", () => {
    expect([{}, 3, { name: "bare" }].flatMap(readTool)).toEqual([{ name: "bare", description: "", parameters: [] }]);
    const tool = { name: "echo", description: "Says it", inputSchema: { properties: { text: { type: "string", description: "What" }, odd: 3 }, required: ["text"] } };
    expect(readTool(tool)[0]?.parameters).toEqual([
      { name: "text", type: "string", required: true, description: "What" },
      { name: "odd", type: "", required: false, description: "" },
    ]);
  });
});
