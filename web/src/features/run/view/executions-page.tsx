// `/executions`: the runs of agentflows, with what they did at each node.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Globe, ListTree, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { may, useSession } from "~/api/session";
import { deleteWithUndo, ListPage, useListState } from "~/features/list";
import { absoluteTime, relativeTime } from "~/lib/time";
import { Chip } from "~/ui/card";
import { useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { deleteExecutions, type Execution, executionsQuery } from "../model/runs-api";
import { ExecutionDrawer, stateKey } from "./run-drawer";
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
  const list = useListState({ name: "executions", sort: { key: "updatedDate", descending: true }, filters: ["state", "since"] });
  const since = list.filters["since"]?.[0];
  const query = useQuery(
    executionsQuery({ state: list.filters["state"]?.[0], name: list.q || undefined, from: since && since in SPANS ? startOf(SPANS[since as keyof typeof SPANS]) : undefined, page: list.page, limit: list.limit }),
  );
  const open = (id: string | undefined) => void navigate({ to: ".", search: ((before: object) => ({ ...before, execution: id })) as never });
  const when = (iso: string) => (
    <time dateTime={iso} title={absoluteTime(iso, i18n.language)} className="whitespace-nowrap text-muted">
      {relativeTime(iso, i18n.language)}
    </time>
  );
  return (
    <>
      <ListPage<Execution>
        list={list}
        title={t("executions")}
        lead={t("executionsLead")}
        query={query}
        rows={query.data?.data ?? []}
        total={query.data?.total ?? 0}
        idOf={(row) => row.id}
        nameOf={(row) => row.agentflow?.name ?? row.id}
        searchLabel={t("searchExecutions")}
        countText={(count) => t("count", { count })}
        filters={[
          { key: "state", label: t("state"), options: STATES.map((value) => ({ value, label: value === "TIMEOUT" ? t("timeout") : t(stateKey(value)) })) },
          { key: "since", label: t("since"), options: Object.keys(SPANS).map((value) => ({ value, label: t(`last.${value as keyof typeof SPANS}`) })) },
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
                <span className="line-clamp-1 font-medium text-ink hover:underline">{row.agentflow?.name ?? t("flowGone")}</span>
              </button>
            ),
          },
          { key: "state", label: t("state"), cell: (row) => <Chip>{t(stateKey(row.state))}</Chip> },
          { key: "session", label: t("session"), cell: (row) => <span className="block max-w-48 truncate font-mono text-xs text-muted">{row.sessionId}</span> },
          { key: "shared", label: t("sharedColumn"), cell: (row) => row.isPublic === true && <Globe aria-label={t("isShared")} className="size-4 text-muted" /> },
          { key: "updatedDate", label: t("updated"), onPhone: true, cell: (row) => when(row.updatedDate) },
          { key: "createdDate", label: t("started"), cell: (row) => when(row.createdDate) },
        ]}
        bulkActions={
          may(user, "executions:delete")
            ? [
                {
                  key: "delete",
                  label: common("delete"),
                  icon: Trash2,
                  danger: true,
                  run: (chosen) =>
                    deleteWithUndo({
                      ids: chosen.map((row) => row.id),
                      done: listText("deletedMany", { count: chosen.length }),
                      undo: listText("undo"),
                      remove: (id) => deleteExecutions([id]),
                      settled: () => queryClient.invalidateQueries({ queryKey: ["executions"] }),
                      failed: (error) => toast.error(listText("deleteFailed", { reason: errorText(error) })),
                    }),
                },
              ]
            : []
        }
        empty={{ icon: <ListTree />, title: t("executionsEmpty"), body: t("executionsEmptyBody") }}
      />
      <ExecutionDrawer id={execution} onClose={() => open(undefined)} />
    </>
  );
}

/** So long ago, to the hour: a request that changed with every second would never be answered from memory. */
function startOf(ago: number): string {
  const hour = 3_600_000;
  return new Date(Math.floor((Date.now() - ago) / hour) * hour).toISOString();
}
