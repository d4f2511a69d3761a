// The conversation of a widget: the same reducer as in the product's own chat, kept in the visitor's browser.
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "preact/hooks";
import type { FlowEvent } from "~/api/sse";
import { decisionBody, type HumanAction } from "~/api/human-action";
import type { Feedback } from "~/features/chat/model/answer";
import { type ChatConfig, readChatConfig } from "~/features/chat/model/config";
import { type Asked, type ChatMessage, chatReducer, isRunning, openAction, type SentFile } from "~/features/chat/model/messages";
import { readStoredChat, writeStoredChat } from "~/features/chat/model/stored-chat";
import type { LeadValues, Upload } from "~/features/chat/model/transport";
import { asText } from "~/lib/json";
import { randomId } from "~/lib/id";
import { BotClient } from "./client";
import type { BotProps, ObservedMessage } from "./props";
import { playSound } from "./sound";
import { say } from "./texts";

export type Bot = ReturnType<typeof useBot>;

/** The event that asks every widget of the page to begin anew. */
export const CLEAR = "flowise-clear-chat";

export function useBot(props: BotProps, elementId: string | undefined) {
  const { chatflowid, apiHost, onRequest, chatflowConfig, observersConfig, theme } = props;
  const clears = theme?.chatWindow?.clearChatOnReload === true;
  // oxlint-disable-next-line react/exhaustive-deps -- these are what the client is made of
  const client = useMemo(() => new BotClient(props), [chatflowid, apiHost, onRequest]);
  const stored = useMemo(() => (clears ? undefined : readStoredChat(chatflowid)), [clears, chatflowid]);
  const [chatId, setChatId] = useState(() => asText(chatflowConfig?.["chatId"]) ?? stored?.chatId ?? randomId());
  const [state, dispatch] = useReducer(chatReducer, { messages: stored?.messages ?? [] });
  const [lead, setLead] = useState(stored?.lead);
  const [times] = useState(() => new Map<string, Date>());
  const { config, error } = useConfig(client);
  const running = useRef<AbortController | null>(null);
  const busy = isRunning(state);
  const sounds = theme?.chatWindow?.textInput;

  const run = useCallback(
    async (asked: Asked, body: Record<string, unknown>) => {
      if (running.current) return;
      const controller = new AbortController();
      running.current = controller;
      const ids: [string, string] = [randomId(), randomId()];
      for (const id of ids) times.set(id, new Date());
      dispatch({ type: "asked", question: asked, ids });
      if (sounds?.sendMessageSound) playSound(sounds.sendSoundLocation, 660);
      const batch = frames((events) => dispatch({ type: "events", events }));
      try {
        const more = { ...(chatflowConfig ? { overrideConfig: chatflowConfig } : {}), ...(lead?.email ? { leadEmail: lead.email } : {}) };
        const whole = await client.ask({ chatId, ...more, ...body }, controller.signal, batch.add);
        batch.flush();
        dispatch(whole ? { type: "answered", answer: whole } : { type: "closed", lostMessage: say("lost") });
        if (sounds?.receiveMessageSound) playSound(sounds.receiveSoundLocation, 880);
      } catch (cause) {
        batch.flush();
        const shown = theme?.chatWindow?.errorMessage ?? (cause instanceof Error && cause.name === "CallError" ? cause.message : say("lost"));
        dispatch(controller.signal.aborted ? { type: "stopped" } : { type: "failed", failure: { message: shown } });
      } finally {
        if (running.current === controller) running.current = null;
      }
    },
    [client, chatId, chatflowConfig, lead, sounds, theme, times],
  );

  const send = useCallback(
    (question: string, files: { upload: Upload; shown: SentFile }[] = []) => {
      const uploads = files.map(({ upload }) => upload);
      return run({ text: question, files: files.map(({ shown }) => shown) }, { question, ...(uploads.length > 0 ? { uploads } : {}) });
    },
    [run],
  );

  const clear = useCallback(() => {
    running.current?.abort();
    running.current = null;
    const id = randomId();
    dispatch({ type: "cleared" });
    setChatId(id);
    writeStoredChat(chatflowid, { chatId: id, messages: [], lead });
  }, [chatflowid, lead]);

  useEffect(() => {
    const onClear = (event: Event) => {
      const wanted = (event as CustomEvent<{ id?: string } | null>).detail?.id;
      if (wanted === undefined || wanted === elementId) clear();
    };
    document.addEventListener(CLEAR, onClear);
    return () => document.removeEventListener(CLEAR, onClear);
  }, [clear, elementId]);
  useEffect(() => () => running.current?.abort(), []);

  // Kept once an answer is whole: a page that is left in the middle finds what was finished.
  useEffect(() => {
    if (!busy && state.messages.length > 0) writeStoredChat(chatflowid, { chatId, messages: state.messages, lead });
  }, [busy, state.messages, chatId, chatflowid, lead]);
  useEffect(() => observersConfig?.observeLoading?.(busy), [busy, observersConfig]);
  const welcome = theme?.chatWindow?.welcomeMessage ?? say("welcome");
  useEffect(() => observersConfig?.observeMessages?.([{ message: welcome, type: "apiMessage" }, ...state.messages.map(observed)]), [state.messages, welcome, observersConfig]);

  return {
    client,
    config,
    configError: error,
    chatId,
    messages: state.messages,
    times,
    running: busy,
    action: openAction(state),
    welcome,
    leadGiven: lead !== undefined,
    send,
    sendForm: (form: Record<string, unknown>) => run({ text: "", form }, { form }),
    decide: (action: HumanAction, approved: boolean, feedback: string) => {
      dispatch({ type: "decided" });
      const said = approved ? action.approve : action.reject;
      return run({ text: feedback ? `${said}: ${feedback}` : said }, decisionBody(action, approved, feedback));
    },
    /** Asks question `id` once more in place of what came after it. */
    askAgain: (id: string) => {
      const question = state.messages.find((message) => message.id === id);
      if (question?.role !== "question" || running.current) return;
      dispatch({ type: "takenBack", id });
      void (question.form ? run({ text: "", form: question.form }, { form: question.form }) : send(question.text));
    },
    stop: () => {
      void client.abort(chatId);
      running.current?.abort();
      running.current = null;
      dispatch({ type: "stopped" });
    },
    rate: async (id: string, messageId: string, feedback: Feedback) => {
      dispatch({ type: "rated", id, feedback });
      dispatch({ type: "rated", id, feedback: await client.rate(chatId, messageId, feedback) });
    },
    leave: async (values: LeadValues) => {
      await client.lead(chatId, values);
      setLead(values);
      writeStoredChat(chatflowid, { chatId, messages: state.messages, lead: values });
    },
    clear,
  };
}

