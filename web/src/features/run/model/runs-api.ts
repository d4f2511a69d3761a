// Runs and executions as the server keeps them.
import { queryOptions } from "@tanstack/react-query";
import { api, publicApi } from "~/api";
import type { Paged } from "~/api/types";

export interface RunError {
  message: string;
  nodeId: string | null;
  nodeLabel: string | null;
  /** The label of the setting that is to blame. */
  row: string | null;
}

export interface RunSummary {
  id: string;
  flowId: string;
  flowName: string | null;
  flowType: string | null;
  version: number | null;
  draft: boolean;
  chatId: string;
  sessionId: string;
  chatType: string;
  /** FINISHED, ERROR or STOPPED. */
  state: string;
  startedDate: string;
  milliseconds: number;
  inputTokens: number | null;
  outputTokens: number | null;
  /** In US dollars. */
  cost: number | null;
  question: string;
  error: RunError | null;
}

export interface RunSpan {
  id: number;
  parent: number | null;
  kind: string;
  name: string;
  nodeId: string | null;
  nodeLabel: string | null;
  /** Milliseconds after the run's beginning. */
  start: number;
  milliseconds: number;
  status: string;
  input: unknown;
  output: unknown;
  error: string | null;
  row: string | null;
  inputTokens: number | null;
  outputTokens: number | null;
  cost: number | null;
  model: string | null;
  truncated: boolean;
}

export interface RunDetail extends RunSummary {
  spans: RunSpan[];
  /** How many were too many to keep. */
  spansLeftOut: number;
}

/** A run's state in the words of its steps: a run that is STOPPED was ended by somebody, a step that is so waits for somebody. */
export function statusOfRun(state: string): string {
  return state === "STOPPED" ? "TERMINATED" : state;
}

export interface RunFilter {
  flowId?: string | undefined;
  state?: string | undefined;
  q?: string | undefined;
  page: number;
  limit: number;
}

export function runsQuery({ flowId, state, q, page, limit }: RunFilter) {
  return queryOptions({
    queryKey: ["runs", flowId, state, q, page, limit],
    queryFn: ({ signal }) => api.request<Paged<RunSummary> | RunSummary[]>("/runs", { query: { flowId, state, q, page, limit }, signal }),
    select: pagedOf,
  });
}

export function runQuery(id: string) {
  return queryOptions({
    queryKey: ["run", id],
    queryFn: ({ signal }) => api.request<RunDetail>(`/runs/${encodeURIComponent(id)}`, { signal }),
  });
}

export function deleteRuns(runIds: string[]): Promise<unknown> {
  return api.request("/runs", { method: "DELETE", body: { runIds } });
}

/** A run of an agentflow, with its turns as JSON text. */
export interface Execution {
  id: string;
  executionData: string;
  state: string;
  agentflowId: string;
  sessionId: string;
  action: string | null;
  isPublic: boolean | null;
  createdDate: string;
  updatedDate: string;
  stoppedDate: string | null;
  agentflow?: { id: string; name: string };
}

export interface ExecutionFilter {
  state?: string | undefined;
  name?: string | undefined;
  from?: string | undefined;
  page: number;
  limit: number;
}

/** What changes by itself is asked for again, in milliseconds. */
const AGAIN = 3_000;

export function executionsQuery({ state, name, from, page, limit }: ExecutionFilter) {
  return queryOptions({
    queryKey: ["executions", state, name, from, page, limit],
    queryFn: ({ signal }) => api.request<Paged<Execution> | Execution[]>("/executions", { query: { state, agentflowName: name, startDate: from, page, limit }, signal }),
    select: pagedOf,
  });
}

export function executionQuery(id: string, access: "internal" | "public") {
  return queryOptions({
    queryKey: ["execution", access, id],
    queryFn: ({ signal }) =>
      access === "internal" ? api.request<Execution>(`/executions/${encodeURIComponent(id)}`, { signal }) : publicApi.request<Execution>(`/public-executions/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: (query) => (query.state.data?.state === "INPROGRESS" ? AGAIN : false),
  });
}

export function shareExecution(id: string, isPublic: boolean): Promise<Execution> {
  return api.request(`/executions/${encodeURIComponent(id)}`, { method: "PUT", body: { isPublic } });
}

export function deleteExecutions(executionIds: string[]): Promise<unknown> {
  return api.request("/executions", { method: "DELETE", body: { executionIds } });
}

/** Goes on with a run that waits for a person. */
export function resumeExecution({ agentflowId, sessionId }: Execution, decision: Record<string, unknown>): Promise<unknown> {
  return api.request(`/internal-prediction/${encodeURIComponent(agentflowId)}`, { method: "POST", body: { chatId: sessionId, ...decision } });
}

function pagedOf<Row>(answer: Paged<Row> | Row[]): Paged<Row> {
  return Array.isArray(answer) ? { data: answer, total: answer.length } : answer;
}
