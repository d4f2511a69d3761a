// How the common clients of MCP are told of a flow's server. Pure.

export const CLIENTS = ["claudeCode", "cursor", "vscode", "claudeDesktop"] as const;
/** As their makers call them, in every language. */
export const CLIENT_NAMES: Record<McpClient, string> = { claudeCode: "Claude Code", cursor: "Cursor", vscode: "VS Code", claudeDesktop: "Claude Desktop" };

export type McpClient = (typeof CLIENTS)[number];

export interface McpTarget {
  /** What the client calls the server. */
  name: string;
  address: string;
  token: string;
}

/** The name of a tool or flow as clients take it for a server. */
export function serverName(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9_-]+/g, "-").replaceAll(/^-+|-+$/g, "") || "flowstone";
}

export function clientSnippet(client: McpClient, { name, address, token }: McpTarget): string {
  const headers = { Authorization: `Bearer ${token}` };
  const file = (value: unknown) => JSON.stringify(value, null, 2);
  switch (client) {
    case "claudeCode":
      return `claude mcp add --transport http ${name} ${address} \\\n  --header "Authorization: Bearer ${token}"`;
    case "cursor":
      return file({ mcpServers: { [name]: { url: address, headers } } });
    case "vscode":
      return file({ servers: { [name]: { type: "http", url: address, headers } } });
    case "claudeDesktop":
      // It starts programs only; this one passes calls on.
      return file({ mcpServers: { [name]: { command: "npx", args: ["-y", "mcp-remote", address, "--header", "Authorization:${AUTHORIZATION}"], env: { AUTHORIZATION: `Bearer ${token}` } } } });
  }
}
