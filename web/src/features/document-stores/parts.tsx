// Small parts that the pages of document stores share: how something stands, what nodes look like, figures.
import { CircleCheck, CircleDashed, CircleDot, DatabaseZap, LoaderCircle, type LucideIcon, RefreshCcwDot } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { nodeIconUrl } from "~/api/client";
import type { CatalogNode } from "~/api/types";
import { lookOf } from "~/design/categories";
import { cx } from "~/lib/cx";
import { IconTile } from "~/ui/icon-tile";
import { type Standing, standingOf } from "./model";

const LOOKS: Record<Standing, { icon: LucideIcon; className: string; spins?: boolean }> = {
  empty: { icon: CircleDashed, className: "bg-sunken text-muted" },
  new: { icon: CircleDot, className: "bg-primary-soft text-primary-ink" },
  loading: { icon: LoaderCircle, className: "bg-primary-soft text-primary-ink", spins: true },
  loaded: { icon: CircleCheck, className: "bg-primary-soft text-primary-ink" },
  stale: { icon: RefreshCcwDot, className: "bg-warning-soft text-warning" },
  writing: { icon: LoaderCircle, className: "bg-primary-soft text-primary-ink", spins: true },
  written: { icon: DatabaseZap, className: "bg-success-soft text-success" },
  other: { icon: CircleDot, className: "bg-sunken text-muted" },
};

/** How a store stands, or a loader of one, in a word. */
export function StatusBadge({ status, of = "store", className }: { status: string; of?: "store" | "loader"; className?: string }) {
  const { t } = useTranslation("documentStores");
  const standing = standingOf(status);
  const { icon: Icon, className: tone, spins } = LOOKS[standing];
  return (
    <span title={standing === "other" ? status : t(`standing.${of}.${standing}.about`)} className={cx("inline-flex h-6 shrink-0 items-center gap-1.5 rounded-full px-2 text-xs font-medium whitespace-nowrap", tone, className)}>
      <Icon aria-hidden className={cx("size-3.5", spins && "animate-spin")} />
      {standing === "other" ? status : t(`standing.${of}.${standing}.name`)}
    </span>
  );
}

export function NodeTile({ name, entry, size = "md", className }: { name: string; entry: CatalogNode | undefined; size?: "sm" | "md"; className?: string }) {
  return <IconTile look={lookOf(entry?.category ?? "Document Loaders", name)} icon={entry?.icon ? nodeIconUrl(name) : undefined} size={size} {...(className ? { className } : {})} />;
}

/** Numbers as the language writes them. */
export function useNumber(): (value: number) => string {
  const { i18n } = useTranslation();
  const format = new Intl.NumberFormat(i18n.language);
  return (value) => format.format(value);
}

/** A row of figures, each with its name under it. */
export function Figures({ rows, className }: { rows: readonly (readonly [label: string, value: ReactNode])[]; className?: string }) {
  return (
    <dl className={cx("flex flex-wrap gap-x-6 gap-y-2", className)}>
      {rows.map(([label, value]) => (
        <div key={label} className="flex flex-col-reverse">
          <dt className="text-xs text-muted">{label}</dt>
          <dd className="text-lg font-semibold text-ink tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

export const PAGE = "mx-auto flex w-full max-w-7xl flex-col gap-5 px-4 py-6 sm:px-8";
