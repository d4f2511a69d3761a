// `/document-stores`: all stores, what they hold and how they stand.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Library, Pencil, Plug, Plus, Search, Trash2 } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { deleteStore, type DocumentStore, storesQuery } from "~/api/document-stores";
import { nodesQuery } from "~/api/queries";
import { useMay } from "~/api/session";
import type { CatalogNode } from "~/api/types";
import { arrange, deleteWithUndo, type ListColumn, ListPage, type RowTools, useListState } from "~/features/list";
import { cx } from "~/lib/cx";
import { absoluteTime, relativeTime } from "~/lib/time";
import { Button } from "~/ui/button";
import { Card, Chip } from "~/ui/card";
import type { RowAction } from "~/ui/menu";
import { Skeleton, useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { loaderNames, standingOf, statusNow } from "./model";
import { NodeTile, StatusBadge, useNumber } from "./parts";
import { DeleteStoreDialog, NewStoreDialog, StoreDialog } from "./store-dialogs";

type Catalog = ReadonlyMap<string, CatalogNode>;

const FILTERS = ["status"];
const STANDINGS = ["empty", "new", "loading", "loaded", "stale", "writing", "written"] as const;
const idOf = (store: DocumentStore) => store.id;
const nameOf = (store: DocumentStore) => store.name;

type Open = { kind: "add" } | { kind: "rename" | "delete"; store: DocumentStore } | null;

export function StoresPage() {
  const { t, i18n } = useTranslation("documentStores");
  const { t: common } = useTranslation();
  const { t: listText } = useTranslation("list");
  const number = useNumber();
  const may = useMay();
  const navigate = useNavigate();
  const client = useQueryClient();
  const errorText = useErrorText();
  const query = useQuery(storesQuery());
  const nodes = useQuery({ ...nodesQuery(), enabled: query.isSuccess });
  const catalog: Catalog = useMemo(() => new Map((nodes.data ?? []).map((node) => [node.name, node])), [nodes.data]);
  const list = useListState({ name: "document-stores", sort: { key: "updated", descending: true }, filters: FILTERS, view: "cards" });
  const [open, setOpen] = useState<Open>(null);
  const { rows, total } = arrange(
    query.data ?? [],
    list,
    {
      text: (row) => [row.name, row.description, ...row.loaders.flatMap((loader) => [loader.loaderName, loader.source])],
      filters: { status: (row) => standingOf(statusNow(row)) },
      sorts: { name: nameOf, status: (row) => statusNow(row), chunks: (row) => row.totalChunks, chars: (row) => row.totalChars, updated: (row) => row.updatedDate },
    },
    i18n.language,
  );
  const [mayCreate, mayUpdate, mayDelete] = [may("documentStores:create"), may("documentStores:update") || may("documentStores:create"), may("documentStores:delete")];
  const removeEmpty = (stores: readonly DocumentStore[]) =>
    deleteWithUndo({
      ids: stores.map(idOf),
      done: listText("deletedMany", { count: stores.length }),
      undo: listText("undo"),
      remove: deleteStore,
      settled: () => client.invalidateQueries({ queryKey: ["document-stores"] }),
      failed: (error) => toast.error(listText("deleteFailed", { reason: errorText(error) })),
    });
  const remove = (store: DocumentStore) => (store.loaders.length === 0 && store.whereUsed.length === 0 ? removeEmpty([store]) : setOpen({ kind: "delete", store }));
  const rowActions = (store: DocumentStore): RowAction[] => [
    { key: "query", label: t("action.query"), icon: Search, run: () => void navigate({ to: "/document-stores/query/$storeId", params: { storeId: store.id } }) },
    { key: "api", label: t("action.api"), icon: Plug, run: () => void navigate({ to: "/document-stores/api/$storeId", params: { storeId: store.id } }) },
    ...(mayUpdate ? [{ key: "rename", label: t("action.rename"), icon: Pencil, separated: true, run: () => setOpen({ kind: "rename", store }) }] : []),
    ...(mayDelete ? [{ key: "delete", label: common("delete"), icon: Trash2, danger: true, separated: true, run: () => remove(store) }] : []),
  ];
  const columns: ListColumn<DocumentStore>[] = [
    {
      key: "name",
      label: t("column.name"),
      fixed: true,
      sortable: true,
      cell: (row) => (
        <span className="block max-w-md">
          <StoreLink store={row} className="font-medium text-ink [overflow-wrap:anywhere] hover:text-primary-ink hover:underline" />
          {row.description && <span dir="auto" className="line-clamp-1 text-sm text-muted rtl:text-right">{row.description}</span>}
        </span>
      ),
    },
    { key: "status", label: t("column.status"), sortable: true, onPhone: true, cell: (row) => <StatusBadge status={statusNow(row)} /> },
    { key: "loaders", label: t("column.loaders"), cell: (row) => <LoaderTiles store={row} catalog={catalog} /> },
    { key: "chunks", label: t("column.chunks"), sortable: true, align: "end", cell: (row) => number(row.totalChunks) },
    { key: "chars", label: t("column.chars"), sortable: true, align: "end", cell: (row) => number(row.totalChars) },
    { key: "used", label: t("column.used"), cell: (row) => <UsedIn store={row} /> },
    {
      key: "updated",
      label: t("column.updated"),
      sortable: true,
      cell: (row) => (
        <time dateTime={row.updatedDate} title={absoluteTime(row.updatedDate, i18n.language)} className="text-sm whitespace-nowrap text-muted">
          {relativeTime(row.updatedDate, i18n.language)}
        </time>
      ),
    },
  ];
  const add = mayCreate && (
    <Button variant="primary" onClick={() => setOpen({ kind: "add" })}>
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
        actions={add}
        query={query}
        rows={rows}
        total={total}
        idOf={idOf}
        nameOf={nameOf}
        columns={columns}
        card={(store, tools) => <StoreCard store={store} catalog={catalog} {...tools} />}
        cardSkeleton={<CardSkeleton />}
        searchLabel={t("search")}
        filters={[{ key: "status", label: t("column.status"), options: STANDINGS.map((standing) => ({ value: standing, label: t(`standing.store.${standing}.name`) })) }]}
        countText={(count) => t("count", { count })}
        rowActions={rowActions}
        empty={{ icon: <Library />, title: t("empty.title"), body: t("empty.body"), action: add }}
      />
      {open?.kind === "add" && <NewStoreDialog onClose={() => setOpen(null)} />}
      {open?.kind === "rename" && <StoreDialog store={open.store} onClose={() => setOpen(null)} onSaved={() => undefined} />}
      {open?.kind === "delete" && <DeleteStoreDialog store={open.store} onClose={() => setOpen(null)} onDeleted={() => undefined} />}
    </>
  );
}

function StoreLink({ store, className }: { store: DocumentStore; className: string }) {
  return (
    <Link to="/document-stores/$storeId" params={{ storeId: store.id }} className={className}>
      {store.name}
    </Link>
  );
}

/** How many tiles there is room for. */
const TILES = 6;

function LoaderTiles({ store, catalog }: { store: DocumentStore; catalog: Catalog }) {
  const { t } = useTranslation("documentStores");
  const names = loaderNames(store);
  return (
    <span className="flex h-6 items-center gap-1.5">
      {names.slice(0, TILES).map((name) => (
        <NodeTile key={name} name={name} entry={catalog.get(name)} size="sm" />
      ))}
      <span className="text-sm text-muted">{t("loaders", { count: store.loaders.length })}</span>
    </span>
  );
}

function UsedIn({ store }: { store: DocumentStore }) {
  const { t } = useTranslation("documentStores");
  if (store.whereUsed.length === 0) return <span className="text-sm text-faint">{t("unused")}</span>;
  return (
    <span className="flex flex-wrap gap-1.5">
      {store.whereUsed.slice(0, 2).map((flow) => (
        <Chip key={flow.id} className="max-w-36">
          <span className="truncate">{flow.name}</span>
        </Chip>
      ))}
      {store.whereUsed.length > 2 && <span className="text-xs text-faint">{t("more", { count: store.whereUsed.length - 2 })}</span>}
    </span>
  );
}

function StoreCard({ store, catalog, tick, menu }: { store: DocumentStore; catalog: Catalog } & RowTools) {
  const { t, i18n } = useTranslation("documentStores");
  const number = useNumber();
  return (
    <Card className="group relative flex h-full flex-col gap-3 p-4 transition-[border-color,box-shadow] duration-120 hover:border-line-strong hover:shadow-md has-[a:focus-visible]:outline-2 has-[a:focus-visible]:outline-offset-2 has-[a:focus-visible]:outline-focus">
      <div className="flex items-start gap-2.5">
        {tick}
        <h2 className="min-w-0 flex-1 pt-0.5 text-base font-semibold text-ink [overflow-wrap:anywhere]">
          <StoreLink store={store} className={cx("line-clamp-2 outline-none after:absolute after:inset-0 after:rounded-lg group-hover:text-primary-ink")} />
        </h2>
        <span className="-me-1.5 -mt-0.5">{menu}</span>
      </div>
      {store.description && <p dir="auto" className="line-clamp-2 text-sm text-muted rtl:text-right">{store.description}</p>}
      <LoaderTiles store={store} catalog={catalog} />
      <p className="text-sm text-muted tabular-nums">
        {t("chunks", { count: store.totalChunks, shown: number(store.totalChunks) })} · {t("chars", { count: store.totalChars, shown: number(store.totalChars) })}
        {store.whereUsed.length > 0 && <> · {t("usedIn", { count: store.whereUsed.length })}</>}
      </p>
      <div className="mt-auto flex items-center justify-between gap-3 text-sm text-muted">
        <StatusBadge status={statusNow(store)} className="-ms-0.5" />
        <time dateTime={store.updatedDate} title={absoluteTime(store.updatedDate, i18n.language)} className="truncate">
          {relativeTime(store.updatedDate, i18n.language)}
        </time>
      </div>
    </Card>
  );
}

function CardSkeleton() {
  return (
    <Card className="flex h-44 flex-col gap-3 p-4">
      <Skeleton className="h-5 w-3/5" />
      <Skeleton className="h-4 w-4/5" />
      <Skeleton className="h-6 w-2/5" />
      <Skeleton className="mt-auto h-5 w-1/3" />
    </Card>
  );
}
