// Steps through a list that the server sends in pages.
import { ChevronLeft, ChevronRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "./button";

export interface PagerProps {
  page: number;
  limit: number;
  total: number;
  limits: readonly number[];
  onChange: (page: number, limit: number) => void;
}

export function Pager({ page, limit, total, limits, onChange }: PagerProps) {
  const { t, i18n } = useTranslation();
  const number = new Intl.NumberFormat(i18n.language);
  const last = Math.max(1, Math.ceil(total / limit));
  const from = total === 0 ? 0 : (page - 1) * limit + 1;
  const to = Math.min(total, page * limit);
  return (
    <nav aria-label={t("pager.label")} className="flex flex-wrap items-center justify-end gap-x-4 gap-y-2 text-sm text-muted">
      <label className="flex items-center gap-2">
        {t("pager.perPage")}
        <select
          value={limit}
          onChange={(event) => onChange(1, Number(event.target.value))}
          className="h-8 rounded-md border border-control bg-surface px-2 text-sm text-ink"
        >
          {limits.map((size) => (
            <option key={size} value={size}>
              {size}
            </option>
          ))}
        </select>
      </label>
      <span className="tabular-nums">{t("pager.range", { from: number.format(from), to: number.format(to), total: number.format(total) })}</span>
      <span className="flex gap-1">
        <Button size="icon" aria-label={t("pager.previous")} disabled={page <= 1} onClick={() => onChange(page - 1, limit)}>
          <ChevronLeft aria-hidden className="rtl:rotate-180" />
        </Button>
        <Button size="icon" aria-label={t("pager.next")} disabled={page >= last} onClick={() => onChange(page + 1, limit)}>
          <ChevronRight aria-hidden className="rtl:rotate-180" />
        </Button>
      </span>
    </nav>
  );
}
