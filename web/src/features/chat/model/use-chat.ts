// One chat with one flow: its id, its messages, the question under way.
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { isApiError } from "~/api/errors";
import type { FlowEvent } from "~/api/sse";
import type { ChatMessageRow } from "~/api/types";
import { runLayer } from "~/features/run";
import { randomId } from "~/lib/id";
import { readStored, writeStored } from "~/lib/storage";
import { useErrorText } from "~/ui/states";
import { decisionBody, type HumanAction } from "~/api/human-action";
import type { Feedback } from "./answer";
import { type Asked, type ChatMessage, chatReducer, EMPTY_CHAT, isRunning, openAction, type SentFile } from "./messages";
import { rowsFrom } from "./sessions";
import { readStoredChat, writeStoredChat } from "./stored-chat";
import { abortRun, type Access, ask, fetchRows, removeRows, sendFeedback, type Upload } from "./transport";

/** Where this browser remembers which chat with the flow is open. */
function storageKey(flowId: string): string {
  return `flowstone.chat.${flowId}`;
}

/** Where a question that is not sent yet waits, also for after a new sign-in. */
function draftKey(flowId: string): string {
  return `flowstone.draft.${flowId}`;
}

/** A file made ready to be sent, and how it looks meanwhile. */
export interface ReadyFile {
  upload: Upload;
  shown: SentFile;
}

export interface ChatOptions {
  access: Access;
  flowId: string;
  /** Awaited before each question; says whether to ask the draft that is being edited instead of what is live. */
  beforeAsk?: (() => Promise<{ draft: boolean }>) | undefined;
}

export type Chat = ReturnType<typeof useChat>;

export function useChat({ access, flowId, beforeAsk }: ChatOptions) {
  const { t } = useTranslation("chat");
  const errorText = useErrorText();
  const isPublic = access === "public";
  const [chatId, setChatId] = useState(() => (isPublic ? readStoredChat(flowId)?.chatId : readStored(storageKey(flowId))) ?? randomId());
  const [state, dispatch] = useReducer(chatReducer, EMPTY_CHAT, (empty) => (isPublic ? { messages: readStoredChat(flowId)?.messages ?? [] } : empty));
  const running = useRef<AbortController | null>(null);
  const messages = useRef(state.messages);
  useEffect(() => {
    messages.current = state.messages;
  }, [state.messages]);

  const history = useHistory(isPublic ? null : flowId, chatId, (rows) => dispatch({ type: "history", rows }));
  useKeeping(isPublic ? flowId : null, chatId, state.messages);

  // A page that is left needs no answer; the server sees the connection close and stops the model.
  useEffect(() => () => running.current?.abort(), []);

  const run = useCallback(
    async (asked: Asked, body: Record<string, unknown>, goesOn = false) => {
      if (running.current) return;
      const controller = new AbortController();
      running.current = controller;
      if (!isPublic) writeStored(storageKey(flowId), chatId);
      writeStored(draftKey(flowId), null);
      dispatch({ type: "asked", question: asked, ids: [randomId(), randomId()] });
      if (!isPublic) runLayer.started(flowId, chatId, goesOn);
      const batch = frameBatch((events) => {
        dispatch({ type: "events", events });
        if (!isPublic) runLayer.events(events);
      });
      const left = isPublic ? readStoredChat(flowId)?.lead?.email : undefined;
      try {
        // What was drawn a moment ago is saved first, so that it is what answers.
        const asksDraft = (await beforeAsk?.())?.draft ?? false;
        const more = isPublic ? (left ? { leadEmail: left } : {}) : { nodeEvents: true, ...(asksDraft ? { draft: true } : {}) };
        const outcome = await ask({ access, flowId, chatId, body: { ...body, ...more }, signal: controller.signal }, batch.add);
        batch.flush();
        if (outcome.kind === "answered") runLayer.events([{ event: "end", data: "" }]);
        dispatch(outcome.kind === "answered" ? { type: "answered", answer: outcome.answer } : { type: "closed", lostMessage: t("lost") });
      } catch (error) {
        batch.flush();
        // Without a session the page turns into the sign-in, which also ends this call; the question waits behind it.
        if (!isPublic && isApiError(error) && error.status === 401) writeStored(draftKey(flowId), asked.text);
        if (!controller.signal.aborted) runLayer.failed();
        if (controller.signal.aborted) dispatch({ type: "stopped" });
        else if (isApiError(error)) dispatch({ type: "failed", failure: { message: errorText(error), requestId: error.requestId } });
        else dispatch({ type: "closed", lostMessage: t("lost") });
      } finally {
        if (running.current === controller) running.current = null;
      }
    },
    [access, isPublic, beforeAsk, flowId, chatId, t, errorText],
  );

  const send = useCallback(
    (question: string, files: ReadyFile[] = []) => {
      const uploads = files.map(({ upload }) => upload);
      return run({ text: question, files: files.map(({ shown }) => shown) }, { question, ...(uploads.length > 0 ? { uploads } : {}) });
    },
    [run],
  );

  const sendForm = useCallback((form: Record<string, unknown>) => run({ text: "", form }, { form }), [run]);

  const decide = useCallback(
    (action: HumanAction, approved: boolean, feedback: string) => {
      dispatch({ type: "decided" });
      const said = action.breakpoint ? t(approved ? "goOn" : "stopHere") : approved ? action.approve : action.reject;
      return run({ text: feedback ? `${said}: ${feedback}` : said }, decisionBody(action, approved, feedback), true);
    },
    [run, t],
  );

  const stop = useCallback(() => {
    const controller = running.current;
    if (!controller) return;
    void abortRun(access, flowId, chatId);
    controller.abort();
    running.current = null;
    runLayer.stopped();
    dispatch({ type: "stopped" });
  }, [access, flowId, chatId]);

  /** Takes question `id` and all after it back, here and on the server, and asks `text` in its place. */
  const askAgain = useCallback(
    async (id: string, text?: string) => {
      if (running.current) return;
      const questions = messages.current.filter((message) => message.role === "question");
      const index = questions.findIndex((message) => message.id === id);
      const question = questions[index];
      if (!question) return;
      if (!isPublic) await forget(flowId, chatId, index);
      dispatch({ type: "takenBack", id });
      if (question.form && text === undefined) await run({ text: "", form: question.form }, { form: question.form });
      else await send(text ?? question.text);
    },
    [isPublic, flowId, chatId, run, send],
  );

  const rate = useCallback(
    async (id: string, messageId: string, feedback: Feedback) => {
      dispatch({ type: "rated", id, feedback });
      const stored = await sendFeedback(access, flowId, chatId, messageId, feedback);
      dispatch({ type: "rated", id, feedback: stored });
    },
    [access, flowId, chatId],
  );

  /** Goes on with chat `next`, or with a new one. */
  const open = useCallback(
    (next?: string) => {
      running.current?.abort();
      running.current = null;
      runLayer.cleared();
      const id = next ?? randomId();
      // Who the visitor is stays known.
      if (isPublic) writeStoredChat(flowId, { chatId: id, messages: [], lead: readStoredChat(flowId)?.lead });
      else writeStored(storageKey(flowId), next ?? null);
      dispatch({ type: "cleared" });
      setChatId(id);
    },
    [isPublic, flowId],
  );

  const action = openAction(state);
  // The node that asks offers the same decision on the canvas.
  useEffect(() => {
    if (isPublic || !action) return;
    runLayer.asks({ action, decide: (approved, feedback) => void decide(action, approved, feedback) });
    return () => runLayer.asks(undefined);
  }, [isPublic, action, decide]);

  const [draft] = useState(() => (isPublic ? "" : (readStored(draftKey(flowId)) ?? "")));
  const keepDraft = useCallback((text: string) => isPublic || writeStored(draftKey(flowId), text || null), [isPublic, flowId]);

  return {
    access,
    flowId,
    chatId,
    messages: state.messages,
    running: isRunning(state),
    action,
    history,
    draft,
    keepDraft,
    send,
    sendForm,
    decide,
    stop,
    askAgain,
    rate,
    open,
  };
}

