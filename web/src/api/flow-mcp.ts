// A flow as an MCP server with one tool.
import { queryOptions } from "@tanstack/react-query";
import { api } from ".";

export interface FlowMcp {
  enabled: boolean;
  token: string;
  description: string;
  toolName: string;
}

const path = (id: string) => `/mcp-server/${encodeURIComponent(id)}`;

export function flowMcpQuery(id: string) {
  return queryOptions({
    queryKey: ["flow-mcp", id],
    queryFn: ({ signal }) => api.request<FlowMcp>(path(id), { signal }),
  });
}

/** Switches the server on; one that was on before keeps its name and its token. */
export function enableFlowMcp(id: string): Promise<FlowMcp> {
  return api.request(path(id), { method: "POST", body: {} });
}

export function disableFlowMcp(id: string): Promise<unknown> {
  return api.request(path(id), { method: "DELETE" });
}

export function saveFlowMcp(id: string, change: Pick<FlowMcp, "toolName" | "description">): Promise<FlowMcp> {
  return api.request(path(id), { method: "PUT", body: change });
}

/** Gives it a new token; the one before is void at once. */
export function renewFlowMcpToken(id: string): Promise<FlowMcp> {
  return api.request(`${path(id)}/refresh`, { method: "POST" });
}

export function flowMcpAddress(id: string): string {
  return `${window.location.origin}/api/v1/mcp/${id}`;
}
