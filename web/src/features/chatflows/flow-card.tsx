// One flow in the list; the whole card is its link.
import { Link } from "@tanstack/react-router";
import { TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Chatflow } from "~/api/types";
import { lookOf } from "~/design/categories";
import { absoluteTime, relativeTime } from "~/lib/time";
import { Card, Chip } from "~/ui/card";
import { IconTile } from "~/ui/icon-tile";
import { Skeleton } from "~/ui/states";
import { categoriesOf, type FlowSummary, summaryOf } from "./summary";

/** How many node tiles a card has room for. */
const TILES = 6;

export function FlowCard({ flow }: { flow: Chatflow }) {
  const { t, i18n } = useTranslation("flows");
  const summary = summaryOf(flow);
  const name = flow.name || t("untitled");
  return (
    <Card className="group relative flex h-full flex-col gap-3 p-4 transition-[border-color,box-shadow] duration-120 hover:border-line-strong hover:shadow-md has-[a:focus-visible]:outline-2 has-[a:focus-visible]:outline-offset-2 has-[a:focus-visible]:outline-focus">
      <div className="flex items-start justify-between gap-3">
        <h2 className="min-w-0 text-base font-semibold text-ink [overflow-wrap:anywhere]">
          <Link to="/canvas/$id" params={{ id: flow.id }} className="line-clamp-2 outline-none after:absolute after:inset-0 after:rounded-lg group-hover:text-primary-ink">
            {name}
          </Link>
        </h2>
        {categoriesOf(flow).slice(0, 2).map((category) => (
          <Chip key={category} className="max-w-28 shrink-0 truncate">
            {category}
          </Chip>
        ))}
      </div>
      <NodeTiles summary={summary} />
      <p className="mt-auto flex items-center justify-between gap-3 text-sm text-muted">
        <span>{summary.nodeCount > 0 && t("nodes", { count: summary.nodeCount })}</span>
        <time dateTime={flow.updatedDate} title={absoluteTime(flow.updatedDate, i18n.language)}>
          {t("updated", { time: relativeTime(flow.updatedDate, i18n.language) })}
        </time>
      </p>
    </Card>
  );
}

function NodeTiles({ summary }: { summary: FlowSummary }) {
  const { t } = useTranslation("flows");
  if (summary.unreadable) {
    return (
      <p className="flex h-6 items-center gap-1.5 text-sm text-warning">
        <TriangleAlert aria-hidden className="size-4" />
        {t("unreadable")}
      </p>
    );
  }
  if (summary.kinds.length === 0) return <p className="h-6 text-sm text-faint">{t("noNodes")}</p>;
  const rest = summary.kinds.length - TILES;
  return (
    <div className="min-w-0">
      <div aria-hidden className="flex h-6 items-center gap-1.5">
        {summary.kinds.slice(0, TILES).map((kind) => (
          <IconTile key={kind.name} look={lookOf(kind.category, kind.name)} size="sm" />
        ))}
        {rest > 0 && <span className="ps-0.5 text-sm text-muted">{t("more", { count: rest })}</span>}
      </div>
      <p className="mt-2 truncate text-xs text-faint">{summary.kinds.map((kind) => kind.label).join(", ")}</p>
    </div>
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
