// `/flow/:id/upserts`: what was written into vector stores, and with which settings.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { DatabaseZap, Eye, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { deleteUpserts, upsertsQuery } from "~/api/conversations";
import { arrange, deleteWithUndo, ListPage, useListState } from "~/features/list";
import { absoluteTime } from "~/lib/time";
import { Dialog } from "~/ui/dialog";
import { useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { type UpsertView, viewOf } from "./model";

export function UpsertsPage() {
  const { t } = useTranslation("upserts");
  const { id } = useParams({ from: "/signed-in/shell/flow/$id/upserts" });
  return <UpsertList id={id} title={t("title")} lead={t("lead")} emptyBody={t("empty.body")} />;
}

export interface UpsertListProps {
  /** The flow or the document store. */
  id: string;
  title: string;
  lead: string;
  emptyBody: string;
}

/** Everything that was written by one flow or document store. */
export function UpsertList({ id, title, lead, emptyBody }: UpsertListProps) {
  const { t, i18n } = useTranslation("upserts");
  const { t: common } = useTranslation();
  const { t: listText } = useTranslation("list");
  const errorText = useErrorText();
  const queryClient = useQueryClient();
  const query = useQuery(upsertsQuery(id));
  const list = useListState({ name: "upserts", sort: { key: "date", descending: true } });
  const [open, setOpen] = useState<UpsertView | null>(null);
  const { rows, total } = arrange(
    (query.data ?? []).map(viewOf),
    list,
    {
      text: (row) => [absoluteTime(row.date, i18n.language), ...row.nodes.map((node) => node.label)],
      sorts: { date: (row) => row.date, added: (row) => row.added, updated: (row) => row.updated, skipped: (row) => row.skipped, deleted: (row) => row.deleted },
    },
    i18n.language,
  );
  const number = new Intl.NumberFormat(i18n.language);
  const remove = (chosen: readonly UpsertView[]) =>
    deleteWithUndo({
      ids: chosen.map((row) => row.id),
      done: listText("deletedMany", { count: chosen.length }),
      undo: listText("undo"),
      remove: (row) => deleteUpserts([row]),
      settled: () => queryClient.invalidateQueries({ queryKey: ["upserts", id] }),
      failed: (error) => toast.error(listText("deleteFailed", { reason: errorText(error) })),
    });
  const counts = (["added", "updated", "skipped", "deleted"] as const).map((key) => ({
    key,
    label: t(key),
    sortable: true,
    onPhone: key === "added",
    cell: (row: UpsertView) => <span className="tabular-nums">{number.format(row[key])}</span>,
  }));
  return (
    <>
      <ListPage
        framed
        list={list}
        title={title}
        lead={lead}
        query={query}
        rows={rows}
        total={total}
        idOf={(row) => row.id}
        nameOf={(row) => absoluteTime(row.date, i18n.language)}
        searchLabel={t("search")}
        countText={(count) => t("count", { count })}
        columns={[
          {
            key: "date",
            label: t("date"),
            fixed: true,
            sortable: true,
            onPhone: true,
            cell: (row) => (
              <button type="button" className="rounded-sm font-medium whitespace-nowrap text-ink hover:underline" onClick={() => setOpen(row)}>
                {absoluteTime(row.date, i18n.language)}
              </button>
            ),
          },
          ...counts,
          { key: "nodes", label: t("nodes"), cell: (row) => <span className="line-clamp-1 text-muted">{row.nodes.map((node) => node.label).join(", ")}</span> },
        ]}
        rowActions={(row) => [
          { key: "open", label: t("open"), icon: Eye, run: () => setOpen(row) },
          { key: "delete", label: common("delete"), icon: Trash2, danger: true, separated: true, run: () => remove([row]) },
        ]}
        bulkActions={[{ key: "delete", label: common("delete"), icon: Trash2, danger: true, run: remove }]}
        empty={{ icon: <DatabaseZap />, title: t("empty.title"), body: emptyBody }}
      />
      {open && (
        <Dialog open onOpenChange={(next) => !next && setOpen(null)} title={t("detail", { date: absoluteTime(open.date, i18n.language) })} size="lg">
          <div className="flex flex-col gap-5">
            {open.nodes.length === 0 && <p className="text-base text-muted">{t("noNodes")}</p>}
            {open.nodes.map((node, index) => (
              // oxlint-disable-next-line react/no-array-index-key -- nodes have no identity but their place
              <section key={index}>
                <h3 className="mb-2 text-base font-medium">{node.label}</h3>
                <dl className="grid gap-x-6 gap-y-1 text-sm sm:grid-cols-[12rem_1fr]">
                  {node.settings.map((setting) => (
                    <div key={setting.label} className="contents">
                      <dt className="text-muted">{setting.label}</dt>
                      <dd className="font-mono text-xs leading-5 [overflow-wrap:anywhere] max-sm:mb-1.5">{setting.value || "–"}</dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
        </Dialog>
      )}
    </>
  );
}
