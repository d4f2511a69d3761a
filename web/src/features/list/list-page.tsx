// A whole list page: heading, actions, filters, rows, pager, and every state in between.
import { SearchX } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import type { RowAction } from "~/ui/menu";
import { PageHeader } from "~/ui/page";
import { Pager } from "~/ui/pager";
import { EmptyState, ErrorState, Hidden } from "~/ui/states";
import { BulkActions, type BulkAction } from "./bulk-bar";
import { useLeaving } from "./deletion";
import { FilterBar, type ListFilter } from "./filter-bar";
import type { ListState } from "./list-state";
import { CARD_GRID, type ListColumn, ListCards, ListTable, type RowTools, TableSkeleton } from "./list-table";

export interface ListPageProps<Row> {
  list: ListState;
  title: string;
  /** One sentence of what this list is for. */
  lead: string;
  /** Buttons at the end of the heading; the main one last. */
  actions?: ReactNode;
  /** Stands between heading and list: tabs, a notice. */
  above?: ReactNode;
  /** The query behind the rows. */
  query: { isPending: boolean; error: unknown; refetch: () => unknown };
  /** The rows of this page. */
  rows: readonly Row[];
  /** How many there are with the present search and filters. */
  total: number;
  idOf: (row: Row) => string;
  nameOf: (row: Row) => string;
  columns: readonly ListColumn<Row>[];
  /** Draws a row as a card; without it there is only the table. */
  card?: (row: Row, tools: RowTools) => ReactNode;
  /** Stands in for a card while it loads. */
  cardSkeleton?: ReactNode;
  /** Left out where the server cannot search. */
  searchLabel?: string;
  filters?: readonly ListFilter[];
  /** How many there are, in words: "12 variables". */
  countText: (total: number) => string;
  rowActions?: (row: Row) => readonly RowAction[];
  bulkActions?: readonly BulkAction<Row>[];
  /** Nothing is here at all: why, and what to do first. */
  empty: { icon: ReactNode; title: string; body: ReactNode; action?: ReactNode };
  limits?: readonly number[];
  /** One of several pages under a name and tabs of their own: stands as near to these as its neighbours do. */
  framed?: boolean;
}

const LIMITS = [12, 24, 48, 96] as const;
const NO_ACTIONS: readonly RowAction[] = [];

export function ListPage<Row>(props: ListPageProps<Row>) {
  const { list, query, columns, filters = [], bulkActions = [], idOf, limits = LIMITS } = props;
  const { t } = useTranslation("list");
  const leaving = useLeaving((state) => state.ids);
  const rows = useMemo(() => props.rows.filter((row) => !leaving.has(idOf(row))), [props.rows, leaving, idOf]);
  const total = Math.max(rows.length, props.total - (props.rows.length - rows.length));
  const { selected, select, clear } = useSelection();
  const chosen = rows.filter((row) => selected.has(idOf(row)));
  const isEmpty = !query.isPending && !query.error && total === 0 && !list.narrowed;
  useTitle(props.title);
  const parts = { list, rows, columns, idOf, nameOf: props.nameOf, actionsOf: props.rowActions ?? (() => NO_ACTIONS), selected, onSelect: bulkActions.length > 0 ? select : null, card: props.card };
  const body = () => {
    if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
    if (query.isPending) return <Loading {...props} />;
    if (rows.length === 0 && list.narrowed) {
      return (
        <EmptyState
          icon={<SearchX />}
          title={list.q ? t("nothing.title", { query: list.q }) : t("nothing.filtered")}
          body={t("nothing.body")}
          action={<Button onClick={list.clear}>{t("nothing.action")}</Button>}
        />
      );
    }
    if (rows.length === 0) return <EmptyState {...props.empty} />;
    return props.card && list.view === "cards" ? <ListCards {...parts} /> : <ListTable {...parts} />;
  };
  return (
    <div className={cx("mx-auto flex w-full max-w-7xl flex-col gap-5 px-4 py-6 sm:px-8", !props.framed && "sm:py-8")}>
      <PageHeader title={props.title} lead={props.lead} actions={props.actions} />
      {props.above}
      {!isEmpty && (
        <FilterBar
          list={list}
          searchLabel={props.searchLabel}
          filters={filters}
          columns={columns}
          hasCards={props.card !== undefined}
          count={!query.isPending && !query.error && (list.narrowed ? t("found", { count: total }) : props.countText(total))}
        />
      )}
      {body()}
      {!query.error && total > Math.min(list.limit, limits[0] ?? list.limit) && <Pager page={list.page} limit={list.limit} total={total} limits={limits} onChange={list.setPage} />}
      <BulkActions rows={chosen} actions={bulkActions} onClear={clear} />
    </div>
  );
}

function Loading<Row>({ card, cardSkeleton, list, columns }: ListPageProps<Row>) {
  const { t } = useTranslation();
  return (
    <div role="status">
      <Hidden>{t("loading")}</Hidden>
      {card && cardSkeleton && list.view === "cards" ? (
        <div className={CARD_GRID}>
          {Array.from({ length: 6 }, (_, index) => (
            <div key={index}>{cardSkeleton}</div>
          ))}
        </div>
      ) : (
        <TableSkeleton columns={columns.length} />
      )}
    </div>
  );
}

/** The ticked rows. Ticks on rows that are not shown count for nothing. */
function useSelection() {
  const [selected, setSelected] = useState<ReadonlySet<string>>(() => new Set());
  const select = (ids: string[], on: boolean) => {
    const next = new Set(selected);
    for (const id of ids) {
      if (on) next.add(id);
      else next.delete(id);
    }
    setSelected(next);
  };
  return { selected, select, clear: () => setSelected(new Set()) };
}
