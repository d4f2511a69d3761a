// The loaders of a store: what each loads, what became of it, and what went wrong.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { CircleAlert, DatabaseZap, Play, Plug, RefreshCw, Rows3, SlidersHorizontal, Trash2 } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { DocumentStore, DocumentStoreLoader } from "~/api/document-stores";
import { nodesQuery } from "~/api/queries";
import { useMay } from "~/api/session";
import { FoldSummary } from "~/ui/fold";
import { type RowAction, RowContextMenu, RowMenu } from "~/ui/menu";
import { sourceOf } from "./model";
import { NodeTile, StatusBadge, useNumber } from "./parts";

interface LoaderListProps {
  store: DocumentStore;
  isBusy: boolean;
  onProcess: (loader: DocumentStoreLoader) => void;
  onUpsert: (loader: DocumentStoreLoader) => void;
  onRefresh: (loader: DocumentStoreLoader) => void;
  onDelete: (loader: DocumentStoreLoader) => void;
}

export function LoaderList(props: LoaderListProps) {
  const { store, isBusy } = props;
  const { t, i18n } = useTranslation("documentStores");
  const { t: listText } = useTranslation("list");
  const { t: common } = useTranslation();
  const number = useNumber();
  const may = useMay();
  const navigate = useNavigate();
  const nodes = useQuery(nodesQuery());
  const catalog = useMemo(() => new Map((nodes.data ?? []).map((node) => [node.name, node])), [nodes.data]);
  // By name: the server keeps them in the order in which they were processed last.
  const loaders = useMemo(() => {
    const { compare } = new Intl.Collator(i18n.language, { numeric: true });
    return store.loaders.toSorted((a, b) => compare(a.loaderName, b.loaderName));
  }, [store.loaders, i18n.language]);
  const mayProcess = may("documentStores:preview-process");
  const mayWrite = may("documentStores:upsert-config");
  const canWrite = mayWrite && store.embeddingConfig !== null && store.vectorStoreConfig !== null;
  const to = (loader: DocumentStoreLoader) => ({ to: "/document-stores/$storeId/$loaderName", params: { storeId: store.id, loaderName: loader.loaderId }, search: { loader: loader.id } }) as const;
  const actionsOf = (loader: DocumentStoreLoader): RowAction[] => [
    ...(mayProcess
      ? [
          { key: "edit", label: t("loader.edit"), icon: SlidersHorizontal, run: () => void navigate(to(loader)) },
          { key: "process", label: t(loader.status === "SYNC" ? "loader.processAgain" : "loader.process"), icon: Play, disabled: isBusy, run: () => props.onProcess(loader) },
        ]
      : []),
    ...(canWrite
      ? [
          { key: "upsert", label: t("loader.upsert"), icon: DatabaseZap, disabled: isBusy || loader.totalChunks === 0, run: () => props.onUpsert(loader) },
          { key: "refresh", label: t("loader.refresh"), icon: RefreshCw, disabled: isBusy, run: () => props.onRefresh(loader) },
        ]
      : []),
    { key: "chunks", label: t("loader.chunks"), icon: Rows3, separated: true, run: () => void navigate({ to: "/document-stores/chunks/$storeId/$fileId", params: { storeId: store.id, fileId: loader.id } }) },
    { key: "api", label: t("loader.api"), icon: Plug, run: () => void navigate({ to: "/document-stores/api/$storeId", params: { storeId: store.id }, search: { loader: loader.id } }) },
    ...(may("documentStores:delete-loader") ? [{ key: "delete", label: common("delete"), icon: Trash2, danger: true, separated: true, disabled: isBusy, run: () => props.onDelete(loader) }] : []),
  ];
  return (
    <ul aria-label={t("pages.loaders")} className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface shadow-sm">
      {loaders.map((loader) => {
        const entry = catalog.get(loader.loaderId);
        const source = sourceOf(loader);
        const splitter = loader.splitterId ? (catalog.get(loader.splitterId)?.label ?? loader.splitterName) : t("splitter.none");
        const actions = actionsOf(loader);
        return (
          <RowContextMenu key={loader.id} actions={actions}>
            <li className="flex gap-3 px-4 py-3 hover:bg-hover">
              <NodeTile name={loader.loaderId} entry={entry} className="mt-0.5" />
              <div className="grid min-w-0 flex-1 items-center gap-x-5 gap-y-1.5 lg:grid-cols-[minmax(0,1fr)_13rem_8.5rem_8rem]">
                <div className="min-w-0">
                  {mayProcess ? (
                    <Link {...to(loader)} className="rounded-sm font-medium text-ink [overflow-wrap:anywhere] hover:text-primary-ink hover:underline">
                      {loader.loaderName || entry?.label || loader.loaderId}
                    </Link>
                  ) : (
                    <span className="font-medium [overflow-wrap:anywhere]">{loader.loaderName || entry?.label || loader.loaderId}</span>
                  )}
                  <p dir="auto" className="truncate text-sm text-muted rtl:text-right" title={source}>
                    {[loader.loaderName === entry?.label ? undefined : entry?.label, source].filter(Boolean).join(" · ") || t("loader.noSource")}
                  </p>
                </div>
                <p dir="auto" className="truncate text-sm text-muted max-lg:hidden rtl:text-right" title={splitter}>
                  {splitter}
                </p>
                <p className="text-sm text-muted tabular-nums lg:text-end">
                  {t("chunks", { count: loader.totalChunks, shown: number(loader.totalChunks) })}
                  <span className="max-lg:before:content-['_·_'] lg:block lg:text-xs lg:text-faint">{t("chars", { count: loader.totalChars, shown: number(loader.totalChars) })}</span>
                </p>
                <StatusBadge status={loader.status} of="loader" className="justify-self-start" />
                {loader.error && (
                  <p className="flex items-start gap-1.5 text-sm text-danger [overflow-wrap:anywhere] lg:col-span-4">
                    <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
                    <span>{loader.error}</span>
                  </p>
                )}
                {loader.warnings && (
                  <details className="text-sm text-muted [overflow-wrap:anywhere] lg:col-span-4">
                    <FoldSummary>{t("loader.leftOut")}</FoldSummary>
                    <ul className="mt-1 flex flex-col gap-1 ps-4">
                      {loader.warnings.map((warning) => (
                        <li key={warning}>{warning}</li>
                      ))}
                    </ul>
                  </details>
                )}
              </div>
              <RowMenu label={listText("rowMenu", { name: loader.loaderName })} actions={actions} className="mt-1 shrink-0" />
            </li>
          </RowContextMenu>
        );
      })}
    </ul>
  );
}
