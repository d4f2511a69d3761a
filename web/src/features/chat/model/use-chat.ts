// One chat with one flow: its id, its messages, the question under way.
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { isApiError } from "~/api/errors";
import { fetchChatMessages } from "~/api/queries";
import type { FlowEvent } from "~/api/sse";
import { runLayer } from "~/features/run";
import { randomId } from "~/lib/id";
import { readStored, writeStored } from "~/lib/storage";
import { useErrorText } from "~/ui/states";
import { chatReducer, EMPTY_CHAT, failedQuestion, isRunning } from "./messages";
import { abortRun, ask } from "./transport";

/** Where this browser remembers which chat with the flow is open. */
function storageKey(flowId: string): string {
  return `flowstone.chat.${flowId}`;
}

/** Where a question that is not sent yet waits, also for after a new sign-in. */
function draftKey(flowId: string): string {
  return `flowstone.draft.${flowId}`;
}

export function useChat(flowId: string) {
  const { t } = useTranslation("chat");
  const errorText = useErrorText();
  const [chatId, setChatId] = useState(() => readStored(storageKey(flowId)) ?? randomId());
  const [state, dispatch] = useReducer(chatReducer, EMPTY_CHAT);
  const running = useRef<AbortController | null>(null);

  const history = useHistory(flowId, chatId, (rows) => dispatch({ type: "history", rows }));

  // A page that is left needs no answer; the server sees the connection close and stops the model.
  useEffect(() => () => running.current?.abort(), []);

  const send = useCallback(
    async (question: string) => {
      if (running.current) return;
      const controller = new AbortController();
      running.current = controller;
      writeStored(storageKey(flowId), chatId);
      writeStored(draftKey(flowId), null);
      dispatch({ type: "asked", question, ids: [randomId(), randomId()] });
      runLayer.started(flowId);
      const batch = frameBatch((events) => {
        dispatch({ type: "events", events });
        runLayer.events(events);
      });
      try {
        const outcome = await ask({ flowId, chatId, question, signal: controller.signal }, batch.add);
        batch.flush();
        dispatch(outcome.kind === "answered" ? { type: "answered", answer: outcome.answer } : { type: "closed", lostMessage: t("lost") });
      } catch (error) {
        batch.flush();
        // Without a session the page turns into the sign-in, which also ends this call; the question waits behind it.
        if (isApiError(error) && error.status === 401) writeStored(draftKey(flowId), question);
        if (controller.signal.aborted) dispatch({ type: "stopped" });
        else if (isApiError(error)) dispatch({ type: "failed", failure: { message: errorText(error), requestId: error.requestId } });
        else dispatch({ type: "closed", lostMessage: t("lost") });
      } finally {
        if (running.current === controller) running.current = null;
      }
    },
    [flowId, chatId, t, errorText],
  );

  const stop = useCallback(() => {
    const controller = running.current;
    if (!controller) return;
    void abortRun(flowId, chatId);
    controller.abort();
    dispatch({ type: "stopped" });
  }, [flowId, chatId]);

  const retry = useCallback(() => {
    const question = failedQuestion(state);
    if (question === undefined) return;
    dispatch({ type: "takenBack" });
    void send(question);
  }, [state, send]);

  const startAnew = useCallback(() => {
    running.current?.abort();
    running.current = null;
    writeStored(storageKey(flowId), null);
    dispatch({ type: "cleared" });
    setChatId(randomId());
  }, [flowId]);

  const [draft] = useState(() => readStored(draftKey(flowId)) ?? "");
  const keepDraft = useCallback((text: string) => writeStored(draftKey(flowId), text || null), [flowId]);

  return { chatId, messages: state.messages, running: isRunning(state), history, draft, keepDraft, send, stop, retry, startAnew };
}

/** Loads what was said before, once per chat. */
function useHistory(flowId: string, chatId: string, onRows: (rows: Awaited<ReturnType<typeof fetchChatMessages>>) => void) {
  const remembered = readStored(storageKey(flowId)) === chatId;
  const [wanted] = useState(remembered ? chatId : null);
  const isWanted = wanted === chatId;
  const query = useQuery({
    queryKey: ["chat", flowId, chatId],
    queryFn: ({ signal }) => fetchChatMessages(flowId, chatId, signal),
    enabled: isWanted,
    staleTime: Infinity,
    gcTime: 0,
  });
  const given = useRef(false);
  useEffect(() => {
    if (!query.data || given.current) return;
    given.current = true;
    onRows(query.data);
  }, [query.data, onRows]);
  return { isLoading: isWanted && query.isPending, error: isWanted ? query.error : null, reload: () => void query.refetch() };
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
