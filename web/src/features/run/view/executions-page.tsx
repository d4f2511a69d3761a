// `/executions`: the runs of agentflows, with what they did at each node.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Globe, ListTree, Share2, Trash2, Workflow } from "lucide-react";
import { useTranslation } from "react-i18next";
import { may, useSession } from "~/api/session";
import { deleteWithUndo, ListPage, useListState } from "~/features/list";
import { absoluteTime, relativeTime } from "~/lib/time";
import { Button } from "~/ui/button";
import { Chip, Notice } from "~/ui/card";
import { useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { deleteExecutions, executionsQuery, type ExecutionSummary, shareExecution } from "../model/runs-api";
import { duration, money, stateKey } from "./figures";
import { RunChips } from "./run-chips";
import { ExecutionDrawer } from "./run-drawer";
import { Spending } from "./spending";
import { StatusIcon } from "./status-icon";

const STATES = ["INPROGRESS", "FINISHED", "ERROR", "TERMINATED", "TIMEOUT", "STOPPED"] as const;
const DAY = 86_400_000;
const SPANS = { day: DAY, week: 7 * DAY, month: 30 * DAY } as const;

export function ExecutionsPage() {
  const { t, i18n } = useTranslation("run");
  const { t: common } = useTranslation();
  const { t: listText } = useTranslation("list");
  const errorText = useErrorText();
  const user = useSession((state) => state.user);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const { execution } = useSearch({ strict: false }) as { execution?: string };
  const list = useListState({ name: "executions", sort: { key: "updatedDate", descending: true }, filters: ["state", "since", "session"] });
  const since = list.filters["since"]?.[0];
  const [sessionId] = list.filters["session"] ?? [];
  const from = since && since in SPANS ? startOf(SPANS[since as keyof typeof SPANS]) : undefined;
  const query = useQuery(
    executionsQuery({ sessionId, state: list.filters["state"]?.[0], name: list.q || undefined, from, page: list.page, limit: list.limit }),
  );
  const open = (id: string | undefined) => void navigate({ to: ".", search: ((before: object) => ({ ...before, execution: id })) as never });
  const share = (row: ExecutionSummary) => {
    const shared = row.isPublic === true;
    shareExecution(row.id, !shared)
      .then(() => {
        toast.success(t(shared ? "unshared" : "shared"));
        return queryClient.invalidateQueries({ queryKey: ["executions"] });
      })
      .catch((error: unknown) => toast.error(errorText(error)));
  };
  const remove = (chosen: readonly ExecutionSummary[]) =>
    deleteWithUndo({
      ids: chosen.map((row) => row.id),
      done: listText("deletedMany", { count: chosen.length }),
      undo: listText("undo"),
      remove: (id) => deleteExecutions([id]),
      settled: () => queryClient.invalidateQueries({ queryKey: ["executions"] }),
      failed: (error) => toast.error(listText("deleteFailed", { reason: errorText(error) })),
    });
  const when = (iso: string) => (
    <time dateTime={iso} title={absoluteTime(iso, i18n.language)} className="whitespace-nowrap text-muted">
      {relativeTime(iso, i18n.language)}
    </time>
  );
  return (
    <>
      <ListPage<ExecutionSummary>
        list={list}
        title={t("executions")}
        lead={t("executionsLead")}
        above={
          <div className="flex flex-col gap-2">
            <Spending from={from} span={from === undefined ? t("allTime") : t(`last.${since as keyof typeof SPANS}`)} />
            {sessionId && (
              <Notice
                tone="info"
                action={
                  <Button size="sm" onClick={() => list.setFilter("session", [])}>
                    {t("allSessions")}
                  </Button>
                }
              >
                {t("onlySession", { id: sessionId })}
              </Notice>
            )}
          </div>
        }
        query={query}
        rows={query.data?.data ?? []}
        total={query.data?.total ?? 0}
        idOf={(row) => row.id}
        nameOf={(row) => row.agentflow?.name ?? row.id}
        searchLabel={t("searchExecutions")}
        countText={(count) => t("count", { count })}
        filters={[
          { key: "state", label: t("state"), single: true, options: STATES.map((value) => ({ value, label: value === "TIMEOUT" ? t("timeout") : t(stateKey(value)) })) },
          { key: "since", label: t("since"), single: true, options: Object.keys(SPANS).map((value) => ({ value, label: t(`last.${value as keyof typeof SPANS}`) })) },
        ]}
        columns={[
          {
            key: "flow",
            label: t("flow"),
            fixed: true,
            onPhone: true,
            cell: (row) => (
              <button type="button" onClick={() => open(row.id)} className="flex min-w-0 items-center gap-2 rounded-sm text-start">
                <StatusIcon status={row.state} />
                <span className="line-clamp-2 sm:line-clamp-1 font-medium text-ink hover:underline">{row.agentflow?.name ?? t("flowGone")}</span>
                <RunChips row={row} />
              </button>
            ),
          },
          { key: "state", label: t("state"), cell: (row) => <Chip>{t(stateKey(row.state))}</Chip> },
          { key: "time", label: t("took"), align: "end", cell: (row) => <span className="whitespace-nowrap text-muted">{row.spent && row.spent.milliseconds > 0 && duration(row.spent.milliseconds)}</span> },
          { key: "tokens", label: t("tokensShort"), align: "end", cell: (row) => <span className="text-muted tabular-nums">{row.spent && (row.spent.inputTokens + row.spent.outputTokens).toLocaleString(i18n.language)}</span> },
          { key: "cost", label: t("cost"), align: "end", cell: (row) => <span className="text-muted tabular-nums">{row.spent && money(row.spent.cost, i18n.language)}</span> },
          {
            key: "session",
            label: t("session"),
            cell: (row) => (
              <button type="button" title={t("onlyThisSession")} onClick={() => list.setFilter("session", [row.sessionId])} className="block max-w-32 truncate rounded-sm text-start font-mono text-xs text-muted hover:underline">
                {row.sessionId}
              </button>
            ),
          },
          { key: "shared", label: t("sharedColumn"), cell: (row) => row.isPublic === true && <Globe aria-label={t("isShared")} className="size-4 text-muted" /> },
          { key: "updatedDate", label: t("updated"), onPhone: true, cell: (row) => when(row.updatedDate) },
          { key: "createdDate", label: t("started"), cell: (row) => when(row.createdDate) },
        ]}
        rowActions={(row) => [
          { key: "open", label: t("showTrace"), icon: ListTree, run: () => open(row.id) },
          { key: "canvas", label: t("onCanvas"), icon: Workflow, run: () => void navigate({ to: "/v2/agentcanvas/$id", params: { id: row.agentflowId }, search: { run: row.id } }) },
          ...(may(user, "executions:update") ? [{ key: "share", label: t(row.isPublic ? "unshare" : "share"), icon: Share2, run: () => share(row) }] : []),
          ...(may(user, "executions:delete") ? [{ key: "delete", label: common("delete"), icon: Trash2, danger: true, separated: true, run: () => remove([row]) }] : []),
        ]}
        bulkActions={
          may(user, "executions:delete")
            ? [
                {
                  key: "delete",
                  label: common("delete"),
                  icon: Trash2,
                  danger: true,
                  run: remove,
                },
              ]
            : []
        }
        empty={{ icon: <ListTree />, title: t("executionsEmpty"), body: t("executionsEmptyBody") }}
      />
      <ExecutionDrawer id={execution} flowName={query.data?.data.find((row) => row.id === execution)?.agentflow?.name} onClose={() => open(undefined)} />
    </>
  );
}

/** So long ago, to the hour: a request that changed with every second would never be answered from memory. */
function startOf(ago: number): string {
  const hour = 3_600_000;
  return new Date(Math.floor((Date.now() - ago) / hour) * hour).toISOString();
}
