// `/credentials`: the keys to other services, without ever showing them.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { may, useSession } from "~/api/session";
import { type Credential, credentialKindsQuery, credentialsQuery, deleteCredential } from "~/api/workbench";
import { arrange, ListPage, useListState } from "~/features/list";
import { DeleteUsedDialog } from "~/features/usage";
import { absoluteTime, relativeTime } from "~/lib/time";
import { Button } from "~/ui/button";
import { toast } from "~/ui/toast";
import { CredentialDialog } from "./credential-dialog";
import { KindIcon } from "./kind-icon";

export function CredentialsPage() {
  const { t, i18n } = useTranslation("credentials");
  const { t: common } = useTranslation();
  const user = useSession((state) => state.user);
  const queryClient = useQueryClient();
  const query = useQuery(credentialsQuery());
  const kinds = useQuery(credentialKindsQuery());
  const list = useListState({ name: "credentials", sort: { key: "updatedDate", descending: true }, filters: ["kind"] });
  const [open, setOpen] = useState<{ id?: string } | null>(null);
  const [doomed, setDoomed] = useState<Credential | null>(null);
  const kindLabel = (name: string) => kinds.data?.find((kind) => kind.name === name)?.label ?? name;
  const { rows, total } = arrange(
    query.data ?? [],
    list,
    {
      text: (row) => [row.name, row.credentialName, kindLabel(row.credentialName)],
      filters: { kind: (row) => row.credentialName },
      sorts: { name: (row) => row.name, kind: (row) => kindLabel(row.credentialName), updatedDate: (row) => row.updatedDate, createdDate: (row) => row.createdDate },
    },
    i18n.language,
  );
  const used = [...new Set((query.data ?? []).map((row) => row.credentialName))];
  const mayEdit = may(user, "credentials:update");
  const addButton = may(user, "credentials:create") && (
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
        nameOf={(row) => row.name}
        searchLabel={t("search")}
        countText={(count) => t("count", { count })}
        filters={used.length > 1 ? [{ key: "kind", label: t("kind"), options: used.map((name) => ({ value: name, label: kindLabel(name) })) }] : []}
        columns={[
          {
            key: "name",
            label: t("name"),
            fixed: true,
            sortable: true,
            onPhone: true,
            cell: (row) => (
              <span className="flex min-w-0 items-center gap-3">
                <KindIcon kind={row.credentialName} />
                <span className="min-w-0">
                  {mayEdit ? (
                    <button type="button" title={row.name} dir="auto" className="block max-w-full truncate rounded-sm font-medium text-ink hover:underline rtl:text-right" onClick={() => setOpen({ id: row.id })}>
                      {row.name}
                    </button>
                  ) : (
                    <span title={row.name} className="block truncate font-medium">{row.name}</span>
                  )}
                  <span className="block truncate text-sm text-muted sm:hidden">{kindLabel(row.credentialName)}</span>
                </span>
              </span>
            ),
          },
          { key: "kind", label: t("kind"), sortable: true, cell: (row) => <span className="text-muted">{kindLabel(row.credentialName)}</span> },
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
          {
            key: "createdDate",
            label: t("created"),
            sortable: true,
            cell: (row) => <span className="whitespace-nowrap text-muted">{absoluteTime(row.createdDate, i18n.language)}</span>,
          },
        ]}
        rowActions={(row) => [
          ...(mayEdit ? [{ key: "edit", label: common("edit"), icon: Pencil, run: () => setOpen({ id: row.id }) }] : []),
          ...(may(user, "credentials:delete") ? [{ key: "delete", label: common("delete"), icon: Trash2, danger: true, separated: mayEdit, run: () => setDoomed(row) }] : []),
        ]}
        empty={{ icon: <KeyRound />, title: t("empty.title"), body: t("empty.body"), action: addButton }}
      />
      <CredentialDialog open={open !== null} id={open?.id} onOpenChange={(next) => !next && setOpen(null)} />
      <DeleteUsedDialog
        kind="credentials"
        target={doomed}
        onClose={() => setDoomed(null)}
        title={t("delete.title", { name: doomed?.name })}
        consequence={t("delete.consequence")}
        remove={deleteCredential}
        onDeleted={() => {
          toast.success(t("delete.done", { name: doomed?.name }));
          return queryClient.invalidateQueries({ queryKey: ["credentials"] });
        }}
      />
    </>
  );
}
