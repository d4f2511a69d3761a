// One flow in the list; the whole card is its link.
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { nodeIconUrl } from "~/api/client";
import { categoriesOf, flowPath, type FlowSummary } from "~/api/flows";
import type { CatalogNode } from "~/api/types";
import { lookOf } from "~/design/categories";
import type { RowTools } from "~/features/list";
import { cx } from "~/lib/cx";
import { absoluteTime, relativeTime } from "~/lib/time";
import { Card, Chip } from "~/ui/card";
import { IconTile } from "~/ui/icon-tile";
import { Skeleton } from "~/ui/states";

/** How many node tiles a card has room for. */
const TILES = 6;

export type Catalog = ReadonlyMap<string, CatalogNode>;

export function FlowCard({ flow, catalog, tick, menu, selected }: { flow: FlowSummary; catalog: Catalog } & RowTools) {
  const { t } = useTranslation("flows");
  return (
    <Card className="group relative flex h-full flex-col gap-3 p-4 transition-[border-color,box-shadow] duration-120 hover:border-line-strong hover:shadow-md has-[a:focus-visible]:outline-2 has-[a:focus-visible]:outline-offset-2 has-[a:focus-visible]:outline-focus">
      <div className="flex items-start gap-2.5">
        {tick && <span className={cx("flex h-6 items-center", !selected && "pointer-fine:opacity-0 group-hover:opacity-100 group-has-focus-visible:opacity-100 pointer-fine:-ms-6.5 pointer-fine:group-hover:ms-0 pointer-fine:group-has-focus-visible:ms-0")}>{tick}</span>}
        <h2 className="min-w-0 flex-1 pt-0.5 text-base font-semibold text-ink [overflow-wrap:anywhere]">
          <Link to={flowPath(flow)} className="line-clamp-2 outline-none after:absolute after:inset-0 after:rounded-lg group-hover:text-primary-ink">
            {flow.name || t("untitled")}
          </Link>
        </h2>
        <span className="-me-1.5 -mt-0.5">{menu}</span>
      </div>
      {flow.nodeNames.length === 0 ? (
        <p className="h-6 text-sm text-faint">{t(flow.hasDraft ? "onlyDraft" : "noNodes")}</p>
      ) : (
        <div className="min-w-0">
          <NodeTiles names={flow.nodeNames} catalog={catalog} />
          <p dir="auto" className="mt-2 truncate text-xs text-faint rtl:text-right">{flow.nodeNames.map((name) => catalog.get(name)?.label ?? name).join(", ")}</p>
        </div>
      )}
      <div className="mt-auto flex items-end justify-between gap-3 text-sm text-muted">
        <span className="flex min-w-0 flex-wrap items-center gap-1.5">
          <FlowChips flow={flow} most={2} />
          {categoriesOf(flow).length === 0 && flow.nodeCount > 0 && t("nodes", { count: flow.nodeCount })}
        </span>
        <Updated at={flow.updatedDate} className="shrink-0" />
      </div>
    </Card>
  );
}

/** What a flow's nodes look like, at most `TILES` of them. */
export function NodeTiles({ names, catalog }: { names: readonly string[]; catalog: Catalog }) {
  const { t } = useTranslation("flows");
  const rest = names.length - TILES;
  return (
    <div aria-hidden className="flex h-6 items-center gap-1.5">
      {names.slice(0, TILES).map((name) => {
        const entry = catalog.get(name);
        return <IconTile key={name} look={lookOf(entry?.category, name)} icon={entry?.icon ? nodeIconUrl(name) : undefined} size="sm" />;
      })}
      {rest > 0 && <span className="ps-0.5 text-sm text-muted">{t("more", { count: rest })}</span>}
    </div>
  );
}

/** Categories, and whether there are changes that callers do not get yet. */
export function FlowChips({ flow, most }: { flow: FlowSummary; most: number }) {
  const { t } = useTranslation("flows");
  const categories = categoriesOf(flow);
  return (
    <>
      {flow.hasDraft && <Chip className="border-transparent bg-warning-soft text-warning">{t("draft")}</Chip>}
      {categories.slice(0, most).map((category) => (
        <Chip key={category} className="max-w-32">
          <span className="truncate">{category}</span>
        </Chip>
      ))}
      {categories.length > most && <span className="text-xs text-faint">{t("more", { count: categories.length - most })}</span>}
    </>
  );
}

/** When it was edited last; `bare` where a heading says so already. */
export function Updated({ at, className, bare = false }: { at: string; className?: string; bare?: boolean }) {
  const { t, i18n } = useTranslation("flows");
  const time = relativeTime(at, i18n.language);
  return (
    <time dateTime={at} title={absoluteTime(at, i18n.language)} className={cx("whitespace-nowrap", className)}>
      {bare ? time : t("updated", { time })}
    </time>
  );
}

export function FlowCardSkeleton() {
  return (
    <Card className="flex h-40 flex-col gap-3 p-4">
      <Skeleton className="h-5 w-3/5" />
      <div className="flex gap-1.5">
        <Skeleton className="size-6" />
        <Skeleton className="size-6" />
        <Skeleton className="size-6" />
      </div>
      <Skeleton className="mt-auto h-4 w-2/5 self-end" />
    </Card>
  );
}
