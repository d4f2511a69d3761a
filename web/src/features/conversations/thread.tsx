// One conversation, as it was.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ThumbsDown, ThumbsUp, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { chatQuery, deleteMessages, type MessageRow } from "~/api/conversations";
import { Tools } from "~/features/evidence";
import { Markdown } from "~/features/markdown";
import { Sources } from "~/features/sources";
import { asArray, asObject, asText } from "~/lib/json";
import { cx } from "~/lib/cx";
import { absoluteTime } from "~/lib/time";
import { Button } from "~/ui/button";
import { Chip } from "~/ui/card";
import { CopyButton } from "~/ui/copy-button";
import { ConfirmDialog } from "~/ui/dialog";
import { ErrorState, Hidden, Skeleton, useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { asSource } from "./search";
import { messagesOf, type Session, type SessionHead } from "./sessions";

export function Thread({ flowId, session, onDeleted }: { flowId: string; session: Session | SessionHead; onDeleted: () => void }) {
  const { t, i18n } = useTranslation("conversations");
  const { t: common } = useTranslation();
  const errorText = useErrorText();
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const told = "messages" in session ? session.messages : undefined;
  const asked = useQuery({ ...chatQuery(flowId, session.chatId, session.sessionId), enabled: told === undefined });
  const messages = told ?? (asked.data && messagesOf(asked.data, session));
  const removal = useMutation({
    mutationFn: () => deleteMessages(flowId, { chatId: session.chatId, sessionId: session.sessionId, memoryType: session.memoryType, chatType: session.chatType }),
    onSuccess: async () => {
      toast.success(t("thread.deleted"));
      onDeleted();
      await queryClient.invalidateQueries({ queryKey: ["messages"] });
      await queryClient.invalidateQueries({ queryKey: ["stats", flowId] });
    },
    onError: (error) => toast.error(errorText(error)),
    onSettled: () => setAsking(false),
  });
  return (
    <section aria-label={session.title || t("untitled")} className="flex min-h-0 flex-1 flex-col">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-5 py-3 text-sm text-muted">
        <time dateTime={session.first}>{absoluteTime(session.first, i18n.language)}</time>
        <Chip>{t(`source.${asSource(session.chatType) ?? "EXTERNAL"}`)}</Chip>
        {session.leadEmail && <span className="truncate">{session.leadEmail}</span>}
        <span className="flex min-w-0 items-center gap-1 font-mono text-xs">
          <span className="max-w-40 truncate" title={session.sessionId ?? session.chatId}>
            {session.sessionId ?? session.chatId}
          </span>
          <CopyButton text={session.sessionId ?? session.chatId} label={t("thread.copyId")} size="icon-sm" />
        </span>
        <Button variant="ghost" size="sm" className="ms-auto text-danger hover:text-danger" onClick={() => setAsking(true)}>
          <Trash2 aria-hidden />
          {common("delete")}
        </Button>
      </header>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard */}
      <div tabIndex={0} role="group" aria-label={t("thread.label")} className="min-h-0 flex-1 overflow-y-auto px-5 py-5 -outline-offset-2">
        {!messages && asked.error && <ErrorState error={asked.error} onRetry={() => void asked.refetch()} />}
        {!messages && asked.isPending && (
          <div role="status" className="mx-auto max-w-3xl">
            <Hidden>{t("thread.loading")}</Hidden>
            <Skeleton className="h-48" />
          </div>
        )}
        <ol className="mx-auto flex max-w-3xl flex-col gap-5">
          {messages?.map((message) => (
            <li key={message.id} className={cx("flex min-w-0 flex-col gap-2", message.role === "userMessage" && "items-end")}>
              <Message message={message} />
            </li>
          ))}
        </ol>
      </div>
      <ConfirmDialog open={asking} onOpenChange={setAsking} title={t("thread.deleteTitle")} description={t("thread.deleteBody")} confirm={common("delete")} busy={removal.isPending} onConfirm={() => removal.mutate()} />
    </section>
  );
}

function Message({ message }: { message: MessageRow }) {
  const { t } = useTranslation("conversations");
  const files = asArray(message.fileUploads).flatMap((file) => asText(asObject(file)?.["name"]) ?? []);
  if (message.role === "userMessage") {
    return (
      <article className="max-w-[85%] rounded-xl rounded-ee-sm bg-primary-soft px-3.5 py-2.5 text-base whitespace-pre-wrap text-ink [overflow-wrap:anywhere]">
        <Hidden>{t("thread.asked")}: </Hidden>
        {message.content}
        {files.length > 0 && <p className="mt-1 text-xs text-muted">{files.join(", ")}</p>}
      </article>
    );
  }
  return (
    <article className="flex w-full min-w-0 flex-col gap-2.5">
      <Hidden>{t("thread.answered")}: </Hidden>
      {message.usedTools && message.usedTools.length > 0 && <Tools tools={message.usedTools} />}
      {message.content.trim() ? <Markdown text={message.content} /> : <p className="text-base text-muted italic">{t("thread.noText")}</p>}
      {message.sourceDocuments && message.sourceDocuments.length > 0 && <Sources documents={message.sourceDocuments} />}
      {message.feedback?.rating && (
        <p className={cx("flex w-fit items-start gap-2 rounded-md px-3 py-2 text-sm", message.feedback.rating === "THUMBS_UP" ? "bg-success-soft text-success" : "bg-danger-soft text-danger")}>
          {message.feedback.rating === "THUMBS_UP" ? <ThumbsUp aria-hidden className="mt-0.5 size-4 shrink-0" /> : <ThumbsDown aria-hidden className="mt-0.5 size-4 shrink-0" />}
          <span className="[overflow-wrap:anywhere]">
            {t(message.feedback.rating === "THUMBS_UP" ? "up" : "down")}
            {message.feedback.content && `: ${message.feedback.content}`}
          </span>
        </p>
      )}
    </article>
  );
}
