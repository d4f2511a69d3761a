// Drafts and versions of a flow. A server without them answers `null` to `fetchDraft`; then what is saved is live at once.
import { asObject } from "~/lib/json";
import { api } from ".";
import { isApiError } from "./errors";
import { fetchFlow } from "./flows";
import type { Chatflow } from "./types";

export type Person = { id: string; name: string } | null;

export interface FlowDraft {
  flowId: string;
  flowData: string;
  isDraft: boolean;
  /** Counts the saves; 0 when there is no draft. */
  revision: number;
  baseVersion: number | null;
  liveVersion: number | null;
  updatedDate: string;
  updatedBy: Person;
}

export interface FlowVersion {
  id: string;
  number: number;
  note: string | null;
  kind: "publish" | "save" | "first";
  live: boolean;
  createdDate: string;
  createdBy: Person;
}

const base = (id: string) => `/chatflows/${encodeURIComponent(id)}`;

export async function fetchDraft(id: string, signal?: AbortSignal): Promise<FlowDraft | null> {
  try {
    const answer = await api.request<FlowDraft>(`${base(id)}/draft`, signal ? { signal } : {});
    return typeof asObject(answer)?.["flowData"] === "string" ? answer : null;
  } catch (error) {
    if (isApiError(error) && (error.kind === "format" || error.status === 404 || error.status === 405)) return null;
    throw error;
  }
}

/** A flow as its editor shows it: with what is being worked on, where that is ahead of what is live. */
export async function fetchAsEdited(id: string): Promise<Chatflow> {
  const [flow, draft] = await Promise.all([fetchFlow(id), fetchDraft(id)]);
  return draft ? { ...flow, flowData: draft.flowData } : flow;
}

export function saveDraft(id: string, flowData: string, revision: number): Promise<FlowDraft> {
  return api.request<FlowDraft>(`${base(id)}/draft`, { method: "PUT", body: { flowData, revision } });
}

export function dropDraft(id: string): Promise<unknown> {
  return api.request(`${base(id)}/draft`, { method: "DELETE" });
}

export function publishDraft(id: string, revision: number, note: string): Promise<{ flow: Chatflow; version: FlowVersion }> {
  return api.request(`${base(id)}/publish`, { method: "POST", body: { revision, ...(note ? { note } : {}) } });
}

export async function fetchVersions(id: string, signal?: AbortSignal): Promise<FlowVersion[]> {
  const answer = await api.request<FlowVersion[] | { data: FlowVersion[] }>(`${base(id)}/versions`, { ...(signal ? { signal } : {}), query: { page: 1, limit: 50 } });
  return Array.isArray(answer) ? answer : answer.data;
}

export function fetchVersion(id: string, number: number): Promise<FlowVersion & { flowData: string }> {
  return api.request(`${base(id)}/versions/${number}`);
}

export function restoreVersion(id: string, number: number, revision: number): Promise<FlowDraft> {
  return api.request(`${base(id)}/versions/${number}/restore`, { method: "POST", body: { revision } });
}

export function saveLive(id: string, change: Partial<Pick<Chatflow, "flowData" | "name">>): Promise<Chatflow> {
  return api.request(base(id), { method: "PUT", body: change });
}

export function createFlow(name: string, type: string, flowData: string): Promise<Chatflow> {
  return api.request("/chatflows", { method: "POST", body: { name, type, flowData } });
}

/** What the server finds wrong with an unsaved flow; null where it cannot tell. */
export async function validateFlow(flowData: string): Promise<unknown> {
  try {
    return await api.request("/chatflows/validate", { method: "POST", query: { chosenCredentials: true }, body: { flowData } });
  } catch (error) {
    if (isApiError(error) && (error.kind === "format" || error.status === 404 || error.status === 405)) return null;
    throw error;
  }
}
