// Figures, filters, the list of conversations and the one that is open.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowLeft, Download, MessagesSquare, SearchX, ThumbsDown, ThumbsUp, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { allMessages, deleteMessages, exportMessages, messagesQuery, statsQuery } from "~/api/conversations";
import { cx } from "~/lib/cx";
import { download } from "~/lib/download";
import { relativeTime } from "~/lib/time";
import { Button } from "~/ui/button";
import { Chip } from "~/ui/card";
import { TypedConfirmDialog } from "~/ui/form-dialog";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "~/ui/menu";
import { EmptyState, ErrorState, Hidden, Skeleton, useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { Filters, filterOf, isFiltered } from "./filters";
import type { MessagesSearch } from "./search";
import { findSessions, messagesCsv, type Session, sessionsOf } from "./sessions";
import { Thread } from "./thread";

export interface MessagesViewProps {
  flowId: string;
  search: MessagesSearch;
  onSearch: (more: MessagesSearch, replace: boolean) => void;
}

export function MessagesView({ flowId, search, onSearch }: MessagesViewProps) {
  const { t } = useTranslation("conversations");
  const filter = filterOf(search);
  const query = useInfiniteQuery(messagesQuery(flowId, filter));
  const sessions = findSessions(sessionsOf(query.data?.pages.flat() ?? []), search.q ?? "");
  const open = sessions.find((session) => session.key === search.session);
  // On a wide screen something is always open; on a phone the list comes first.
  const shown = open ?? sessions[0];
  const isNarrowed = isFiltered(search) || Boolean(search.q);
  const clear = () => onSearch({ q: undefined, type: undefined, feedback: undefined, from: undefined, to: undefined, session: undefined }, false);
  return (
    <>
      <Figures flowId={flowId} search={search} />
      <div className="flex flex-wrap items-end gap-2">
        <Filters search={search} onSearch={onSearch} />
        <div className="ms-auto flex gap-2">
          <ExportMenu flowId={flowId} search={search} />
          <DeleteAll flowId={flowId} search={search} disabled={sessions.length === 0} />
        </div>
      </div>
      {query.error && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && (
        <div role="status">
          <Hidden>{t("loading")}</Hidden>
          <Skeleton className="h-96" />
        </div>
      )}
      {query.data && sessions.length === 0 && isNarrowed && (
        <EmptyState icon={<SearchX />} title={t("nothing.title")} body={t("nothing.body")} action={<Button onClick={clear}>{t("nothing.action")}</Button>} />
      )}
      {query.data && sessions.length === 0 && !isNarrowed && <EmptyState icon={<MessagesSquare />} title={t("empty.title")} body={t("empty.body")} />}
      {shown && (
        <div className="grid min-h-96 overflow-hidden rounded-lg border border-line bg-surface shadow-sm lg:h-[calc(100dvh-22rem)] lg:grid-cols-[20rem_minmax(0,1fr)]">
          <div className={cx("flex min-h-0 flex-col border-line lg:border-e", open && "max-lg:hidden")}>
            <ul aria-label={t("list")} className="min-h-0 flex-1 divide-y divide-line overflow-y-auto">
              {sessions.map((session) => (
                <li key={session.key}>
                  <SessionButton session={session} current={session === shown} onOpen={() => onSearch({ session: session.key }, false)} />
                </li>
              ))}
            </ul>
            {query.hasNextPage && (
              <Button variant="ghost" className="m-2" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {t("more")}
              </Button>
            )}
          </div>
          <div className={cx("flex min-h-0 min-w-0 flex-col", !open && "max-lg:hidden")}>
            <Button variant="ghost" className="m-2 self-start lg:hidden" onClick={() => onSearch({ session: undefined }, false)}>
              <ArrowLeft aria-hidden className="rtl:rotate-180" />
              {t("toList")}
            </Button>
            <Thread key={shown.key} flowId={flowId} session={shown} onDeleted={() => onSearch({ session: undefined }, true)} />
          </div>
        </div>
      )}
    </>
  );
}

function Figures({ flowId, search }: { flowId: string; search: MessagesSearch }) {
  const { t, i18n } = useTranslation("conversations");
  const { data } = useQuery(statsQuery(flowId, filterOf(search)));
  const number = new Intl.NumberFormat(i18n.language);
  const percent = new Intl.NumberFormat(i18n.language, { style: "percent", maximumFractionDigits: 0 });
  const rows: [string, string | undefined][] = [
    [t("figures.sessions"), data && number.format(data.totalSessions)],
    [t("figures.messages"), data && number.format(data.totalMessages)],
    [t("figures.feedback"), data && number.format(data.totalFeedback)],
    [t("figures.positive"), data && (data.totalFeedback === 0 ? "–" : percent.format(data.positiveFeedback / data.totalFeedback))],
  ];
  return (
    <dl className="grid grid-cols-2 gap-3 lg:grid-cols-4">
      {rows.map(([label, value]) => (
        <div key={label} className="flex flex-col-reverse rounded-lg border border-line bg-surface px-4 py-3 shadow-sm">
          <dt className="text-sm text-muted">{label}</dt>
          <dd className="text-xl font-semibold tabular-nums">{value ?? <Skeleton className="my-0.5 h-6 w-12" />}</dd>
        </div>
      ))}
    </dl>
  );
}

function SessionButton({ session, current, onOpen }: { session: Session; current: boolean; onOpen: () => void }) {
  const { t, i18n } = useTranslation("conversations");
  return (
    <button
      type="button"
      aria-current={current || undefined}
      onClick={onOpen}
      className={cx("flex w-full flex-col gap-1 px-4 py-3 text-start -outline-offset-2 transition-colors duration-120 hover:bg-hover", current && "lg:bg-primary-soft")}
    >
      <span className="line-clamp-2 text-sm font-medium text-ink [overflow-wrap:anywhere]">{session.title || t("untitled")}</span>
      <span className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-muted">
        <time dateTime={session.last}>{relativeTime(session.last, i18n.language)}</time>
        <span aria-hidden>·</span>
        <span>{t("messages", { count: session.messages.length })}</span>
        {session.chatType !== "INTERNAL" && <Chip>{t("source.EXTERNAL")}</Chip>}
        {session.up > 0 && (
          <span className="flex items-center gap-1 text-success">
            <ThumbsUp aria-hidden className="size-3.5" />
            <Hidden>{t("up")}</Hidden>
            {session.up}
          </span>
        )}
        {session.down > 0 && (
          <span className="flex items-center gap-1 text-danger">
            <ThumbsDown aria-hidden className="size-3.5" />
            <Hidden>{t("down")}</Hidden>
            {session.down}
          </span>
        )}
      </span>
      {session.leadEmail && <span className="truncate text-xs text-muted">{session.leadEmail}</span>}
    </button>
  );
}

function ExportMenu({ flowId, search }: { flowId: string; search: MessagesSearch }) {
  const { t } = useTranslation("conversations");
  const errorText = useErrorText();
  const save = useMutation({
    mutationFn: async (format: "csv" | "json") => {
      if (format === "csv") download(`messages-${flowId}.csv`, messagesCsv(await allMessages(flowId, filterOf(search))), "text/csv");
      else download(`messages-${flowId}.json`, JSON.stringify(await exportMessages(flowId, filterOf(search)), null, 2), "application/json");
    },
    onError: (error) => toast.error(t("export.failed", { reason: errorText(error) })),
  });
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button busy={save.isPending} className="h-10">
          <Download aria-hidden />
          {t("export.action")}
        </Button>
      </MenuTrigger>
      <MenuContent>
        <MenuItem onSelect={() => save.mutate("csv")}>{t("export.csv")}</MenuItem>
        <MenuItem onSelect={() => save.mutate("json")}>{t("export.json")}</MenuItem>
      </MenuContent>
    </Menu>
  );
}