/** The flow's settings; without them the widget still asks and answers. */
function useConfig(client: BotClient): { config: ChatConfig | undefined; error: string | undefined } {
  const [found, setFound] = useState<{ config: ChatConfig | undefined; error: string | undefined }>({ config: undefined, error: undefined });
  useEffect(() => {
    let wanted = true;
    client
      .config()
      .then((settings) => wanted && setFound({ config: readChatConfig(settings, settings["flowData"], settings["uploads"]), error: undefined }))
      .catch((cause: unknown) => wanted && setFound({ config: readChatConfig(null, null, null), error: cause instanceof Error ? cause.message : String(cause) }));
    return () => {
      wanted = false;
    };
  }, [client]);
  return found;
}

function observed(message: ChatMessage): ObservedMessage {
  if (message.role === "question") return { message: message.text, type: "userMessage" };
  const { text, messageId, sourceDocuments, usedTools, fileAnnotations, artifacts } = message;
  return { message: text, type: "apiMessage", ...(messageId ? { messageId } : {}), sourceDocuments, usedTools, fileAnnotations, artifacts };
}

/** Hands on events once per painted frame. */
function frames(hand: (events: FlowEvent[]) => void) {
  let waiting: FlowEvent[] = [];
  let frame = 0;
  const flush = () => {
    cancelAnimationFrame(frame);
    frame = 0;
    const events = waiting;
    waiting = [];
    if (events.length > 0) hand(events);
  };
  const add = (event: FlowEvent) => {
    waiting.push(event);
    if (document.hidden) flush();
    else if (!frame) frame = requestAnimationFrame(flush);
  };
  return { add, flush };
}
