// Changing a flow's record: its settings, not its graph.
import { queryOptions } from "@tanstack/react-query";
import { api } from ".";
import type { Flow } from "./types/Flow";
import type { ConfigRow } from "./types/ConfigRow";
import type { Uploads } from "./types/Uploads";

export type FlowChanges = Partial<Record<"chatbotConfig" | "apiConfig" | "analytic" | "speechToText" | "textToSpeech" | "followUpPrompts" | "apikeyid" | "category", string | null>> & { isPublic?: boolean };

export function flowQuery(id: string) {
  return queryOptions({
    queryKey: ["flow-record", id],
    queryFn: ({ signal }) => api.request<Flow>(`/chatflows/${encodeURIComponent(id)}`, { signal }),
  });
}

export function saveFlowSettings(id: string, changes: FlowChanges): Promise<Flow> {
  return api.request(`/chatflows/${encodeURIComponent(id)}`, { method: "PUT", body: changes });
}

/** The rows of the flow's nodes that a call may set. */
export function flowConfigQuery(id: string) {
  return queryOptions({
    queryKey: ["flow-config", id],
    queryFn: ({ signal }) => api.request<ConfigRow[]>(`/flow-config/${encodeURIComponent(id)}`, { signal }),
  });
}

/** Which files the flow takes, as its nodes and settings have it. */
export function flowUploadsQuery(id: string) {
  return queryOptions({
    queryKey: ["flow-uploads", id],
    queryFn: ({ signal }) => api.request<Uploads>(`/chatflows-uploads/${encodeURIComponent(id)}`, { signal }),
  });
}

export interface Voice {
  id: string;
  name: string;
}

export function voicesQuery(provider: string, credentialId: string) {
  return queryOptions({
    queryKey: ["voices", provider, credentialId],
    queryFn: ({ signal }) => api.request<Voice[]>("/text-to-speech/voices", { query: { provider, credentialId }, signal }),
    staleTime: 300_000,
    retry: false,
  });
}

/** The models that the node `name` offers with a credential. */
export function modelsQuery(name: string, credentialId: string) {
  return queryOptions({
    queryKey: ["node-models", name, credentialId],
    queryFn: ({ signal }) =>
      api.request<{ label: string; name: string }[]>(`/node-load-method/${encodeURIComponent(name)}`, { method: "POST", body: { loadMethod: "listModels", credential: credentialId }, signal }),
    staleTime: 300_000,
    retry: false,
  });
}

/** All flows by name, whatever their kind. */
export function flowNamesQuery() {
  return queryOptions({
    queryKey: ["chatflows", "names"],
    queryFn: async ({ signal }) => {
      const answer = await api.request<{ data: Flow[] } | Flow[]>("/chatflows", { signal });
      const flows = Array.isArray(answer) ? answer : answer.data;
      return flows.map(({ id, name, type, updatedDate }) => ({ id, name, type, updatedDate })).toSorted((a, b) => b.updatedDate.localeCompare(a.updatedDate));
    },
  });
}

export interface UpsertCounts {
  numAdded?: number;
  numUpdated?: number;
  numSkipped?: number;
  numDeleted?: number;
}

/** Fills a vector store of the published flow; `stopNodeId` says which where there are several. */
export function upsertFlow(id: string, stopNodeId?: string): Promise<UpsertCounts> {
  return api.request(`/vector/internal-upsert/${encodeURIComponent(id)}`, { method: "POST", body: stopNodeId ? { stopNodeId } : {} });
}
