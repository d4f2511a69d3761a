// Flows as lists show them, and what is done with them there.
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from ".";
import type { Chatflow, FlowType, Paged } from "./types";

/** A flow without its graph (`GET /chatflows/summaries`). */
export interface FlowSummary {
  id: string;
  name: string;
  type: FlowType | null;
  /** Several, with `;` between. */
  category: string | null;
  deployed: boolean | null;
  isPublic: boolean | null;
  createdDate: string;
  updatedDate: string;
  /** Each kind of node once, in the order of the graph; at most 24. */
  nodeNames: string[];
  nodeCount: number;
  /** There are changes that are not published. */
  hasDraft?: boolean;
}

export interface FlowsWanted {
  type?: FlowType;
  q?: string;
  category?: string | undefined;
  sort: string;
  descending: boolean;
  page: number;
  limit: number;
}

/** One page of flows; searching, filtering and sorting are the server's. */
export function flowSummariesQuery({ descending, q, category, ...wanted }: FlowsWanted) {
  const query = { ...wanted, q: q || undefined, category: category || undefined, order: descending ? "DESC" : "ASC" };
  return queryOptions({
    queryKey: ["chatflows", "summaries", query],
    queryFn: ({ signal }) => api.request<Paged<FlowSummary>>("/chatflows/summaries", { query, signal }),
    placeholderData: keepPreviousData,
  });
}

export interface FlowCategory {
  name: string;
  count: number;
}

export function flowCategoriesQuery(type: FlowType) {
  return queryOptions({
    queryKey: ["chatflows", "categories", type],
    queryFn: ({ signal }) => api.request<FlowCategory[]>("/chatflows/categories", { query: { type }, signal }),
  });
}

export function fetchFlow(id: string): Promise<Chatflow> {
  return api.request<Chatflow>(`/chatflows/${encodeURIComponent(id)}`);
}

export interface NewFlow {
  name: string;
  flowData: string;
  type: FlowType;
  category?: string | null;
  chatbotConfig?: string | null;
}

export function createFlow(flow: NewFlow): Promise<Chatflow> {
  return api.request<Chatflow>("/chatflows", { method: "POST", body: flow });
}

export function changeFlow(id: string, change: { name?: string; category?: string | null }): Promise<Chatflow> {
  return api.request<Chatflow>(`/chatflows/${encodeURIComponent(id)}`, { method: "PUT", body: change });
}

export function deleteFlow(id: string): Promise<unknown> {
  return api.request(`/chatflows/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** Where a flow is edited, by its kind. */
export function flowPath({ id, type }: { id: string; type?: string | null | undefined }): string {
  if (type === "AGENTFLOW") return `/v2/agentcanvas/${id}`;
  return type === "MULTIAGENT" ? `/agentcanvas/${id}` : `/canvas/${id}`;
}

/** A flow's categories: one text with semicolons between, as Flowise stores them. */
export function categoriesOf(flow: { category?: string | null }): string[] {
  return (flow.category ?? "")
    .split(";")
    .map((category) => category.trim())
    .filter(Boolean);
}