function DeleteAll({ flowId, search, disabled }: { flowId: string; search: MessagesSearch; disabled: boolean }) {
  const { t } = useTranslation("conversations");
  const queryClient = useQueryClient();
  const [open, setOpen] = useState(false);
  const { chatType, startDate, endDate } = filterOf(search);
  const removal = useMutation({
    mutationFn: () => deleteMessages(flowId, { chatType, startDate, endDate }),
    onSuccess: async ({ affected }) => {
      toast.success(t("deleteAll.done", { count: affected }));
      setOpen(false);
      await queryClient.invalidateQueries({ queryKey: ["messages", flowId] });
      await queryClient.invalidateQueries({ queryKey: ["stats", flowId] });
    },
  });
  // Deleting knows nothing of ratings and words: what one does not see must not go.
  const cannot = disabled || Boolean(search.feedback) || Boolean(search.q);
  return (
    <>
      <Button size="icon" className="size-10" aria-label={t("deleteAll.action")} title={t(cannot && !disabled ? "deleteAll.cannot" : "deleteAll.action")} disabled={cannot} onClick={() => setOpen(true)}>
        <Trash2 aria-hidden />
      </Button>
      <TypedConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={t("deleteAll.title")}
        description={t(isFiltered(search) ? "deleteAll.filtered" : "deleteAll.body")}
        word={t("deleteAll.word")}
        confirm={t("deleteAll.confirm")}
        busy={removal.isPending}
        error={removal.error}
        onConfirm={() => removal.mutate()}
      />
    </>
  );
}
