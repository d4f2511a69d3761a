// The conversation and how it grows: pure, so that any event log can be replayed in a test.
import type { FlowEvent } from "~/api/sse";
import type { ChatMessageRow, PredictionAnswer } from "~/api/types";
import { asArray, asObject, asText, parseJson } from "~/lib/json";
import { type Answer, answerOfRow, emptyAnswer, failAnswer, type Failure, type Feedback, isOpen, withEvent, withWhole } from "./answer";

/** A file that went with a question. */
export interface SentFile {
  name: string;
  mime: string;
  /** What it looks like or sounds like, when this page still holds it. */
  preview: string | undefined;
}

export interface Question {
  role: "question";
  id: string;
  text: string;
  files: SentFile[];
  /** What was filled into the flow's form. */
  form: Record<string, unknown> | undefined;
}

export type ChatMessage = Question | Answer;

export interface ChatState {
  messages: ChatMessage[];
}

/** What goes out as one question. */
export interface Asked {
  text: string;
  files?: SentFile[];
  form?: Record<string, unknown> | undefined;
}

export type ChatAction =
  /** A question goes out; `ids` name it and its answer. */
  | { type: "asked"; question: Asked; ids: [string, string] }
  | { type: "events"; events: FlowEvent[] }
  /** The stream ended, with or without its `end` event. */
  | { type: "closed"; lostMessage: string }
  | { type: "answered"; answer: PredictionAnswer }
  | { type: "failed"; failure: Failure }
  | { type: "stopped" }
  /** The decision of the last answer was taken. */
  | { type: "decided" }
  | { type: "rated"; id: string; feedback: Feedback | undefined }
  /** Question `id` and everything after it is taken back, to be asked again. */
  | { type: "takenBack"; id: string }
  | { type: "history"; rows: ChatMessageRow[] }
  | { type: "restored"; messages: ChatMessage[] }
  | { type: "cleared" };

export const EMPTY_CHAT: ChatState = { messages: [] };

/** Whether an answer is under way. */
export function isRunning(state: ChatState): boolean {
  const last = state.messages.at(-1);
  return last?.role === "answer" && isOpen(last);
}

/** The last question, which may be asked again. */
export function lastQuestion(state: ChatState): Question | undefined {
  return state.messages.findLast((message): message is Question => message.role === "question");
}

/** The decision that the conversation waits for. */
export function openAction(state: ChatState): Answer["action"] {
  const last = state.messages.at(-1);
  return last?.role === "answer" && last.state === "done" ? last.action : undefined;
}

export function chatReducer(state: ChatState, action: ChatAction): ChatState {
  switch (action.type) {
    case "asked": {
      const { text, files = [], form } = action.question;
      return { messages: [...state.messages, { role: "question", id: action.ids[0], text, files, form }, emptyAnswer(action.ids[1])] };
    }
    case "events":
      return changeOpen(state, (answer) => action.events.reduce(withEvent, answer));
    case "closed":
      return changeOpen(state, (answer) => failAnswer(answer, { message: action.lostMessage }));
    case "answered":
      return changeOpen(state, (answer) => withWhole(answer, action.answer));
    case "failed":
      return changeOpen(state, (answer) => failAnswer(answer, action.failure));
    case "stopped":
      return changeOpen(state, (answer) => ({ ...answer, state: "stopped", callingTools: [], nextAgent: undefined }));
    case "decided":
      return { messages: state.messages.map((message) => (message.role === "answer" && message.action ? { ...message, action: undefined } : message)) };
    case "rated":
      return { messages: state.messages.map((message) => (message.role === "answer" && message.id === action.id ? { ...message, feedback: action.feedback } : message)) };
    case "takenBack": {
      const at = state.messages.findIndex((message) => message.id === action.id);
      return at === -1 ? state : { messages: state.messages.slice(0, at) };
    }
    case "history":
      // What was said here meanwhile stays below what was said before.
      return { messages: [...action.rows.map(messageOfRow), ...state.messages] };
    case "restored":
      return { messages: [...action.messages, ...state.messages] };
    case "cleared":
      return EMPTY_CHAT;
  }
}

/** The state with its open answer changed; once an answer is final, late events do nothing. */
function changeOpen(state: ChatState, change: (answer: Answer) => Answer): ChatState {
  const last = state.messages.at(-1);
  if (last?.role !== "answer" || !isOpen(last)) return state;
  return { messages: [...state.messages.slice(0, -1), change(last)] };
}

function messageOfRow(row: ChatMessageRow): ChatMessage {
  if (row.role !== "userMessage") return answerOfRow(row);
  const uploads = typeof row.fileUploads === "string" ? parseJson(row.fileUploads) : row.fileUploads;
  const files = asArray(uploads).flatMap((entry): SentFile[] => {
    const fields = asObject(entry);
    const name = asText(fields?.["name"]);
    if (!name) return [];
    const data = asText(fields?.["data"]);
    const isAddress = data !== undefined && /^(?:https?:|data:)/.test(data);
    return [{ name, mime: asText(fields?.["mime"]) ?? "", preview: isAddress ? data : undefined }];
  });
  const form = formOf(row.content);
  return { role: "question", id: row.id, text: form ? "" : row.content, files, form };
}

/** Filled-in forms are stored as JSON text of an object. */
function formOf(content: string): Record<string, unknown> | undefined {
  return content.startsWith("{") ? (asObject(parseJson(content)) ?? undefined) : undefined;
}
