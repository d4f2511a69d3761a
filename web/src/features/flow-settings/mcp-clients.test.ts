// How clients of MCP are told of a flow.
import { describe, expect, it } from "vitest";
import { CLIENTS, clientSnippet, serverName } from "./mcp-clients";

describe("clients of MCP", () => {
  it("get a name that they take", () => {
    expect([serverName("Ask the cave handbook!"), serverName("ask_it"), serverName("日本")]).toEqual(["ask-the-cave-handbook", "ask_it", "flowstone"]);
  });

  it.each(CLIENTS)("%s is told address and token", (client) => {
    const text = clientSnippet(client, { name: "cave", address: "https://x.example/api/v1/mcp/1", token: "t0" });
    expect(text).toContain("https://x.example/api/v1/mcp/1");
    expect(text).toContain("Bearer t0");
  });

  it.each(["cursor", "vscode", "claudeDesktop"] as const)("%s is given a file that it can read", (client) => {
    expect(() => JSON.parse(clientSnippet(client, { name: "cave", address: "https://x.example", token: 't"0' })) as unknown).not.toThrow();
  });
});
