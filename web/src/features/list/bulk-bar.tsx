// What can be done with the rows that are ticked: a bar that floats over the end of the list.
import { type LucideIcon, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { Button } from "~/ui/button";
import { Tip } from "~/ui/tooltip";

export interface BulkAction<Row> {
  key: string;
  label: string;
  icon: LucideIcon;
  danger?: boolean;
  run: (rows: Row[]) => void;
  /** Whether the ticks go when it has begun. */
  keepsSelection?: boolean;
}

export interface BulkBarProps<Row> {
  rows: Row[];
  actions: readonly BulkAction<Row>[];
  onClear: () => void;
}

export function BulkActions<Row>({ rows, actions, onClear }: BulkBarProps<Row>) {
  const { t } = useTranslation("list");
  if (rows.length === 0) return null;
  return (
    <div className="pointer-events-none sticky bottom-4 z-20 flex justify-center">
      <div role="toolbar" aria-label={t("bulk.label")} className="pointer-events-auto flex max-w-full animate-pop-in items-center gap-1 rounded-xl border border-line-strong bg-overlay p-1.5 ps-4 shadow-lg">
        <span role="status" className="me-2 text-sm font-medium whitespace-nowrap tabular-nums">
          {t("bulk.selected", { count: rows.length })}
        </span>
        {actions.map((action) => (
          <Tip key={action.key} text={action.label} className="sm:hidden">
            <Button
              variant="ghost"
              aria-label={action.label}
              className={cx("max-sm:size-8 max-sm:px-0", action.danger ? "text-danger!" : "text-ink!")}
              onClick={() => {
                action.run(rows);
                if (!action.keepsSelection) onClear();
              }}
            >
              <action.icon aria-hidden />
              <span className="max-sm:sr-only">{action.label}</span>
            </Button>
          </Tip>
        ))}
        <span aria-hidden className="mx-1 h-5 w-px bg-line" />
        <Tip text={t("bulk.clear")}>
          <Button variant="ghost" size="icon" aria-label={t("bulk.clear")} onClick={onClear}>
            <X aria-hidden />
          </Button>
        </Tip>
      </div>
    </div>
  );
}
