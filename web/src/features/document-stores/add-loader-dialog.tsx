// Choosing what to load by: the loaders of the catalog, searched by typing.
import { useQuery } from "@tanstack/react-query";
import { SearchX } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { storePartsQuery } from "~/api/document-stores";
import type { CatalogNode } from "~/api/types";
import { fuzzyScore } from "~/lib/fuzzy";
import { Chip } from "~/ui/card";
import { Dialog } from "~/ui/dialog";
import { SearchField } from "~/ui/input";
import { EmptyState, ErrorState, Hidden, Skeleton } from "~/ui/states";
import { NodeTile } from "./parts";

/** The entries that answer to `query`, those whose name does first. */
export function findEntries(entries: readonly CatalogNode[], query: string): CatalogNode[] {
  const wanted = query.trim();
  if (!wanted) return entries.toSorted((a, b) => a.label.localeCompare(b.label));
  const scored = entries.flatMap((entry) => {
    const named = fuzzyScore(entry.label, wanted);
    const told = (entry.description ?? "").toLowerCase().includes(wanted.toLowerCase());
    return named === null && !told ? [] : [{ entry, score: named ?? -1 }];
  });
  return scored.toSorted((a, b) => b.score - a.score).map(({ entry }) => entry);
}

export function AddLoaderDialog({ onChoose, onClose }: { onChoose: (name: string) => void; onClose: () => void }) {
  const { t } = useTranslation("documentStores");
  const query = useQuery(storePartsQuery("loaders"));
  const [text, setText] = useState("");
  const list = useRef<HTMLUListElement>(null);
  const found = findEntries(query.data ?? [], text);
  const onSearchKey = (event: KeyboardEvent) => {
    if (event.key === "Enter" && found[0]) {
      event.preventDefault();
      onChoose(found[0].name);
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      list.current?.querySelector("button")?.focus();
    }
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("addLoader.title")} description={t("addLoader.lead")} size="lg">
      <div className="flex flex-col gap-3">
        <SearchField value={text} onChange={setText} onKeyDown={onSearchKey} label={t("addLoader.search")} clearLabel={t("picker.clear")} />
        <p role="status" className="sr-only">
          {query.isSuccess && t("addLoader.found", { count: found.length })}
        </p>
        {query.error && <ErrorState error={query.error} onRetry={() => void query.refetch()} className="py-8" />}
        {query.isPending && (
          <div role="status" className="grid gap-2 sm:grid-cols-2">
            <Hidden>{t("addLoader.loading")}</Hidden>
            {Array.from({ length: 6 }, (_, at) => (
              <Skeleton key={at} className="h-16" />
            ))}
          </div>
        )}
        {query.isSuccess && found.length === 0 && <EmptyState icon={<SearchX />} title={t("addLoader.none", { query: text })} body={t("addLoader.noneBody")} className="py-8" />}
        <ul ref={list} className="grid min-h-72 content-start gap-2 sm:grid-cols-2">
          {found.map((entry) => (
            <li key={entry.name}>
              <button
                type="button"
                onClick={() => onChoose(entry.name)}
                className="flex size-full min-h-16 items-start gap-3 rounded-lg border border-line bg-surface p-3 text-start transition-colors duration-120 hover:border-primary hover:bg-hover"
              >
                <NodeTile name={entry.name} entry={entry} />
                <span className="min-w-0">
                  <span className="flex flex-wrap items-center gap-x-2 text-base font-medium text-ink">
                    {entry.label}
                    {entry.badge && <Chip>{entry.badge}</Chip>}
                  </span>
                  <span className="line-clamp-2 text-sm text-muted">{entry.description}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  );
}
