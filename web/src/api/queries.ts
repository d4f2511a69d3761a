// What pages read, as cached queries: one place for keys, paths and freshness.
import { queryOptions } from "@tanstack/react-query";
import { api } from ".";
import type { CatalogNode, Chatflow } from "./types";

export function chatflowQuery(id: string) {
  return queryOptions({
    queryKey: ["chatflow", id],
    queryFn: ({ signal }) => api.request<Chatflow>(`/chatflows/${encodeURIComponent(id)}`, { signal }),
  });
}

/** The node catalog: it changes only when the server does. */
export function nodesQuery() {
  return queryOptions({
    queryKey: ["nodes"],
    queryFn: ({ signal }) => api.request<CatalogNode[]>("/nodes", { signal }),
    staleTime: Infinity,
  });
}

export function versionQuery() {
  return queryOptions({
    queryKey: ["version"],
    queryFn: ({ signal }) => api.request<{ version: string }>("/version", { signal }),
    staleTime: Infinity,
  });
}

/** Removes one chat of the page's own (`INTERNAL`) from the server. */
export function deleteChat(flowId: string, chatId: string): Promise<unknown> {
  return api.request(`/chatmessage/${encodeURIComponent(flowId)}`, { method: "DELETE", query: { chatId, chatType: "INTERNAL" } });
}
