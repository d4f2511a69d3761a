// `/variables`: values that flows read by name.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { BookOpen, Braces, Pencil, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { may, useSession } from "~/api/session";
import { deleteVariable, type Variable, variablesQuery } from "~/api/workbench";
import { arrange, deleteWithUndo, ListPage, useListState } from "~/features/list";
import { DeleteUsedDialog } from "~/features/usage";
import { absoluteTime, relativeTime } from "~/lib/time";
import { Button } from "~/ui/button";
import { Chip } from "~/ui/card";
import { CopyButton } from "~/ui/copy-button";
import { useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { HowToUse } from "./how-to-use";
import { usesOf } from "./model";
import { VariableDialog } from "./variable-dialog";

export function VariablesPage() {
  const { t, i18n } = useTranslation("variables");
  const { t: common } = useTranslation();
  const { t: listText } = useTranslation("list");
  const errorText = useErrorText();
  const user = useSession((state) => state.user);
  const queryClient = useQueryClient();
  const query = useQuery(variablesQuery());
  const list = useListState({ name: "variables", sort: { key: "name", descending: false }, filters: ["type"] });
  const [open, setOpen] = useState<{ variable?: Variable } | null>(null);
  const [howTo, setHowTo] = useState<string | null>(null);
  const [doomed, setDoomed] = useState<Variable | null>(null);
  const all = query.data ?? [];
  const { rows, total } = arrange(
    all,
    list,
    {
      text: (row) => [row.name, row.type === "static" ? row.value : ""],
      filters: { type: (row) => row.type },
      sorts: { name: (row) => row.name, type: (row) => row.type, updatedDate: (row) => row.updatedDate, createdDate: (row) => row.createdDate },
    },
    i18n.language,
  );
  const reload = () => queryClient.invalidateQueries({ queryKey: ["variables"] });
  const mayEdit = may(user, "variables:update");
  const mayDelete = may(user, "variables:delete");
  const typeLabel = (row: Variable) => t(row.type === "runtime" ? "runtimeShort" : "staticShort");
  const addButton = may(user, "variables:create") && (
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
        actions={
          <>
            <Button onClick={() => setHowTo(all[0]?.name ?? "name")}>
              <BookOpen aria-hidden />
              {t("how.action")}
            </Button>
            {addButton}
          </>
        }
        query={query}
        rows={rows}
        total={total}
        idOf={(row) => row.id}
        nameOf={(row) => row.name}
        searchLabel={t("search")}
        countText={(count) => t("count", { count })}
        filters={[
          {
            key: "type",
            label: t("type"),
            options: [
              { value: "static", label: t("staticShort") },
              { value: "runtime", label: t("runtimeShort") },
            ],
          },
        ]}
        columns={[
          {
            key: "name",
            label: t("name"),
            fixed: true,
            sortable: true,
            onPhone: true,
            cell: (row) => (
              <span className="block">
                <span className="flex items-center gap-1">
                  {mayEdit ? (
                    <button type="button" title={row.name} dir="auto" className="truncate rounded-sm font-mono text-sm font-medium text-ink hover:underline rtl:text-right" onClick={() => setOpen({ variable: row })}>
                      {row.name}
                    </button>
                  ) : (
                    <span title={row.name} dir="auto" className="truncate font-mono text-sm font-medium rtl:text-right">{row.name}</span>
                  )}
                  <CopyButton text={usesOf(row.name).text} label={t("copyUse", { name: row.name })} size="icon-sm" />
                </span>
                <span className="block sm:hidden">
                  <ValueCell variable={row} />
                </span>
              </span>
            ),
          },
          { key: "value", label: t("value"), cell: (row) => <ValueCell variable={row} /> },
          { key: "type", label: t("type"), sortable: true, cell: (row) => <Chip>{typeLabel(row)}</Chip> },
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
          ...(mayEdit ? [{ key: "edit", label: common("edit"), icon: Pencil, run: () => setOpen({ variable: row }) }] : []),
          { key: "how", label: t("how.action"), icon: BookOpen, run: () => setHowTo(row.name) },
          ...(mayDelete ? [{ key: "delete", label: common("delete"), icon: Trash2, danger: true, separated: true, run: () => setDoomed(row) }] : []),
        ]}
        bulkActions={
          mayDelete
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
                      remove: deleteVariable,
                      settled: reload,
                      failed: (error) => toast.error(listText("deleteFailed", { reason: errorText(error) })),
                    }),
                },
              ]
            : []
        }
        empty={{ icon: <Braces />, title: t("empty.title"), body: t("empty.body"), action: addButton }}
      />
      {open && <VariableDialog variable={open.variable} taken={all.filter((row) => row.id !== open.variable?.id).map((row) => row.name)} onClose={() => setOpen(null)} />}
      {howTo && <HowToUse name={howTo} onClose={() => setHowTo(null)} />}
      <DeleteUsedDialog
        kind="variables"
        target={doomed}
        onClose={() => setDoomed(null)}
        title={t("delete.title", { name: doomed?.name })}
        consequence={t("delete.consequence")}
        remove={deleteVariable}
        onDeleted={() => {
          toast.success(t("delete.done", { name: doomed?.name }));
          return reload();
        }}
      />
    </>
  );
}

function ValueCell({ variable }: { variable: Variable }) {
  const { t } = useTranslation("variables");
  if (variable.type === "runtime") return <span className="text-muted">{t("fromEnvironment", { name: variable.name })}</span>;
  if (!variable.value) return <span className="text-faint italic">{t("emptyValue")}</span>;
  return (
    <span title={variable.value.slice(0, 400)} dir="auto" className="block max-w-80 truncate font-mono text-sm text-muted rtl:text-right">
      {variable.value}
    </span>
  );
}
