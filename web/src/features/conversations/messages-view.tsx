// Figures, filters, the list of conversations and the one that is open.
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { allMessages, deleteMessages, exportMessages, messagesQuery, statsQuery } from "~/api/conversations";
import { download } from "~/lib/download";
import { Button } from "~/ui/button";
import { TypedConfirmDialog } from "~/ui/form-dialog";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "~/ui/menu";
import { Skeleton, useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { ConversationBrowser } from "./browser";
import { Filters, filterOf, isFiltered } from "./filters";
import type { MessagesSearch } from "./search";
import { findSessions, messagesCsv, sessionsOf } from "./sessions";

export interface MessagesViewProps {
  flowId: string;
  search: MessagesSearch;
  onSearch: (more: MessagesSearch, replace: boolean) => void;
  /** Lays the filters out where they share a row with others. */
  filtersClass?: string;
}

export function MessagesView({ flowId, search, onSearch, filtersClass }: MessagesViewProps) {
  const { t } = useTranslation("conversations");
  const filter = filterOf(search);
  const query = useInfiniteQuery(messagesQuery(flowId, filter));
  const sessions = findSessions(sessionsOf(query.data?.pages.flat() ?? []), search.q ?? "");
  return (
    <>
      <Filters search={search} onSearch={onSearch} className={filtersClass} />
      <div className="col-span-full mt-3 flex flex-col gap-5">
        <Figures flowId={flowId} search={search} />
        <ConversationBrowser query={query} sessions={sessions} search={search} onSearch={onSearch} flowId={flowId} emptyBody={t("empty.body")} />
      </div>
    </>
  );
}

/** What can be done with the conversations that are shown: buttons for the head of the page. */
export function MessagesActions({ flowId, search }: Pick<MessagesViewProps, "flowId" | "search">) {
  const query = useInfiniteQuery(messagesQuery(flowId, filterOf(search)));
  const isEmpty = findSessions(sessionsOf(query.data?.pages.flat() ?? []), search.q ?? "").length === 0;
  return (
    <>
      <ExportMenu flowId={flowId} search={search} />
      <DeleteAll flowId={flowId} search={search} disabled={isEmpty} />
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
        <div key={label} className="flex flex-row-reverse items-baseline justify-end gap-2 rounded-lg border border-line bg-surface px-4 py-2 shadow-sm">
          <dt className="text-sm text-muted">{label}</dt>
          <dd className="text-xl font-semibold tabular-nums">{value ?? <Skeleton className="my-0.5 h-6 w-12" />}</dd>
        </div>
      ))}
    </dl>
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
        <Button busy={save.isPending}>
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
      <Button size="icon" aria-label={t("deleteAll.action")} title={t(cannot && !disabled ? "deleteAll.cannot" : "deleteAll.action")} disabled={cannot} onClick={() => setOpen(true)}>
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
