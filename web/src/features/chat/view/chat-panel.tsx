// The chat in the editor's dock: header, conversations, the chat itself.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Activity, Ellipsis, History, Maximize2, MessageSquarePlus, Trash2 } from "lucide-react";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api";
import { chatflowQuery, deleteChat } from "~/api/queries";
import { may, useSession } from "~/api/session";
import { Button } from "~/ui/button";
import { ConfirmDialog, Sheet } from "~/ui/dialog";
import { Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from "~/ui/menu";
import { useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { Tip } from "~/ui/tooltip";
import { readChatConfig } from "../model/config";
import { type Chat, useChat } from "../model/use-chat";
import { ChatBody } from "./chat-body";
import { SessionList, sessionsKey } from "./session-list";

export interface ChatPanelProps {
  flowId: string;
  /** The flow's `chatbotConfig`, JSON text. */
  chatbotConfig: string | null | undefined;
  /** The flow's graph, JSON text: its start may hold a form. */
  flowData?: string | null | undefined;
  /** Awaited before each question; says whether to ask the draft instead of what is live. */
  beforeAsk?: (() => Promise<{ draft: boolean }>) | undefined;
}

/** What the flow's chat is configured to do, for its owner. */
export function useOwnConfig({ flowId, chatbotConfig, flowData }: ChatPanelProps) {
  // Which files are taken depends on the saved graph: asked anew whenever that changes.
  const uploads = useQuery({
    queryKey: ["chatflow-uploads", flowId, flowData?.length ?? 0],
    queryFn: ({ signal }) => api.request<unknown>(`/chatflows-uploads/${encodeURIComponent(flowId)}`, { signal }),
    retry: false,
  });
  return useMemo(() => readChatConfig(chatbotConfig, flowData, uploads.data), [chatbotConfig, flowData, uploads.data]);
}

/** Give it a `key` of the flow's id: a chat belongs to one flow. */
export function ChatPanel(props: ChatPanelProps) {
  const { t } = useTranslation("chat");
  const { flowId } = props;
  const config = useOwnConfig(props);
  const chat = useChat({ access: "internal", flowId, beforeAsk: props.beforeAsk });
  const [listOpen, setListOpen] = useState(false);
  useFreshSessions(chat);
  return (
    <section aria-label={t("title")} className="flex h-full min-h-0 flex-col bg-surface">
      <header className="flex h-12 shrink-0 items-center justify-between border-b border-line ps-4 pe-2">
        <h2 className="text-base font-semibold">{t("title")}</h2>
        <div className="flex items-center gap-0.5">
          <Tip text={t("sessions")} side="bottom">
            <Button variant="ghost" size="icon" aria-label={t("sessions")} onClick={() => setListOpen(true)}>
              <History aria-hidden />
            </Button>
          </Tip>
          <Tip text={t("newChat")} side="bottom">
            <Button variant="ghost" size="icon" aria-label={t("newChat")} disabled={chat.messages.length === 0} onClick={() => chat.open()}>
              <MessageSquarePlus aria-hidden />
            </Button>
          </Tip>
          <Tip text={t("fullPage")} side="bottom">
            <Button asChild variant="ghost" size="icon" aria-label={t("fullPage")}>
              <Link to="/chat/$id" params={{ id: flowId }}>
                <Maximize2 aria-hidden />
              </Link>
            </Button>
          </Tip>
          <ChatMenu chat={chat} canDelete={chat.messages.length > 0 && !chat.running} />
        </div>
      </header>
      <ChatBody chat={chat} config={config} />
      <Sheet open={listOpen} onOpenChange={setListOpen} title={t("sessions")}>
        <h2 className="border-b border-line px-4 py-3 text-base font-semibold">{t("sessions")}</h2>
        <div className="min-h-0 flex-1">
          <SessionList chat={chat} onChosen={() => setListOpen(false)} />
        </div>
      </Sheet>
    </section>
  );
}

/** The list of conversations is read anew once an answer is there. */
export function useFreshSessions({ flowId, running }: Chat): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    if (!running) void queryClient.invalidateQueries({ queryKey: sessionsKey(flowId) });
  }, [running, flowId, queryClient]);
}

function ChatMenu({ chat, canDelete }: { chat: Chat; canDelete: boolean }) {
  const { t } = useTranslation("chat");
  const errorText = useErrorText();
  const navigate = useNavigate();
  const seesRuns = useSession((state) => may(state.user, "executions:view"));
  const [asking, setAsking] = useState(false);
  const queryClient = useQueryClient();
  const toRuns = () => {
    // An agentflow's runs are executions.
    const flow = queryClient.getQueryData(chatflowQuery(chat.flowId).queryKey);
    if (flow?.type === "AGENTFLOW" || flow?.type === "MULTIAGENT") void navigate({ to: "/executions", search: { q: flow.name } });
    else void navigate({ to: "/runs", search: { flowId: chat.flowId } });
  };
  const remove = useMutation({
    mutationFn: () => deleteChat(chat.flowId, chat.chatId),
    onSuccess: () => {
      setAsking(false);
      chat.open();
      toast.success(t("deleted"));
    },
    onError: (error) => toast.error(t("deleteFailed", { reason: errorText(error) })),
  });
  return (
    <>
      <Menu>
        <MenuTrigger asChild>
          <Button variant="ghost" size="icon" aria-label={t("menu")} disabled={!canDelete && !seesRuns}>
            <Ellipsis aria-hidden />
          </Button>
        </MenuTrigger>
        <MenuContent>
          {seesRuns && (
            <MenuItem onSelect={toRuns}>
              <Activity aria-hidden />
              {t("runsOfFlow")}
            </MenuItem>
          )}
          {seesRuns && canDelete && <MenuSeparator />}
          {canDelete && (
            <MenuItem danger onSelect={() => setAsking(true)}>
              <Trash2 aria-hidden />
              {t("delete")}
            </MenuItem>
          )}
        </MenuContent>
      </Menu>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("deleteTitle")}
        description={t("deleteBody")}
        confirm={t("delete")}
        busy={remove.isPending}
        onConfirm={() => remove.mutate()}
      />
    </>
  );
}
