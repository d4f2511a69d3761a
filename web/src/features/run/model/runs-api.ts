// Runs and executions as the server keeps them.
import { queryOptions } from "@tanstack/react-query";
import { api, publicApi } from "~/api";
import { isApiError } from "~/api/errors";
import { flowEventOf, type FlowEvent, readFrames } from "~/api/sse";
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

/** Which state of a flow a run walked. */
export type FlowSource = "published" | "draft" | "recorded";

/** What a run has spent. */
export interface Spent {
  inputTokens: number;
  outputTokens: number;
  /** In US dollars, of the calls whose price is known. */
  cost: number;
  /** How long it was walked; waiting for a person does not count. */
  milliseconds: number;
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
  spent?: Spent;
  flowSource?: FlowSource;
  /** The run that this one repeats, and from where. */
  rerunOf?: { executionId: string; nodeId: string };
  agentflow?: { id: string; name: string };
}

/** A run as lists tell it. */
export type ExecutionSummary = Omit<Execution, "executionData">;

export interface ExecutionFilter {
  state?: string | undefined;
  name?: string | undefined;
  flowId?: string | undefined;
  sessionId?: string | undefined;
  from?: string | undefined;
  page: number;
  limit: number;
}

/** What changes by itself is asked for again, in milliseconds: soon where something runs, now and then where nothing does. */
const AGAIN = 3_000;
const SOMETIMES = 20_000;

export function executionsQuery({ state, name, flowId, sessionId, from, page, limit }: ExecutionFilter) {
  return queryOptions({
    queryKey: ["executions", state, name, flowId, sessionId, from, page, limit],
    queryFn: ({ signal }) =>
      api.request<Paged<ExecutionSummary>>("/executions/summaries", { query: { state, agentflowName: name, agentflowId: flowId, sessionId, startDate: from, page, limit }, signal }),
    refetchInterval: ({ state: { data } }) => (data?.data.some((row) => row.state === "INPROGRESS") ? AGAIN : SOMETIMES),
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

/** The newest run of a conversation; undefined where it has none. */
export async function latestExecution(flowId: string, sessionId: string): Promise<ExecutionSummary | undefined> {
  const found = await api.request<Paged<ExecutionSummary>>("/executions/summaries", { query: { agentflowId: flowId, sessionId, page: 1, limit: 1 } });
  return found.data[0];
}

export function shareExecution(id: string, isPublic: boolean): Promise<Execution> {
  return api.request(`/executions/${encodeURIComponent(id)}`, { method: "PUT", body: { isPublic } });
}

export function deleteExecutions(executionIds: string[]): Promise<unknown> {
  return api.request("/executions", { method: "DELETE", body: { executionIds } });
}

/** Goes on with a run that waits for a person; `onEvent` hears what it does then. */
export async function resumeExecution({ agentflowId, sessionId }: Execution, decision: Record<string, unknown>, onEvent: (event: FlowEvent) => void = () => undefined): Promise<void> {
  const response = await api.open(`/internal-prediction/${encodeURIComponent(agentflowId)}`, { method: "POST", body: { chatId: sessionId, streaming: true, ...decision } });
  await hear(response, onEvent);
}

/** Tells what a run did and still does, until it ends or waits for a person. */
export async function followExecution(id: string, signal: AbortSignal, onEvent: (event: FlowEvent) => void): Promise<void> {
  await hear(await api.open(`/executions/${encodeURIComponent(id)}/events`, { signal }), onEvent);
}

async function hear(response: Response, onEvent: (event: FlowEvent) => void): Promise<void> {
  if (!response.body || !response.headers.get("content-type")?.startsWith("text/event-stream")) return;
  for await (const frame of readFrames(response.body)) {
    const event = flowEventOf(frame);
    if (event) onEvent(event);
    if (event?.event === "end") return;
  }
}

export interface Rerun {
  /** The node to begin at, and which of its turns, from 1; the last one where it is left out. */
  nodeId: string;
  iteration?: number | undefined;
  /** Rows of its form that are to be different. */
  inputs?: Record<string, unknown> | undefined;
  flow: FlowSource;
}

/** Runs `id` again from one of its nodes, as a run of its own. */
export function rerunExecution(id: string, rerun: Rerun): Promise<{ executionId: string; chatId: string; sessionId: string; state: string }> {
  return api.request(`/executions/${encodeURIComponent(id)}/rerun`, { method: "POST", body: rerun });
}

export interface SpendingRow {
  id: string;
  name: string | null;
  runs: number;
  inputTokens: number;
  outputTokens: number;
  cost: number;
}

export interface Spending {
  total: Omit<SpendingRow, "id" | "name">;
  rows: SpendingRow[];
}

/** What runs have cost, flow by flow; null on a server that does not count it. */
export function spendingQuery(from: string | undefined) {
  return queryOptions({
    queryKey: ["spending", from],
    queryFn: async ({ signal }): Promise<Spending | null> => {
      try {
        const spending = await api.request<Spending | null>("/spending", { query: { by: "flow", from }, signal });
        return spending && Array.isArray(spending.rows) ? spending : null;
      } catch (error) {
        if (isApiError(error) && [403, 404].includes(error.status)) return null;
        throw error;
      }
    },
    staleTime: SOMETIMES,
  });
}

function pagedOf<Row>(answer: Paged<Row> | Row[]): Paged<Row> {
  return Array.isArray(answer) ? { data: answer, total: answer.length } : answer;
}
