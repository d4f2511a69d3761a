// MCP servers that are registered in the workspace.
import { queryOptions } from "@tanstack/react-query";
import { asArray, asObject, asText } from "~/lib/json";
import { api } from "./index";
import type { McpServer } from "./types/McpServer";

export type { McpServer };

/** One server, with the names of its headers; their values never leave the server. */
export interface OneMcpServer extends McpServer {
  authConfig?: { headers?: Record<string, string> };
}

export interface McpServerForm {
  name: string;
  /** Left out, the address stays as it is. */
  serverUrl?: string;
  authType: "NONE" | "CUSTOM_HEADERS";
  authConfig?: { headers: Record<string, string> };
}

/** A tool as MCP describes it. */
export interface McpTool {
  name: string;
  description: string;
  parameters: readonly { name: string; type: string; required: boolean; description: string }[];
}

/** The page asks for all at once; nobody registers more. */
const ALL = 500;

export function mcpServersQuery() {
  return queryOptions({
    queryKey: ["mcp-servers"],
    queryFn: async ({ signal }) => (await api.request<{ data: McpServer[] }>(`/custom-mcp-servers?page=1&limit=${ALL}`, { signal })).data,
  });
}

export function mcpServerQuery(id: string) {
  return queryOptions({
    queryKey: ["mcp-server", id],
    queryFn: ({ signal }) => api.request<OneMcpServer>(`/custom-mcp-servers/${encodeURIComponent(id)}`, { signal }),
  });
}

export function mcpToolsQuery(id: string) {
  return queryOptions({
    queryKey: ["mcp-server-tools", id],
    queryFn: async ({ signal }) => asArray(await api.request<unknown>(`/custom-mcp-servers/${encodeURIComponent(id)}/tools`, { signal })).flatMap(readTool),
  });
}

export function saveMcpServer(form: McpServerForm, id?: string): Promise<McpServer> {
  return id ? api.request(`/custom-mcp-servers/${encodeURIComponent(id)}`, { method: "PUT", body: form }) : api.request("/custom-mcp-servers", { method: "POST", body: form });
}

/** Asks the server for its tools. */
export function authorizeMcpServer(id: string): Promise<McpServer> {
  return api.request(`/custom-mcp-servers/${encodeURIComponent(id)}/authorize`, { method: "POST", body: {} });
}

export function deleteMcpServer(id: string): Promise<unknown> {
  return api.request(`/custom-mcp-servers/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** Reads what a stranger's server said of a tool; nothing where it has no name. */
export function readTool(value: unknown): McpTool[] {
  const tool = asObject(value);
  const name = asText(tool?.["name"]);
  if (!name) return [];
  const schema = asObject(tool?.["inputSchema"]);
  const required = asArray(schema?.["required"]);
  const parameters = Object.entries(asObject(schema?.["properties"]) ?? {}).map(([key, about]) => {
    const property = asObject(about);
    return { name: key, type: asText(property?.["type"]) ?? "", required: required.includes(key), description: asText(property?.["description"]) ?? "" };
  });
  return [{ name, description: asText(tool?.["description"]) ?? "", parameters }];
}
