// One answer and how the events of a stream make it grow. Pure.
import type { FlowEvent } from "~/api/sse";
import type { ChatMessageRow, PredictionAnswer, SourceDocument, UsedTool } from "~/api/types";
import { asArray, asObject, asText, parseJson } from "~/lib/json";
import { type HumanAction, readAction } from "~/api/human-action";

export interface Failure {
  message: string;
  requestId?: string | undefined;
}

/** What an agent of the older agent flows did in its turn. */
export interface Reasoning {
  agent: string;
  messages: string[];
  instructions: string | undefined;
  next: string | undefined;
  usedTools: UsedTool[];
  sourceDocuments: SourceDocument[];
  artifacts: Artifact[];
  state: Record<string, unknown> | undefined;
}

/** A node that ran for this answer. */
export interface FlowStep {
  nodeId: string;
  label: string;
  /** As the server names it: INPROGRESS, FINISHED, ERROR, STOPPED, TERMINATED. */
  status: string;
  error: string | undefined;
  /** The node's `input`, `output` and the rest, once it has run. */
  data: Record<string, unknown> | undefined;
  /** Which round of an iteration it belongs to. */
  round: number | undefined;
}

/** A picture, page or text that a tool made. */
export interface Artifact {
  type: string;
  data: string;
}

export interface FileAnnotation {
  fileName: string;
  filePath: string;
}

export interface Usage {
  input: number;
  output: number;
  total: number;
}

export type Rating = "THUMBS_UP" | "THUMBS_DOWN";

export interface Feedback {
  /** The server's id, once it is stored. */
  id: string | undefined;
  rating: Rating;
  content: string;
}

export interface Answer {
  role: "answer";
  id: string;
  /** The server's id of the stored answer, once told. */
  messageId: string | undefined;
  text: string;
  /** `waiting` until the first text, `writing` until the end; the others are final. */
  state: "waiting" | "writing" | "done" | "stopped" | "failed";
  thinking: string;
  /** How long the model thought, in seconds, once it is told. */
  thinkingSeconds: number | undefined;
  usedTools: UsedTool[];
  /** Tools whose results are awaited. */
  callingTools: UsedTool[];
  sourceDocuments: SourceDocument[];
  artifacts: Artifact[];
  fileAnnotations: FileAnnotation[];
  reasoning: Reasoning[];
  /** The agent whose turn comes next, told before it speaks. */
  nextAgent: string | undefined;
  steps: FlowStep[];
  /** A decision that the run waits for. */
  action: HumanAction | undefined;
  followUps: string[];
  usage: Usage | undefined;
  feedback: Feedback | undefined;
  failure: Failure | undefined;
  /** Came while this page was open, and is news to a screen reader. */
  fresh: boolean;
}

export function emptyAnswer(id: string): Answer {
  return {
    role: "answer",
    id,
    messageId: undefined,
    text: "",
    state: "waiting",
    thinking: "",
    thinkingSeconds: undefined,
    usedTools: [],
    callingTools: [],
    sourceDocuments: [],
    artifacts: [],
    fileAnnotations: [],
    reasoning: [],
    nextAgent: undefined,
    steps: [],
    action: undefined,
    followUps: [],
    usage: undefined,
    feedback: undefined,
    failure: undefined,
    fresh: true,
  };
}

/** Whether more of the answer may come. */
export function isOpen(answer: Answer): boolean {
  return answer.state === "waiting" || answer.state === "writing";
}

export function failAnswer(answer: Answer, failure: Failure): Answer {
  return { ...answer, state: "failed", failure, callingTools: [], nextAgent: undefined };
}

