// The conversations with one flow: go on with one, or delete it.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { MessageSquarePlus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { deleteChat } from "~/api/queries";
import { relativeTime } from "~/lib/time";
import { Button } from "~/ui/button";
import { ConfirmDialog } from "~/ui/dialog";
import { ErrorState, Skeleton, useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { type ChatSession, sessionsOf } from "../model/sessions";
import { fetchRows } from "../model/transport";
import type { Chat } from "../model/use-chat";

/** How many conversations are listed. */
const SHOWN = 40;

export function sessionsKey(flowId: string) {
  return ["chat-sessions", flowId];
}

export function SessionList({ chat, onChosen }: { chat: Chat; onChosen?: () => void }) {
  const { t } = useTranslation("chat");
  const { flowId, chatId } = chat;
  const sessions = useQuery({
    queryKey: sessionsKey(flowId),
    queryFn: ({ signal }) => fetchRows(flowId, { sessions: SHOWN }, signal),
    select: sessionsOf,
  });
  const open = (id?: string) => {
    if (id !== chatId) chat.open(id);
    onChosen?.();
  };
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="p-3">
        <Button className="w-full" onClick={() => open()}>
          <MessageSquarePlus aria-hidden />
          {t("newChat")}
        </Button>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-3 pb-3">
        {sessions.isPending && (
          <div className="flex flex-col gap-2">
            <Skeleton className="h-12" />
            <Skeleton className="h-12" />
            <Skeleton className="h-12" />
          </div>
        )}
        {sessions.isError && <ErrorState error={sessions.error} onRetry={() => void sessions.refetch()} className="py-6" />}
        {sessions.data?.length === 0 && <p className="px-2 py-4 text-sm text-muted">{t("sessionsNone")}</p>}
        <ul aria-label={t("sessions")} className="flex flex-col gap-0.5">
          {sessions.data?.map((session) => (
            <li key={session.chatId}>
              <SessionRow session={session} flowId={flowId} current={session.chatId === chatId} onOpen={() => open(session.chatId)} onDeleted={() => session.chatId === chatId && chat.open()} />
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

interface SessionRowProps {
  session: ChatSession;
  flowId: string;
  current: boolean;
  onOpen: () => void;
  onDeleted: () => void;
}

function SessionRow({ session, flowId, current, onOpen, onDeleted }: SessionRowProps) {
  const { t, i18n } = useTranslation("chat");
  const errorText = useErrorText();
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => deleteChat(flowId, session.chatId),
    onSuccess: () => {
      setAsking(false);
      onDeleted();
      toast.success(t("deleted"));
      return queryClient.invalidateQueries({ queryKey: sessionsKey(flowId) });
    },
    onError: (error) => toast.error(t("deleteFailed", { reason: errorText(error) })),
  });
  const title = session.title || t("sessionUntitled");
  return (
    <div className={`group/session flex items-center rounded-md ${current ? "bg-primary-soft" : "hover:bg-hover"}`}>
      <button type="button" aria-current={current ? "true" : undefined} onClick={onOpen} className="min-w-0 flex-1 rounded-md px-2.5 py-2 text-start">
        <span className={`block truncate text-sm ${current ? "font-medium text-primary-ink" : "text-ink"}`}>{title}</span>
        <span className="block truncate text-xs text-muted">
          {relativeTime(session.last, i18n.language)} · {t("sessionMessages", { count: session.messages })}
        </span>
      </button>
      <Button variant="ghost" size="icon-sm" aria-label={t("deleteNamed", { name: title })} className="me-1 opacity-0 group-focus-within/session:opacity-100 group-hover/session:opacity-100 [@media(hover:none)]:opacity-100" onClick={() => setAsking(true)}>
        <Trash2 aria-hidden />
      </Button>
      <ConfirmDialog open={asking} onOpenChange={setAsking} title={t("deleteTitle")} description={t("deleteBody")} confirm={t("delete")} busy={remove.isPending} onConfirm={() => remove.mutate()} />
    </div>
  );
}
