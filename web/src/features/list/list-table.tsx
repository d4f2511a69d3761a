// The rows of a list, as a table or as cards; both with the same ticks and the same row menu.
import { ArrowDown, ArrowUp } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { Checkbox } from "~/ui/checkbox";
import { type RowAction, RowContextMenu, RowMenu } from "~/ui/menu";
import { Hidden, Skeleton } from "~/ui/states";
import type { ListState } from "./list-state";

export interface ListColumn<Row> {
  key: string;
  label: string;
  cell: (row: Row) => ReactNode;
  /** The column can be sorted by, under its key. */
  sortable?: boolean;
  /** It names the row and can not be switched off. */
  fixed?: boolean;
  /** Numbers stand at the end of their column. */
  align?: "end";
  /** Where there is no room: `true` keeps it on a phone. */
  onPhone?: boolean;
  className?: string;
}

/** What a card needs of the list. */
export interface RowTools {
  /** The box to tick; nothing where nothing can be done with several rows. */
  tick: ReactNode;
  /** The ⋯ button. */
  menu: ReactNode;
  selected: boolean;
}

export interface RowsProps<Row> {
  list: ListState;
  rows: readonly Row[];
  columns: readonly ListColumn<Row>[];
  idOf: (row: Row) => string;
  nameOf: (row: Row) => string;
  actionsOf: (row: Row) => readonly RowAction[];
  selected: ReadonlySet<string>;
  /** Null where rows cannot be ticked. */
  onSelect: ((ids: string[], selected: boolean) => void) | null;
  card?: ((row: Row, tools: RowTools) => ReactNode) | undefined;
}

export const CARD_GRID = "grid grid-cols-[repeat(auto-fill,minmax(min(19rem,100%),1fr))] gap-4";

export function ListCards<Row>({ rows, idOf, nameOf, actionsOf, selected, onSelect, card }: RowsProps<Row>) {
  const { t } = useTranslation("list");
  return (
    <ul className={CARD_GRID}>
      {rows.map((row) => {
        const [id, name, actions] = [idOf(row), nameOf(row), actionsOf(row)];
        const tools: RowTools = {
          selected: selected.has(id),
          tick: onSelect && <Checkbox aria-label={t("selectRow", { name })} checked={selected.has(id)} onChange={(on) => onSelect([id], on)} className="relative z-10" />,
          menu: <RowMenu label={t("rowMenu", { name })} actions={actions} className="relative z-10" />,
        };
        return (
          <RowContextMenu key={id} actions={actions}>
            <li className={cx("group/row rounded-lg", tools.selected && "outline-2 outline-primary")}>{card?.(row, tools)}</li>
          </RowContextMenu>
        );
      })}
    </ul>
  );
}

export function ListTable<Row>({ list, rows, columns, idOf, nameOf, actionsOf, selected, onSelect }: RowsProps<Row>) {
  const { t } = useTranslation("list");
  const shown = columns.filter((column) => column.fixed || !list.hidden.includes(column.key));
  const ids = rows.map(idOf);
  const ticked = ids.filter((id) => selected.has(id)).length;
  const hasMenus = rows.some((row) => actionsOf(row).length > 0);
  return (
    <div className="overflow-x-auto rounded-lg border border-line bg-surface shadow-sm">
      <table className="w-full border-collapse text-start text-base">
        <thead className="border-b border-line bg-sunken text-sm text-muted">
          <tr>
            {onSelect && (
              <th scope="col" className="w-10 py-2 ps-4 text-start">
                <Checkbox aria-label={t("selectAll")} checked={ticked === 0 ? false : ticked === ids.length ? true : "indeterminate"} onChange={(on) => onSelect(ids, on)} />
              </th>
            )}
            {shown.map((column) => (
              <HeadCell key={column.key} list={list} column={column} />
            ))}
            {hasMenus && (
              <th scope="col" className="w-12 py-2 pe-3">
                <Hidden>{t("actions")}</Hidden>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const [id, name, actions] = [idOf(row), nameOf(row), actionsOf(row)];
            const isTicked = selected.has(id);
            return (
              <RowContextMenu key={id} actions={actions}>
                <tr className={cx("group/row border-b border-line last:border-b-0", isTicked ? "bg-primary-soft" : "hover:bg-hover")}>
                  {onSelect && (
                    <td className="py-2.5 ps-4 align-middle">
                      <Checkbox aria-label={t("selectRow", { name })} checked={isTicked} onChange={(on) => onSelect([id], on)} />
                    </td>
                  )}
                  {shown.map((column) => (
                    <td key={column.key} className={cx("px-3 py-2.5 align-middle first:ps-4", column.align === "end" && "text-end tabular-nums", column.fixed && "max-w-88 min-w-36 max-sm:max-w-40", !column.fixed && !column.onPhone && "max-sm:hidden", column.className)}>
                      {column.cell(row)}
                    </td>
                  ))}
                  {hasMenus && (
                    <td className="py-1.5 pe-3 text-end align-middle">
                      <RowMenu label={t("rowMenu", { name })} actions={actions} />
                    </td>
                  )}
                </tr>
              </RowContextMenu>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function HeadCell<Row>({ list, column }: { list: ListState; column: ListColumn<Row> }) {
  const isSorted = list.sort.key === column.key;
  const Arrow = list.sort.descending ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      aria-sort={column.sortable ? (isSorted ? (list.sort.descending ? "descending" : "ascending") : "none") : undefined}
      className={cx("px-3 py-2 font-medium whitespace-nowrap first:ps-4", column.align === "end" ? "text-end" : "text-start", !column.fixed && !column.onPhone && "max-sm:hidden")}
    >
      {column.sortable ? (
        <button type="button" onClick={() => list.toggleSort(column.key)} className="-mx-1 inline-flex items-center gap-1 rounded-sm px-1 hover:text-ink">
          {column.label}
          <Arrow aria-hidden className={cx("size-3.5", !isSorted && "invisible")} />
        </button>
      ) : (
        column.label
      )}
    </th>
  );
}

export function TableSkeleton({ columns }: { columns: number }) {
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-surface shadow-sm">
      <div className="h-9 border-b border-line bg-sunken" />
      {Array.from({ length: 6 }, (_, row) => (
        <div key={row} className="flex h-12 items-center gap-6 border-b border-line px-4 last:border-b-0">
          {Array.from({ length: Math.max(1, Math.min(5, columns)) }, (_cell, cell) => (
            <Skeleton key={cell} className={cx("h-4", cell === 0 ? "w-2/5" : "hidden flex-1 sm:block")} />
          ))}
        </div>
      ))}
    </div>
  );
}
