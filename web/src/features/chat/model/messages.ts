// The conversation and how it grows: pure, so that any event log can be replayed in a test.
import type { FlowEvent } from "~/api/sse";
import type { ChatMessageRow, PredictionAnswer, SourceDocument, UsedTool } from "~/api/types";
import { asArray, asObject, parseJson } from "~/lib/json";

export interface Failure {
  message: string;
  requestId?: string | undefined;
}

export interface Answer {
  role: "answer";
  id: string;
  text: string;
  /** `waiting` until the first text, `writing` until the end; the others are final. */
  state: "waiting" | "writing" | "done" | "stopped" | "failed";
  thinking: string;
  /** How long the model thought, in seconds, once it is told. */
  thinkingSeconds: number | undefined;
  usedTools: UsedTool[];
  sourceDocuments: SourceDocument[];
  failure: Failure | undefined;
  /** Came while this page was open, and is news to a screen reader. */
  fresh: boolean;
}

export interface Question {
  role: "question";
  id: string;
  text: string;
}

export type ChatMessage = Question | Answer;

export interface ChatState {
  messages: ChatMessage[];
}

export type ChatAction =
  /** A question goes out; `ids` name it and its answer. */
  | { type: "asked"; question: string; ids: [string, string] }
  | { type: "events"; events: FlowEvent[] }
  /** The stream ended, with or without its `end` event. */
  | { type: "closed"; lostMessage: string }
  | { type: "answered"; answer: PredictionAnswer }
  | { type: "failed"; failure: Failure }
  | { type: "stopped" }
  /** The failed last answer and its question are taken back, to be asked again. */
  | { type: "takenBack" }
  | { type: "history"; rows: ChatMessageRow[] }
  | { type: "cleared" };

export const EMPTY_CHAT: ChatState = { messages: [] };

/** Whether an answer is under way. */
export function isRunning(state: ChatState): boolean {
  const last = state.messages.at(-1);
  return last?.role === "answer" && isOpen(last);
}

function isOpen(answer: Answer): boolean {
  return answer.state === "waiting" || answer.state === "writing";
}

/** The question whose answer failed last, if it did. */
export function failedQuestion(state: ChatState): string | undefined {
  const [question, answer] = state.messages.slice(-2);
  return answer?.role === "answer" && answer.state === "failed" && question?.role === "question" ? question.text : undefined;
}

export function chatReducer(state: ChatState, action: ChatAction): ChatState {
  switch (action.type) {
    case "asked":
      return { messages: [...state.messages, { role: "question", id: action.ids[0], text: action.question }, emptyAnswer(action.ids[1])] };
    case "events":
      return changeOpen(state, (answer) => action.events.reduce(withEvent, answer));
    case "closed":
      return changeOpen(state, (answer) => fail(answer, { message: action.lostMessage }));
    case "answered":
      return changeOpen(state, (answer) => ({
        ...answer,
        state: "done",
        text: textOf(action.answer),
        usedTools: listOf<UsedTool>(action.answer.usedTools),
        sourceDocuments: listOf<SourceDocument>(action.answer.sourceDocuments),
      }));
    case "failed":
      return changeOpen(state, (answer) => fail(answer, action.failure));
    case "stopped":
      return changeOpen(state, (answer) => ({ ...answer, state: "stopped" }));
    case "takenBack":
      return failedQuestion(state) === undefined ? state : { messages: state.messages.slice(0, -2) };
    case "history":
      // What was said here meanwhile stays below what was said before.
      return { messages: [...action.rows.map(messageOfRow), ...state.messages] };
    case "cleared":
      return EMPTY_CHAT;
  }
}

function emptyAnswer(id: string): Answer {
  return { role: "answer", id, text: "", state: "waiting", thinking: "", thinkingSeconds: undefined, usedTools: [], sourceDocuments: [], failure: undefined, fresh: true };
}

/** The state with its open answer changed; once an answer is final, late events do nothing. */
function changeOpen(state: ChatState, change: (answer: Answer) => Answer): ChatState {
  const last = state.messages.at(-1);
  if (last?.role !== "answer" || !isOpen(last)) return state;
  return { messages: [...state.messages.slice(0, -1), change(last)] };
}

function fail(answer: Answer, failure: Failure): Answer {
  return { ...answer, state: "failed", failure };
}

function withEvent(answer: Answer, { event, data, duration }: FlowEvent): Answer {
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
      return { ...answer, usedTools: listOf<UsedTool>(data) };
    case "sourceDocuments":
      return { ...answer, sourceDocuments: listOf<SourceDocument>(data) };
    case "error":
      return fail(answer, { message: typeof data === "string" ? data : JSON.stringify(data) });
    case "abort":
      return { ...answer, state: "stopped" };
    case "end":
      return { ...answer, state: "done" };
    default:
      // Streams may carry more than this page shows.
      return answer;
  }
}

/** The answer's text; a structured answer is shown as a JSON block. */
function textOf(answer: PredictionAnswer): string {
  if (typeof answer.text === "string") return answer.text;
  if (answer.json === undefined) return "";
  return `\`\`\`json\n${JSON.stringify(answer.json, null, 2)}\n\`\`\``;
}

/** A list as sent, or as kept in the database as JSON text; entries that are no objects are dropped. */
function listOf<T>(value: unknown): T[] {
  const list = typeof value === "string" ? parseJson(value) : value;
  return asArray(list).flatMap((entry) => (asObject(entry) ? [entry as T] : []));
}

function messageOfRow(row: ChatMessageRow): ChatMessage {
  if (row.role === "userMessage") return { role: "question", id: row.id, text: row.content };
  return {
    ...emptyAnswer(row.id),
    fresh: false,
    state: "done",
    text: row.content,
    usedTools: listOf<UsedTool>(row.usedTools),
    sourceDocuments: listOf<SourceDocument>(row.sourceDocuments),
  };
}
