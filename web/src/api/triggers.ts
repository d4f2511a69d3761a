// How a flow is started without a chat: its schedule with what came of it, and its webhook with those who listen.
import { queryOptions } from "@tanstack/react-query";
import { api } from ".";
import { readFrames, type SseFrame } from "./sse";
import type { Schedule } from "./types/Schedule";
import type { ScheduleLog } from "./types/ScheduleLog";
import type { ScheduleStatus } from "./types/ScheduleStatus";

export type { Schedule, ScheduleLog, ScheduleStatus };

const path = (id: string) => `/chatflows/${encodeURIComponent(id)}`;

export function scheduleQuery(id: string) {
  return queryOptions({
    queryKey: ["schedule", id],
    queryFn: ({ signal }) => api.request<ScheduleStatus>(`${path(id)}/schedule/status`, { signal }),
    // What is due changes by itself.
    refetchInterval: 30_000,
  });
}

export function switchSchedule(id: string, enabled: boolean): Promise<Schedule> {
  return api.request(`${path(id)}/schedule/enabled`, { method: "PATCH", body: { enabled } });
}

/** Runs the flow now as its schedule does; how it stands in the log. */
export function fireSchedule(id: string): Promise<ScheduleLog> {
  return api.request(`${path(id)}/schedule/run`, { method: "POST" });
}

export function firingsQuery(id: string, filter: { status: string | undefined; page: number; limit: number }) {
  return queryOptions({
    queryKey: ["firings", id, filter],
    queryFn: ({ signal }) => api.request<{ data: ScheduleLog[]; total: number }>(`${path(id)}/schedule/trigger-logs`, { query: filter, signal }),
    // Soon where something runs.
    refetchInterval: ({ state: { data } }) => (data?.data.some((row) => row.status === "RUNNING") ? 1_000 : 30_000),
  });
}

/** Deletes entries of the log, and the runs they tell of. */
export function deleteFirings(id: string, logIds: readonly string[]): Promise<unknown> {
  return api.request(`${path(id)}/schedule/trigger-logs`, { method: "DELETE", body: { logIds } });
}

/** Makes the secret that callers of the webhook sign with; it is told this once. */
export async function makeWebhookSecret(id: string): Promise<string> {
  return (await api.request<{ webhookSecret: string }>(`${path(id)}/webhook-secret`, { method: "POST" })).webhookSecret;
}

export function clearWebhookSecret(id: string): Promise<unknown> {
  return api.request(`${path(id)}/webhook-secret`, { method: "DELETE" });
}

export function webhookAddress(id: string): string {
  return `${window.location.origin}/api/v1/webhook/${id}`;
}

/** Calls the webhook as another system would; the answer is the flow's own. */
export async function callWebhook(id: string, method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", body: unknown): Promise<void> {
  const response = await api.open(`/webhook/${encodeURIComponent(id)}`, { method, body: method === "GET" ? undefined : body });
  await response.text();
}

/** What the runs that the webhook starts tell, until `signal` ends it. `ready` is called once nothing is missed any more. */
export async function* listenToWebhook(id: string, signal: AbortSignal, ready: () => void): AsyncGenerator<SseFrame> {
  const base = `/webhook-listener/${encodeURIComponent(id)}`;
  const { listenerId } = await api.request<{ listenerId: string }>(`${base}/register`, { method: "POST", signal });
  try {
    const { body } = await api.open(`${base}/stream/${encodeURIComponent(listenerId)}`, { signal });
    ready();
    if (body) yield* readFrames(body);
  } finally {
    // The server forgets it by itself as well; this is only sooner.
    await api.request(`${base}/listener/${encodeURIComponent(listenerId)}`, { method: "DELETE" }).catch(() => undefined);
  }
}
