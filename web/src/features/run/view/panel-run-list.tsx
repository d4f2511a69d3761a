// The latest runs of a flow under its canvas: narrowed to a state, and as long as one wants.
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "~/ui/button";
import { ErrorState, Skeleton } from "~/ui/states";
import { PanelBar } from "./panel-bar";

interface PanelRunListProps<Row extends { id: string }> {
  frame: ReactNode;
  /** The states that runs can have, and what each is called. */
  states: readonly { value: string; label: string }[];
  /** The one that is shown; empty for all. */
  state: string;
  onState: (state: string) => void;
  query: UseQueryResult<{ data: Row[]; total: number }>;
  onMore: () => void;
  row: (row: Row) => ReactNode;
  /** What else stands in the head. */
  children?: ReactNode;
}

export function PanelRunList<Row extends { id: string }>({ frame, states, state, onState, query, onMore, row, children }: PanelRunListProps<Row>) {
  const { t } = useTranslation("run");
  const rows = query.data?.data ?? [];
  return (
    <>
      <PanelBar frame={frame}>
        <h2 className="text-base font-semibold text-ink">{t("panel.title")}</h2>
        <select aria-label={t("state")} value={state} onChange={(event) => onState(event.target.value)} className="h-8 rounded-md border border-control bg-surface px-2 text-sm text-ink">
          <option value="">{t("allStates")}</option>
          {states.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
        {children}
      </PanelBar>
      <div className="min-h-0 flex-1 overflow-y-auto p-2">
        {query.isPending && <Skeleton className="h-24" />}
        {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
        {query.data && rows.length === 0 && <p className="p-3 text-base text-muted">{t(state ? "panel.noneFits" : "panel.none")}</p>}
        <ul className="flex flex-col">
          {rows.map((one) => (
            <li key={one.id}>{row(one)}</li>
          ))}
        </ul>
        {query.data && query.data.total > rows.length && (
          <Button size="sm" className="m-2" busy={query.isFetching} onClick={onMore}>
            {t("panel.more")}
          </Button>
        )}
      </div>
    </>
  );
}