/** `answer` after one event; once it is final, late events do nothing. */
export function withEvent(answer: Answer, { event, data, duration }: FlowEvent): Answer {
  if (!isOpen(answer)) return answer;
  switch (event) {
    // `start` holds the first piece too, which comes again as a token.
    case "start":
      return { ...answer, state: "writing" };
    case "token":
      if (typeof data !== "string" || data === "") return answer;
      return { ...answer, state: "writing", text: answer.text + data };
    case "thinking":
      return { ...answer, thinking: answer.thinking + (typeof data === "string" ? data : ""), thinkingSeconds: duration ?? answer.thinkingSeconds };
    case "usedTools":
      return { ...answer, usedTools: readTools(data), callingTools: [] };
    case "calledTools":
      return { ...answer, callingTools: readTools(data) };
    case "sourceDocuments":
      return { ...answer, sourceDocuments: readDocuments(data) };
    case "artifacts":
      return { ...answer, artifacts: readArtifacts(data) };
    case "fileAnnotations":
      return { ...answer, fileAnnotations: readAnnotations(data) };
    case "agentReasoning":
      return { ...answer, reasoning: readReasoning(data), nextAgent: undefined };
    case "nextAgent":
      return { ...answer, nextAgent: asText(data) };
    case "nextAgentFlow":
      return { ...answer, steps: withStep(answer.steps, asObject(data)) };
    case "agentFlowExecutedData":
      return { ...answer, steps: readSteps(data) };
    case "action":
      return { ...answer, action: readAction(data) };
    case "usageMetadata":
      return { ...answer, usage: readUsage(data) ?? answer.usage };
    case "metadata":
      return withMetadata(answer, asObject(data) ?? {});
    case "error":
      return failAnswer(answer, { message: typeof data === "string" ? data : JSON.stringify(data) });
    case "abort":
      return { ...answer, state: "stopped", callingTools: [] };
    case "end":
      return { ...answer, state: "done", callingTools: [], nextAgent: undefined };
    default:
      // Streams may carry more than this page shows.
      return answer;
  }
}

/** `answer` completed by an answer that came in one piece. */
export function withWhole(answer: Answer, whole: PredictionAnswer): Answer {
  const parts = partsOf(whole as Record<string, unknown>);
  return { ...withMetadata(answer, whole as Record<string, unknown>), ...parts, state: "done", text: textOf(whole), callingTools: [] };
}

/** An answer as it was stored. */
export function answerOfRow(row: ChatMessageRow): Answer {
  const fields = row as unknown as Record<string, unknown>;
  const thought = asObject(maybeJson(fields["reasonContent"]));
  return {
    ...emptyAnswer(row.id),
    ...partsOf(fields),
    fresh: false,
    state: "done",
    messageId: row.id,
    text: row.content,
    thinking: asText(thought?.["thinking"]) ?? "",
    thinkingSeconds: typeof thought?.["thinkingDuration"] === "number" ? thought["thinkingDuration"] : undefined,
    followUps: readFollowUps(fields["followUpPrompts"]),
    action: readAction(maybeJson(fields["action"])),
    feedback: readFeedback(fields["feedback"]),
  };
}

/** The parts that the body of an answer and a stored message share. */
function partsOf(fields: Record<string, unknown>) {
  return {
    usedTools: readTools(fields["usedTools"]),
    sourceDocuments: readDocuments(fields["sourceDocuments"]),
    artifacts: readArtifacts(fields["artifacts"]),
    fileAnnotations: readAnnotations(fields["fileAnnotations"]),
    reasoning: readReasoning(fields["agentReasoning"]),
    steps: readSteps(fields["agentFlowExecutedData"] ?? asObject(fields["execution"])?.["executionData"]),
  };
}

function withMetadata(answer: Answer, data: Record<string, unknown>): Answer {
  return {
    ...answer,
    messageId: asText(data["chatMessageId"]) ?? answer.messageId,
    followUps: readFollowUps(data["followUpPrompts"]),
    action: readAction(data["action"]) ?? answer.action,
  };
}

/** The answer's text; a structured answer is shown as a JSON block. */
function textOf(answer: PredictionAnswer): string {
  if (typeof answer.text === "string") return answer.text;
  if (answer.json === undefined) return "";
  return `\`\`\`json\n${JSON.stringify(answer.json, null, 2)}\n\`\`\``;
}

/** What is kept in the database as JSON text comes out as what it says. */
function maybeJson(value: unknown): unknown {
  return typeof value === "string" ? parseJson(value) : value;
}

