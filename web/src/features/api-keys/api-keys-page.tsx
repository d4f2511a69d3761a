// `/apikey`: the keys of programs that call this server.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeySquare, Pencil, Plus, ShieldCheck, Trash2, Workflow } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { may, useSession } from "~/api/session";
import { type ApiKeyRow, apiKeysQuery, deleteKey } from "~/api/workbench";
import { arrange, ListPage, useListState } from "~/features/list";
import { DeleteUsedDialog } from "~/features/usage";
import { absoluteTime, relativeTime } from "~/lib/time";
import { Button } from "~/ui/button";
import { Chip } from "~/ui/card";
import { Dialog } from "~/ui/dialog";
import { toast } from "~/ui/toast";
import { KeyDialog } from "./key-dialog";

export function ApiKeysPage() {
  const { t, i18n } = useTranslation("apiKeys");
  const { t: common } = useTranslation();
  const user = useSession((state) => state.user);
  const queryClient = useQueryClient();
  const query = useQuery(apiKeysQuery());
  const list = useListState({ name: "api-keys", sort: { key: "updatedDate", descending: true } });
  const [open, setOpen] = useState<{ row?: ApiKeyRow } | null>(null);
  const [doomed, setDoomed] = useState<ApiKeyRow | null>(null);
  const [details, setDetails] = useState<ApiKeyRow | null>(null);
  const { rows, total } = arrange(
    query.data ?? [],
    list,
    {
      text: (row) => [row.keyName, row.apiKey, ...row.chatFlows.map((flow) => flow.flowName)],
      sorts: { keyName: (row) => row.keyName, permissions: (row) => row.permissions.length, usage: (row) => row.chatFlows.length, updatedDate: (row) => row.updatedDate },
    },
    i18n.language,
  );
  const mayEdit = may(user, "apikeys:update");
  const addButton = may(user, "apikeys:create") && (
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
        query={query}
        rows={rows}
        total={total}
        idOf={(row) => row.id}
        nameOf={(row) => row.keyName}
        searchLabel={t("search")}
        countText={(count) => t("count", { count })}
        columns={[
          {
            key: "keyName",
            label: t("name"),
            fixed: true,
            sortable: true,
            onPhone: true,
            cell: (row) => (
              <span className="block min-w-0">
                <button type="button" title={row.keyName} className="block max-w-full truncate rounded-sm font-medium text-ink hover:underline" onClick={() => (mayEdit ? setOpen({ row }) : setDetails(row))}>
                  {row.keyName}
                </button>
                <code className="block truncate font-mono text-xs text-muted sm:hidden">{row.apiKey}</code>
              </span>
            ),
          },
          {
            key: "apiKey",
            label: t("key"),
            cell: (row) => (
              <code className="font-mono text-sm whitespace-nowrap text-muted" title={t("maskedHint")}>
                {row.apiKey}
              </code>
            ),
          },
          {
            key: "permissions",
            label: t("permissions"),
            sortable: true,
            cell: (row) => (
              <button type="button" className="rounded-full" aria-label={`${t("permissionCount", { count: row.permissions.length })}: ${t("showDetails", { name: row.keyName })}`} onClick={() => setDetails(row)}>
                <Chip className="hover:border-line-strong hover:text-ink">{t("permissionCount", { count: row.permissions.length })}</Chip>
              </button>
            ),
          },
          {
            key: "usage",
            label: t("usage"),
            sortable: true,
            cell: (row) => (row.chatFlows.length === 0 ? <span className="text-faint">{t("unused")}</span> : <span className="text-muted">{t("usedBy", { count: row.chatFlows.length })}</span>),
          },
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
          { key: "details", label: t("details"), icon: ShieldCheck, run: () => setDetails(row) },
          ...(mayEdit ? [{ key: "edit", label: common("edit"), icon: Pencil, run: () => setOpen({ row }) }] : []),
          ...(may(user, "apikeys:delete") ? [{ key: "delete", label: common("delete"), icon: Trash2, danger: true, separated: true, run: () => setDoomed(row) }] : []),
        ]}
        empty={{ icon: <KeySquare />, title: t("empty.title"), body: t("empty.body"), action: addButton }}
      />
      {open && <KeyDialog row={open.row} onClose={() => setOpen(null)} />}
      {details && <DetailsDialog row={details} onClose={() => setDetails(null)} />}
      <DeleteUsedDialog
        kind="apikeys"
        target={doomed && { id: doomed.id, name: doomed.keyName }}
        onClose={() => setDoomed(null)}
        title={t("delete.title", { name: doomed?.keyName })}
        consequence={t("delete.consequence")}
        remove={deleteKey}
        onDeleted={() => {
          toast.success(t("delete.done", { name: doomed?.keyName }));
          return queryClient.invalidateQueries({ queryKey: ["api-keys"] });
        }}
      />
    </>
  );
}

/** What a key may do, and which flows ask for it. */
function DetailsDialog({ row, onClose }: { row: ApiKeyRow; onClose: () => void }) {
  const { t, i18n } = useTranslation("apiKeys");
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={row.keyName}>
      <div className="flex flex-col gap-5">
        <section>
          <h3 className="mb-2 text-base font-medium">{t("permissions")}</h3>
          {row.permissions.length === 0 ? (
            <p className="text-base text-muted">{t("noPermissions")}</p>
          ) : (
            <ul className="flex flex-wrap gap-1.5">
              {row.permissions.map((permission) => (
                <li key={permission}>
                  <Chip className="font-mono">{permission}</Chip>
                </li>
              ))}
            </ul>
          )}
        </section>
        <section>
          <h3 className="mb-2 text-base font-medium">{t("usage")}</h3>
          {row.chatFlows.length === 0 ? (
            <p className="text-base text-muted">{t("unusedLong")}</p>
          ) : (
            <ul className="divide-y divide-line rounded-md border border-line">
              {row.chatFlows.map((flow) => (
                <li key={`${flow.flowName} ${flow.updatedDate}`} className="flex items-center gap-2 px-3 py-2 text-sm">
                  <Workflow aria-hidden className="size-4 shrink-0 text-muted" />
                  <span className="min-w-0 flex-1 truncate font-medium">{flow.flowName}</span>
                  {flow.category.map((category) => (
                    <Chip key={category}>{category}</Chip>
                  ))}
                  <span className="text-muted">{relativeTime(flow.updatedDate, i18n.language)}</span>
                </li>
              ))}
            </ul>
          )}
        </section>
      </div>
    </Dialog>
  );
}
