// Conversation, forms and composer: the one chat of the dock, of its own page, and of the public page.
import { Upload as UploadIcon } from "lucide-react";
import { type DragEvent, type ReactNode, useCallback, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { may, useSession } from "~/api/session";
import { Button } from "~/ui/button";
import { useErrorText } from "~/ui/states";
import type { ChatConfig } from "../model/config";
import { readStoredChat, writeStoredChat } from "../model/stored-chat";
import { type LeadValues, sendLead } from "../model/transport";
import type { Chat } from "../model/use-chat";
import { Announcer } from "./announcer";
import { ChatProvider, type ChatTools } from "./chat-context";
import { Composer } from "./composer";
import { Conversation } from "./conversation";
import { Decision, LeadFormView, StartFormView } from "./forms";

export interface ChatBodyProps {
  chat: Chat;
  config: ChatConfig;
  /** Suggestions instead of those of the flow. */
  prompts?: string[] | undefined;
  welcome?: ReactNode;
  placeholder?: string | undefined;
  showSteps?: boolean;
}

export function ChatBody({ chat, config, prompts, welcome, placeholder, showSteps = true }: ChatBodyProps) {
  const { t } = useTranslation("chat");
  const { flowId, chatId, messages, running, askAgain, send, rate } = chat;
  const lead = useLead(chat, config);
  // What happened inside is told to those who may see it, and never to visitors.
  const canTrace = useSession((state) => may(state.user, "executions:view")) && chat.access === "internal";
  const [refilling, setRefilling] = useState(false);
  const drop = useRef<(files: Iterable<File>) => void>(() => undefined);
  const onReady = useCallback((handIn: (files: Iterable<File>) => void) => {
    drop.current = handIn;
  }, []);

  const tools = useMemo<ChatTools>(
    () => ({ flowId, chatId, canRate: config.feedback, canTrace, showSteps, askAgain: (id, text) => void askAgain(id, text), ask: (text) => void send(text), rate }),
    [flowId, chatId, config.feedback, canTrace, showSteps, askAgain, send, rate],
  );

  const empty = messages.length === 0 && !chat.history.isLoading;
  const last = messages.at(-1);
  const followUps = last?.role === "answer" && last.state === "done" ? last.followUps : [];
  const formOpen = config.form !== undefined && !running && !chat.action && (empty || refilling) && !chat.history.isLoading;
  const takesFiles = !config.form && (config.uploads.images !== undefined || config.uploads.documents !== undefined);
  return (
    <ChatProvider value={tools}>
      <DropArea active={takesFiles && !lead.asked} onFiles={(files) => drop.current(files)}>
        <Conversation messages={messages} running={running} history={chat.history} welcome={lead.asked || formOpen ? <span /> : welcome}>
          {lead.asked && config.leads && <LeadFormView form={config.leads} busy={lead.busy} error={lead.error} onSend={lead.send} />}
          {lead.thanks && <p className="text-center text-sm text-muted">{lead.thanks}</p>}
          {formOpen && !lead.asked && config.form && (
            <StartFormView
              form={config.form}
              busy={running}
              onSend={(values) => {
                setRefilling(false);
                void chat.sendForm(values);
              }}
            />
          )}
          {chat.action && <Decision key={chat.action.id} action={chat.action} onDecide={(approved, feedback) => chat.action && void chat.decide(chat.action, approved, feedback)} />}
        </Conversation>
        <Announcer messages={messages} />
        {config.form ? (
          <FormFoot running={running} again={!formOpen && !empty && !chat.action} onAgain={() => setRefilling(true)} onStop={chat.stop} />
        ) : (
          !lead.asked && <Composer key={chatId} chat={chat} rules={config.uploads} prompts={empty ? (prompts ?? config.starterPrompts) : followUps} placeholder={placeholder ?? (chat.action ? t("placeholderDecision") : undefined)} onReady={onReady} />
        )}
      </DropArea>
    </ChatProvider>
  );
}

/** Under a flow that starts with a form: run it once more, or stop it. */
function FormFoot({ running, again, onAgain, onStop }: { running: boolean; again: boolean; onAgain: () => void; onStop: () => void }) {
  const { t } = useTranslation("chat");
  if (!running && !again) return null;
  return (
    <div className="flex shrink-0 justify-center border-t border-line bg-surface p-3">
      {running ? <Button onClick={onStop}>{t("stop")}</Button> : <Button variant="primary" onClick={onAgain}>{t("formAgain")}</Button>}
    </div>
  );
}

/** Asks a visitor for an address, once per conversation, when the flow wants it. */
function useLead(chat: Chat, config: ChatConfig) {
  const { t } = useTranslation("chat");
  const errorText = useErrorText();
  const { access, flowId, chatId } = chat;
  const [given, setGiven] = useState(() => readStoredChat(flowId)?.lead !== undefined);
  const [thanks, setThanks] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string>();
  const send = (lead: LeadValues) => {
    setBusy(true);
    setError(undefined);
    sendLead(access, flowId, chatId, lead)
      .then(() => {
        setGiven(true);
        setThanks(config.leads?.success || t("leadThanks"));
        writeStoredChat(flowId, { chatId, messages: chat.messages, lead });
      })
      .catch((cause: unknown) => setError(errorText(cause)))
      .finally(() => setBusy(false));
  };
  // The owner, trying the flow, is not asked: that would fill the list of visitors with the owner.
  const asked = access === "public" && config.leads !== undefined && !given && chat.messages.length === 0;
  return { asked, busy, error, thanks: chat.messages.length === 0 ? thanks : undefined, send };
}

/** Files may be dropped anywhere on the chat. */
function DropArea({ active, onFiles, children }: { active: boolean; onFiles: (files: Iterable<File>) => void; children: ReactNode }) {
  const { t } = useTranslation("chat");
  const [over, setOver] = useState(0);
  const holdsFiles = (event: DragEvent) => active && event.dataTransfer.types.includes("Files");
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- dropping is a second way; the paper clip is the first
    <div
      className="relative flex min-h-0 flex-1 flex-col"
      onDragEnter={(event) => {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        setOver((depth) => depth + 1);
      }}
      onDragOver={(event) => holdsFiles(event) && event.preventDefault()}
      onDragLeave={(event) => holdsFiles(event) && setOver((depth) => Math.max(0, depth - 1))}
      onDrop={(event) => {
        if (!holdsFiles(event)) return;
        event.preventDefault();
        setOver(0);
        onFiles([...event.dataTransfer.files]);
      }}
    >
      {children}
      {over > 0 && (
        <div className="pointer-events-none absolute inset-2 z-20 flex flex-col items-center justify-center gap-2 rounded-xl border-2 border-dashed border-primary bg-surface/95 text-base font-medium text-primary-ink">
          <UploadIcon aria-hidden className="size-6" />
          {t("dropHere")}
        </div>
      )}
    </div>
  );
}