/** A list, as sent or as JSON text; entries that are no objects are dropped. */
function objectsOf(value: unknown): Record<string, unknown>[] {
  return asArray(maybeJson(value)).flatMap((entry) => {
    const fields = asObject(entry);
    return fields ? [fields] : [];
  });
}

function readTools(value: unknown): UsedTool[] {
  return objectsOf(value).flatMap((fields) => (typeof fields["tool"] === "string" ? [fields as unknown as UsedTool] : []));
}

function readDocuments(value: unknown): SourceDocument[] {
  return objectsOf(value).flatMap((fields) => (typeof fields["pageContent"] === "string" ? [fields as unknown as SourceDocument] : []));
}

function readArtifacts(value: unknown): Artifact[] {
  return objectsOf(value).flatMap(({ type, data }) => (typeof type === "string" && typeof data === "string" ? [{ type, data }] : []));
}

function readAnnotations(value: unknown): FileAnnotation[] {
  return objectsOf(value).flatMap(({ fileName, filePath }) => (typeof fileName === "string" && typeof filePath === "string" ? [{ fileName, filePath }] : []));
}

function readReasoning(value: unknown): Reasoning[] {
  return objectsOf(value).map((fields) => ({
    agent: asText(fields["agentName"]) ?? "",
    messages: asArray(fields["messages"]).flatMap((message) => asText(message) ?? []),
    instructions: asText(fields["instructions"]),
    next: asText(fields["next"]),
    usedTools: readTools(fields["usedTools"]),
    sourceDocuments: readDocuments(fields["sourceDocuments"]),
    artifacts: readArtifacts(fields["artifacts"]),
    state: asObject(fields["state"]) ?? undefined,
  }));
}

function readSteps(value: unknown): FlowStep[] {
  return objectsOf(value).flatMap((fields) => {
    const nodeId = asText(fields["nodeId"]);
    if (!nodeId) return [];
    const data = asObject(fields["data"]) ?? undefined;
    const round = data?.["iterationIndex"];
    return [{ nodeId, label: asText(fields["nodeLabel"]) ?? nodeId, status: asText(fields["status"]) ?? "", error: asText(data?.["error"]), data, round: typeof round === "number" ? round : undefined }];
  });
}

/** The list with the newest word on one node: the whole list comes later and replaces it. */
function withStep(steps: FlowStep[], fields: Record<string, unknown> | null): FlowStep[] {
  const nodeId = asText(fields?.["nodeId"]);
  const status = asText(fields?.["status"]);
  if (!nodeId || !status) return steps;
  const step: FlowStep = { nodeId, label: asText(fields?.["nodeLabel"]) ?? nodeId, status, error: asText(fields?.["error"]), data: undefined, round: undefined };
  const last = steps.findLastIndex((known) => known.nodeId === nodeId);
  // A node that ran and begins again is in a loop: one more entry.
  if (last === -1 || (status === "INPROGRESS" && steps[last]?.status !== "INPROGRESS")) return [...steps, step];
  return steps.map((known, index) => (index === last ? { ...known, status, error: step.error ?? known.error } : known));
}

function readUsage(value: unknown): Usage | undefined {
  const fields = asObject(value);
  const count = (name: string) => (typeof fields?.[name] === "number" ? fields[name] : 0);
  const [input, output] = [count("input_tokens"), count("output_tokens")];
  const total = count("total_tokens") || input + output;
  return total > 0 ? { input, output, total } : undefined;
}

/** Suggestions come as a list, as JSON text, or as JSON text of JSON text. */
function readFollowUps(value: unknown): string[] {
  let list = value;
  for (let depth = 0; depth < 2 && typeof list === "string"; depth += 1) list = parseJson(list);
  return asArray(list).flatMap((entry) => asText(entry) ?? []);
}

function readFeedback(value: unknown): Feedback | undefined {
  const fields = asObject(value);
  const rating = fields?.["rating"];
  if (rating !== "THUMBS_UP" && rating !== "THUMBS_DOWN") return undefined;
  return { id: asText(fields?.["id"]), rating, content: asText(fields?.["content"]) ?? "" };
}
