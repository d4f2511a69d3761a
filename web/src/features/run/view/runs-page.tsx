// `/runs`: everything that chatflows answered, newest first. Runs of agentflows are executions.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Activity, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { may, useSession } from "~/api/session";
import { deleteWithUndo, ListPage, useListState } from "~/features/list";
import { absoluteTime, relativeTime } from "~/lib/time";
import { Button } from "~/ui/button";
import { Chip, Notice } from "~/ui/card";
import { useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { deleteRuns, type RunSummary, runsQuery, statusOfRun } from "../model/runs-api";
import { duration, money, stateKey } from "./figures";
import { RunDrawer } from "./run-drawer";
import { Spending } from "./spending";
import { StatusIcon } from "./status-icon";

const STATES = ["FINISHED", "ERROR", "STOPPED"] as const;

export function RunsPage() {
  const { t, i18n } = useTranslation("run");
  const { t: common } = useTranslation();
  const { t: listText } = useTranslation("list");
  const errorText = useErrorText();
  const user = useSession((state) => state.user);
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const { run, flowId } = useSearch({ strict: false }) as { run?: string; flowId?: string };
  const list = useListState({ name: "runs", sort: { key: "startedDate", descending: true }, filters: ["state"] });
  const query = useQuery(runsQuery({ flowId, state: list.filters["state"]?.[0], q: list.q || undefined, page: list.page, limit: list.limit }));
  const open = (id: string | undefined) => void navigate({ to: ".", search: ((before: object) => ({ ...before, run: id })) as never });
  return (
    <>
      <ListPage<RunSummary>
        list={list}
        title={t("runs")}
        lead={t("runsLead")}
        above={
          <div className="flex flex-col gap-2">
          <Spending from={undefined} span={t("allTime")} flowId={flowId} />
          {flowId && (
            <Notice
              tone="info"
              action={
                <Button size="sm" onClick={() => void navigate({ to: "/runs" })}>
                  {t("allFlows")}
                </Button>
              }
            >
              {t("onlyFlow", { name: query.data?.data[0]?.flowName ?? t("thisFlow") })}
            </Notice>
          )}
          </div>
        }
        query={query}
        rows={query.data?.data ?? []}
        total={query.data?.total ?? 0}
        idOf={(row) => row.id}
        nameOf={(row) => row.question || row.id}
        searchLabel={t("searchRuns")}
        countText={(count) => t("count", { count })}
        filters={[{ key: "state", label: t("state"), single: true, options: STATES.map((value) => ({ value, label: t(stateKey(statusOfRun(value))) })) }]}
        columns={[
          {
            key: "question",
            label: t("question"),
            fixed: true,
            onPhone: true,
            cell: (row) => (
              <button type="button" onClick={() => open(row.id)} className="flex max-w-md min-w-0 items-start gap-2 rounded-sm text-start">
                <span className="mt-0.5">
                  <StatusIcon status={statusOfRun(row.state)} />
                </span>
                <span className="min-w-0">
                  <span className="line-clamp-2 sm:line-clamp-1 font-medium text-ink hover:underline">{row.question || t("noQuestion")}</span>
                  {row.error && (
                    <span className="line-clamp-2 text-sm text-danger">
                      {row.error.nodeLabel && `${row.error.nodeLabel}: `}
                      {row.error.message}
                    </span>
                  )}
                </span>
              </button>
            ),
          },
          { key: "flow", label: t("flow"), cell: (row) => <span className="line-clamp-1 max-w-56 text-muted">{row.flowName ?? t("flowGone")}</span> },
          { key: "from", label: t("from"), cell: (row) => <Chip>{row.draft ? t("ofDraft") : t(row.chatType === "INTERNAL" ? "fromEditor" : "fromOutside")}</Chip> },
          { key: "time", label: t("took"), align: "end", cell: (row) => <span className="whitespace-nowrap text-muted">{duration(row.milliseconds)}</span> },
          { key: "tokens", label: t("tokensShort"), align: "end", cell: (row) => <span className="text-muted">{row.inputTokens === null && row.outputTokens === null ? "" : ((row.inputTokens ?? 0) + (row.outputTokens ?? 0)).toLocaleString(i18n.language)}</span> },
          { key: "cost", label: t("cost"), align: "end", cell: (row) => <span className="text-muted">{row.cost === null ? "" : money(row.cost, i18n.language)}</span> },
          {
            key: "startedDate",
            label: t("started"),
            onPhone: true,
            cell: (row) => (
              <time dateTime={row.startedDate} title={absoluteTime(row.startedDate, i18n.language)} className="whitespace-nowrap text-muted">
                {relativeTime(row.startedDate, i18n.language)}
              </time>
            ),
          },
        ]}
        bulkActions={
          may(user, "executions:delete")
            ? [
                {
                  key: "delete",
                  label: common("delete"),
                  icon: Trash2,
                  danger: true,
                  run: (chosen) => {
                    const ids = chosen.map((row) => row.id);
                    deleteWithUndo({
                      ids,
                      done: listText("deletedMany", { count: ids.length }),
                      undo: listText("undo"),
                      remove: (id) => deleteRuns([id]),
                      settled: () => queryClient.invalidateQueries({ queryKey: ["runs"] }),
                      failed: (error) => toast.error(listText("deleteFailed", { reason: errorText(error) })),
                    });
                  },
                },
              ]
            : []
        }
        empty={{ icon: <Activity />, title: t("runsEmpty"), body: t("runsEmptyBody"), action: <Button asChild><Link to="/executions">{t("toExecutions")}</Link></Button> }}
      />
      <RunDrawer id={run} onClose={() => open(undefined)} />
    </>
  );
}