/** Removes question `index` and all after it from the server's memory; when that fails the question is still asked again. */
async function forget(flowId: string, chatId: string, index: number): Promise<void> {
  try {
    await removeRows(flowId, chatId, rowsFrom(await fetchRows(flowId, { chatId }), index));
  } catch (error) {
    if (!isApiError(error)) throw error;
  }
}

/** Loads what was said before, once per chat. A chat that was begun here has nothing to load. */
function useHistory(flowId: string | null, chatId: string, onRows: (rows: ChatMessageRow[]) => void) {
  const wanted = flowId !== null && readStored(storageKey(flowId)) === chatId;
  const given = useRef<string>(undefined);
  // Decided when the chat opens: sending its first question also stores its id.
  const [opened, setOpened] = useState({ chatId, load: wanted });
  if (opened.chatId !== chatId) setOpened({ chatId, load: wanted });
  const query = useQuery({
    queryKey: ["chat", flowId, chatId],
    queryFn: ({ signal }) => fetchRows(flowId ?? "", { chatId }, signal),
    enabled: opened.load && opened.chatId === chatId,
    staleTime: Infinity,
    gcTime: 0,
  });
  useEffect(() => {
    if (!query.data || given.current === chatId || !opened.load) return;
    given.current = chatId;
    onRows(query.data);
  }, [query.data, chatId, opened.load, onRows]);
  return { isLoading: opened.load && query.isPending, error: opened.load ? query.error : null, reload: () => void query.refetch() };
}

/** Keeps a visitor's conversation in the browser. */
function useKeeping(flowId: string | null, chatId: string, messages: ChatMessage[]): void {
  const settled = messages.length > 0 && messages.every((message) => message.role === "question" || message.state !== "writing");
  useEffect(() => {
    if (flowId !== null && settled) writeStoredChat(flowId, { chatId, messages, lead: readStoredChat(flowId)?.lead });
  }, [flowId, chatId, messages, settled]);
}

/** Hands on events once per painted frame: a fast model must not render a page per token. */
function frameBatch(hand: (events: FlowEvent[]) => void) {
  let waiting: FlowEvent[] = [];
  let frame = 0;
  const flush = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    if (waiting.length === 0) return;
    const events = waiting;
    waiting = [];
    hand(events);
  };
  const add = (event: FlowEvent) => {
    waiting.push(event);
    // A hidden tab paints no frames; there the events go through at once.
    if (document.hidden) flush();
    else if (!frame) frame = requestAnimationFrame(flush);
  };
  return { add, flush };
}
