// What holds for a step whatever it does: tries, time, failure, a model that stands in. Kept beside its form, as the engine reads it.
import type { CatalogNode } from "~/api/types";
import { asArray, asObject, asText, type JsonObject } from "~/lib/json";
import { isStep } from "./connect";
import type { FlowGraph, FlowNode } from "./flow-data";
import { indexOf } from "./graph-index";
import { isErrorPort, nameOf, paramsOf } from "./node-data";
import { mapNodes, withoutWires } from "./operations";

export const ON_ERROR = ["stop", "branch", "continue"] as const;
export type OnError = (typeof ON_ERROR)[number];

/** The kinds of failure that may be tried again, as the engine calls them. */
export const FAILURES = ["provider", "transport", "busy", "model_answer", "script", "invalid_input", "storage"] as const;

/** What the engine takes where nothing is said. */
export const DEFAULT_BACKOFF = 500;
export const MOST_RETRIES = 10;

export interface Envelope {
  retries: number;
  /** Milliseconds before the first new try. */
  backoff: number;
  retryOn: string[];
  /** Seconds that one try may take; null for no limit. */
  timeout: number | null;
  onError: OnError;
  repeatable: boolean;
  fallback: { name: string; config: JsonObject } | undefined;
  /** What the run may spend; null for no limit. */
  budget: Record<"tokens" | "cost" | "seconds", number | null>;
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value > 0 ? value : null;
}

export function envelopeOf(node: FlowNode): Envelope {
  const saved = asObject(node.data["envelope"]) ?? {};
  const model = asObject(saved["fallbackModel"]);
  const name = asText(model?.["name"]);
  const budget = asObject(saved["budget"]);
  return {
    retries: Math.min(number(saved["retries"]) ?? 0, MOST_RETRIES),
    backoff: number(saved["backoff"]) ?? DEFAULT_BACKOFF,
    retryOn: asArray(saved["retryOn"]).filter((kind) => typeof kind === "string"),
    timeout: number(saved["timeout"]),
    onError: ON_ERROR.find((way) => way === saved["onError"]) ?? "stop",
    repeatable: saved["repeatable"] !== false,
    fallback: name ? { name, config: asObject(model?.["config"]) ?? {} } : undefined,
    budget: { tokens: number(budget?.["tokens"]), cost: number(budget?.["cost"]), seconds: number(budget?.["seconds"]) },
  };
}

/** How many of its rows differ from what holds where nothing is said. */
export function envelopeSet(node: FlowNode): number {
  const { retries, timeout, onError, repeatable, fallback, budget } = envelopeOf(node);
  return [retries > 0, timeout !== null, onError !== "stop", !repeatable, fallback !== undefined, ...Object.values(budget).map((limit) => limit !== null)].filter(Boolean).length;
}

export function isStart(node: FlowNode): boolean {
  return nameOf(node) === "startAgentflow";
}

/** Whether the node asks a model that another one could stand in for. */
export function asksModel(node: FlowNode, entry: CatalogNode | undefined): boolean {
  const rows = [...paramsOf(node).map(({ definition }) => definition), ...(entry?.inputs ?? [])];
  return rows.some((row) => row["loadMethod"] === "listModels" && row["loadConfig"] === true);
}

export function mayBranch(node: FlowNode): boolean {
  return isStep(node) && node.data["hideOutput"] !== true;
}

/** Changes rows of the envelope; undefined takes one away. The error wire comes and goes with `onError`. */
export function setEnvelope(graph: FlowGraph, id: string, rows: JsonObject): FlowGraph {
  const node = indexOf(graph).nodes.get(id);
  if (!node) return graph;
  const envelope = Object.fromEntries(Object.entries({ ...asObject(node.data["envelope"]), ...rows }).filter(([, value]) => value !== undefined));
  const before = asArray(node.data["outputAnchors"]);
  const ways = before.filter((anchor) => !isErrorPort(anchor));
  const outputAnchors = envelope["onError"] === "branch" ? [...ways, before.find(isErrorPort) ?? { id: `${id}-output-error`, label: "error", name: "error" }] : ways;
  const next = mapNodes(graph, [id], (one) => {
    const { envelope: _, ...data } = one.data;
    const kept = Object.keys(envelope).length > 0 ? { envelope } : {};
    return { ...one, data: { ...data, ...kept, ...(outputAnchors.length === before.length ? {} : { outputAnchors }) } };
  });
  return outputAnchors.some(isErrorPort) ? next : withoutWires(next, (edge) => edge.source === id && edge.sourceHandle === `${id}-output-error`);
}

/** What the whole run may spend: rows of the envelope of the step that begins. */
export function setBudget(graph: FlowGraph, id: string, row: keyof Envelope["budget"], value: number | null): FlowGraph {
  const node = indexOf(graph).nodes.get(id);
  const { [row]: _, ...rest } = asObject(asObject(node?.data["envelope"])?.["budget"]) ?? {};
  const budget: JsonObject = value === null ? rest : { ...rest, [row]: value };
  return setEnvelope(graph, id, { budget: Object.keys(budget).length > 0 ? budget : undefined });
}
