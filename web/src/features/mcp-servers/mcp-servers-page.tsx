// `/tools/mcp`: servers whose tools agents may call.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, CircleDashed, List, Pencil, Plug, Plus, RefreshCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { authorizeMcpServer, deleteMcpServer, type McpServer, mcpServerQuery, mcpServersQuery, type OneMcpServer } from "~/api/mcp";
import { may, useSession } from "~/api/session";
import { arrange, deleteWithUndo, ListPage, useListState } from "~/features/list";
import { cx } from "~/lib/cx";
import { absoluteTime, relativeTime } from "~/lib/time";
import { Button } from "~/ui/button";
import { useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { ServerDialog } from "./server-dialog";
import { ToolsDialog } from "./tools-dialog";
import { ToolsTabs } from "./tools-tabs";

const LOOKS = {
  AUTHORIZED: { icon: CircleCheck, tone: "bg-success-soft text-success" },
  ERROR: { icon: CircleAlert, tone: "bg-danger-soft text-danger" },
  PENDING: { icon: CircleDashed, tone: "bg-sunken text-muted" },
} as const;

type Standing = keyof typeof LOOKS;

function standingOf({ status }: McpServer): Standing {
  return status === "AUTHORIZED" || status === "ERROR" ? status : "PENDING";
}

export function McpServersPage() {
  const { t, i18n } = useTranslation("mcpServers");
  const { t: common } = useTranslation();
  const { t: listText } = useTranslation("list");
  const errorText = useErrorText();
  const user = useSession((state) => state.user);
  const queryClient = useQueryClient();
  const query = useQuery(mcpServersQuery());
  const list = useListState({ name: "mcp-servers", sort: { key: "name", descending: false }, filters: ["status"] });
  const [open, setOpen] = useState<{ server?: OneMcpServer } | null>(null);
  const [shown, setShown] = useState<McpServer | null>(null);
  const { rows, total } = arrange(
    query.data ?? [],
    list,
    {
      text: (row) => [row.name, row.serverUrl],
      filters: { status: standingOf },
      sorts: { name: (row) => row.name, status: standingOf, tools: (row) => row.toolCount, updatedDate: (row) => row.updatedDate },
    },
    i18n.language,
  );
  const reload = () => queryClient.invalidateQueries({ queryKey: ["mcp-servers"] });
  const mayEdit = may(user, "tools:update") || may(user, "tools:create");
  const mayDelete = may(user, "tools:delete");
  const authorize = useMutation({
    mutationFn: (server: McpServer) => authorizeMcpServer(server.id),
    onSuccess: (server) => {
      toast.success(t("authorized", { name: server.name, count: server.toolCount }));
      setShown(server);
    },
    onError: (error) => toast.error(errorText(error)),
    onSettled: (_, __, server) => Promise.all([reload(), queryClient.invalidateQueries({ queryKey: ["mcp-server-tools", server.id] })]),
  });
  const edit = useMutation({
    // The list does not hold the names of the headers.
    mutationFn: (row: McpServer) => queryClient.fetchQuery({ ...mcpServerQuery(row.id), staleTime: 0 }),
    onSuccess: (server) => setOpen({ server }),
    onError: (error) => toast.error(errorText(error)),
  });
  const remove = (chosen: readonly McpServer[]) =>
    deleteWithUndo({
      ids: chosen.map((row) => row.id),
      done: listText("deletedMany", { count: chosen.length }),
      undo: listText("undo"),
      remove: deleteMcpServer,
      settled: reload,
      failed: (error) => toast.error(listText("deleteFailed", { reason: errorText(error) })),
    });
  const addButton = may(user, "tools:create") && (
    <Button variant="primary" onClick={() => setOpen({})}>
      <Plus aria-hidden />
      {t("add")}
    </Button>
  );
  return (
    <>
      <ListPage
        list={list}
        title={t("title")}
        lead={t("lead")}
        actions={addButton}
        above={<ToolsTabs />}
        query={query}
        rows={rows}
        total={total}
        idOf={(row) => row.id}
        nameOf={(row) => row.name}
        searchLabel={t("search")}
        countText={(count) => t("count", { count })}
        filters={[{ key: "status", label: t("status"), options: (Object.keys(LOOKS) as Standing[]).map((value) => ({ value, label: t(`standing.${value}`) })) }]}
        columns={[
          {
            key: "name",
            label: t("name"),
            fixed: true,
            sortable: true,
            onPhone: true,
            cell: (row) =>
              mayEdit ? (
                <button type="button" title={row.name} className="truncate rounded-sm text-sm font-medium text-ink hover:underline" onClick={() => edit.mutate(row)}>
                  {row.name}
                </button>
              ) : (
                <span title={row.name} className="truncate text-sm font-medium">{row.name}</span>
              ),
          },
          { key: "address", label: t("address"), cell: (row) => <span className="block max-w-80 truncate font-mono text-sm text-muted">{row.serverUrl}</span> },
          { key: "status", label: t("status"), sortable: true, onPhone: true, cell: (row) => <StatusBadge standing={standingOf(row)} /> },
          { key: "tools", label: t("tools"), sortable: true, cell: (row) => <span className="text-muted tabular-nums">{row.toolCount}</span> },
          {
            key: "updatedDate",
            label: t("updated"),
            sortable: true,
            cell: (row) => (
              <time dateTime={row.updatedDate} title={absoluteTime(row.updatedDate, i18n.language)} className="whitespace-nowrap text-muted">
                {relativeTime(row.updatedDate, i18n.language)}
              </time>
            ),
          },
        ]}
        rowActions={(row) => [
          ...(mayEdit ? [{ key: "authorize", label: t(row.status === "AUTHORIZED" ? "again" : "authorize"), icon: RefreshCw, run: () => authorize.mutate(row) }] : []),
          { key: "tools", label: t("showTools"), icon: List, run: () => setShown(row) },
          ...(mayEdit ? [{ key: "edit", label: common("edit"), icon: Pencil, run: () => edit.mutate(row) }] : []),
          ...(mayDelete ? [{ key: "delete", label: common("delete"), icon: Trash2, danger: true, separated: true, run: () => remove([row]) }] : []),
        ]}
        bulkActions={mayDelete ? [{ key: "delete", label: common("delete"), icon: Trash2, danger: true, run: remove }] : []}
        empty={{ icon: <Plug />, title: t("empty.title"), body: t("empty.body"), action: addButton }}
      />
      {open && (
        <ServerDialog
          server={open.server}
          onClose={() => setOpen(null)}
          onSaved={(saved) => {
            setOpen(null);
            // Without its tools a server is of no use, so it is asked at once.
            if (saved.status === "AUTHORIZED") toast.success(t("saved", { name: saved.name }));
            else authorize.mutate(saved);
          }}
        />
      )}
      {shown && <ToolsDialog server={shown} onClose={() => setShown(null)} />}
    </>
  );
}

function StatusBadge({ standing }: { standing: Standing }) {
  const { t } = useTranslation("mcpServers");
  const { icon: Icon, tone } = LOOKS[standing];
  return (
    <span title={t(`about.${standing}`)} className={cx("inline-flex h-6 shrink-0 items-center gap-1.5 rounded-full px-2 text-xs font-medium whitespace-nowrap", tone)}>
      <Icon aria-hidden className="size-3.5" />
      {t(`standing.${standing}`)}
    </span>
  );
}
