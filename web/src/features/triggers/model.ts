// What a flow's first step says of how it is started, and what a listener has heard of its webhook. Pure.
import type { SseFrame } from "~/api/sse";
import { flowEventOf } from "~/api/sse";
import { asArray, asObject, asText, type JsonObject, parseJson } from "~/lib/json";

export type TriggerKind = "chatInput" | "formInput" | "webhookTrigger" | "scheduleInput";

/** The values of the step that begins; null for flows without one. */
export function startOf(flowData: string): JsonObject | null {
  const nodes = asArray(asObject(parseJson(flowData))?.["nodes"]);
  const start = nodes.map((node) => asObject(asObject(node)?.["data"])).find((data) => data?.["name"] === "startAgentflow");
  return start ? (asObject(start["inputs"]) ?? {}) : null;
}

export function kindOf(start: JsonObject): TriggerKind {
  const kind = start["startInputType"];
  return kind === "formInput" || kind === "webhookTrigger" || kind === "scheduleInput" ? kind : "chatInput";
}

const METHODS = ["POST", "GET", "PUT", "PATCH", "DELETE"] as const;

export interface Webhook {
  method: (typeof METHODS)[number];
  contentType: string;
  /** Calls must prove that they know the secret. */
  signed: boolean;
  header: string;
  plainToken: boolean;
  /** How the flow answers: `sync`, `async` or `stream`. */
  mode: string;
  checked: boolean;
  rows: Record<"query" | "body" | "headers", { name: string; type: string; required: boolean }[]>;
}

const isOn = (value: unknown) => value === true || value === "true";

export function webhookOf(start: JsonObject): Webhook {
  const rows = (name: string) =>
    asArray(start[name]).flatMap((entry) => {
      const row = asObject(entry);
      const label = asText(row?.["name"]);
      return label ? [{ name: label, type: asText(row?.["type"]) ?? "string", required: isOn(row?.["required"]) }] : [];
    });
  return {
    method: METHODS.find((method) => method === start["webhookMethod"]) ?? "POST",
    contentType: asText(start["webhookContentType"]) || "application/json",
    signed: isOn(start["webhookEnableAuth"]),
    header: asText(start["webhookSignatureHeader"]) || "x-webhook-signature",
    plainToken: start["webhookSignatureType"] === "plain-token",
    mode: asText(start["webhookResponseMode"]) || "sync",
    checked: isOn(start["webhookEnableValidation"]),
    rows: { query: rows("webhookQueryParams"), body: rows("webhookBodyParams"), headers: rows("webhookHeaderParams") },
  };
}

const SAMPLES: Record<string, unknown> = { string: "text", number: 1, boolean: true, object: {} };

/** A body that the webhook takes. */
export function sampleBody({ rows }: Webhook): JsonObject {
  if (rows.body.length === 0) return { message: "Hello" };
  return Object.fromEntries(rows.body.map(({ name, type }) => [name, type.startsWith("array") ? [] : (SAMPLES[type] ?? "text")]));
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** The call as one types it into a shell. */
export function curlOf(address: string, hook: Webhook): string {
  const query = hook.rows.query.map(({ name }) => `${encodeURIComponent(name)}=text`).join("&");
  const url = query ? `${address}?${query}` : address;
  const hasBody = hook.method !== "GET";
  const isForm = hook.contentType === "application/x-www-form-urlencoded";
  const sample = sampleBody(hook);
  const body = isForm ? new URLSearchParams(Object.entries(sample).map(([name, value]) => [name, String(value)])).toString() : JSON.stringify(sample);
  const before = [
    ...(hook.signed ? ["SECRET='the secret of this webhook'"] : []),
    ...(hasBody && hook.signed ? [`BODY=${quoted(body)}`] : []),
    ...(hook.signed && !hook.plainToken ? [`SIGNATURE=$(printf %s "${hasBody ? "$BODY" : ""}" | openssl dgst -sha256 -hmac "$SECRET" | sed 's/^.* //')`] : []),
  ];
  const lines = [
    `curl -X ${hook.method} ${quoted(url)}`,
    ...(hasBody ? [`  -H ${quoted(`Content-Type: ${hook.contentType}`)}`] : []),
    ...hook.rows.headers.map(({ name }) => `  -H ${quoted(`${name}: text`)}`),
    ...(hook.signed ? [`  -H "${hook.header}: ${hook.plainToken ? "$SECRET" : "sha256=$SIGNATURE"}"`] : []),
    ...(hasBody ? [`  -d ${hook.signed ? '"$BODY"' : quoted(body)}`] : []),
  ];
  return [...before, lines.join(" \\\n")].join("\n");
}

export interface HeardStep {
  id: string;
  label: string;
  /** `INPROGRESS`, `FINISHED`, `ERROR`, `STOPPED` … */
  status: string;
}

/** A call that arrived while somebody listened, and what came of it. */
export interface HeardCall {
  number: number;
  /** Milliseconds. */
  at: number;
  body: unknown;
  query: JsonObject;
  headers: JsonObject;
  question: string | undefined;
  steps: HeardStep[];
  answer: string;
  error: string | undefined;
  status: string;
}

/** So many calls are kept in view. */
const MOST_CALLS = 20;

/** The calls after one more frame, the newest first. */
export function heard(calls: readonly HeardCall[], frame: SseFrame, at: number): readonly HeardCall[] {
  const event = flowEventOf(frame);
  if (!event) return calls;
  const { event: name, data } = event;
  const begins = name === "agentFlowEvent" && data === "INPROGRESS";
  // A listener that came late hears the rest of a run that it did not hear begin.
  if (begins || calls.length === 0) {
    if (name === "end" || name === "executionEnd") return calls;
    const fresh: HeardCall = { number: (calls[0]?.number ?? 0) + 1, at, body: undefined, query: {}, headers: {}, question: undefined, steps: [], answer: "", error: undefined, status: "INPROGRESS" };
    return [told(fresh, name, data), ...calls].slice(0, MOST_CALLS);
  }
  const [latest, ...others] = calls;
  return latest ? [told(latest, name, data), ...others] : calls;
}

function told(call: HeardCall, name: string, data: unknown): HeardCall {
  switch (name) {
    case "agentFlowEvent":
      return { ...call, status: asText(data) ?? call.status };
    case "token":
      return { ...call, answer: call.answer + (asText(data) ?? "") };
    case "error":
      return { ...call, error: asText(data), status: "ERROR" };
    case "nextAgentFlow": {
      const step = asObject(data);
      const id = asText(step?.["nodeId"]);
      if (!id) return call;
      const next = { id, label: asText(step?.["nodeLabel"]) ?? id, status: asText(step?.["status"]) ?? "" };
      const open = call.steps.findLastIndex((known) => known.id === id && known.status === "INPROGRESS");
      return { ...call, error: asText(step?.["error"]) ?? call.error, steps: open < 0 ? [...call.steps, next] : call.steps.with(open, next) };
    }
    case "agentFlowExecutedData": {
      const first = asObject(asObject(asObject(asArray(data)[0])?.["data"])?.["input"]);
      const webhook = asObject(first?.["webhook"]);
      if (!webhook) return call;
      return { ...call, body: webhook["body"], query: asObject(webhook["query"]) ?? {}, headers: asObject(webhook["headers"]) ?? {}, question: asText(first?.["question"]) };
    }
    default:
      return call;
  }
}
