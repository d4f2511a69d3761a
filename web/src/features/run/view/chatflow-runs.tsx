// The runs of a chatflow under its canvas: the latest ones; the chosen one at the nodes, and as a waterfall.
import { useQuery } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { absoluteTime, relativeTime } from "~/lib/time";
import { Button } from "~/ui/button";
import { Chip, Notice } from "~/ui/card";
import { ErrorState, Skeleton } from "~/ui/states";
import { runLayer } from "../model/run-store";
import { type RunSummary, runQuery, runsQuery, statusOfRun } from "../model/runs-api";
import { runOfSpans } from "../model/span-runs";
import { rowsOfSpans, type TraceRow } from "../model/trace";
import type { CanvasRunsProps } from "./canvas-runs";
import { duration, money, stateKey } from "./figures";
import { PanelBar } from "./panel-bar";
import { PanelRunList } from "./panel-run-list";
import { StatusIcon } from "./status-icon";
import { TraceView } from "./trace-view";

type ChatflowRunsProps = Pick<CanvasRunsProps, "flowId" | "onGo" | "onReveal" | "hasNode"> & { frame: ReactNode };

/** Runs of chatflows end by themselves, or are stopped: they wait for nobody. */
const STATES = ["FINISHED", "ERROR", "STOPPED"] as const;
const PAGE = 20;

export function ChatflowRunList({ flowId, onGo, frame }: ChatflowRunsProps) {
  const { t } = useTranslation("run");
  const [state, setState] = useState("");
  const [limit, setLimit] = useState(PAGE);
  const query = useQuery(runsQuery({ flowId, state: state || undefined, page: 1, limit }));
  const states = STATES.map((value) => ({ value, label: t(stateKey(statusOfRun(value))) }));
  return <PanelRunList frame={frame} states={states} state={state} onState={setState} query={query} onMore={() => setLimit(limit + PAGE)} row={(row) => <RunRow row={row} onOpen={() => onGo({ run: row.id })} />} />;
}

function RunRow({ row, onOpen }: { row: RunSummary; onOpen: () => void }) {
  const { t, i18n } = useTranslation("run");
  const status = statusOfRun(row.state);
  return (
    <button type="button" onClick={onOpen} className="flex min-h-10 w-full flex-wrap items-center gap-x-3 gap-y-0.5 rounded-md px-2 py-1.5 text-start text-sm -outline-offset-2 hover:bg-hover">
      <StatusIcon status={status} />
      <span aria-hidden className="w-20 shrink-0 font-medium text-ink">
        {t(stateKey(status))}
      </span>
      <span className="min-w-32 flex-1 truncate text-ink">{row.question || t("noQuestion")}</span>
      <time dateTime={row.startedDate} title={absoluteTime(row.startedDate, i18n.language)} className="shrink-0 text-muted">
        {relativeTime(row.startedDate, i18n.language)}
      </time>
      {row.draft && <Chip>{t("ofDraft")}</Chip>}
      <span className="flex shrink-0 gap-3 text-muted max-sm:w-full max-sm:ps-7">
        <RunFigures run={row} />
      </span>
    </button>
  );
}

/** What a run took and cost, as small words. */
function RunFigures({ run }: { run: RunSummary }) {
  const { t, i18n } = useTranslation("run");
  const tokens = (run.inputTokens ?? 0) + (run.outputTokens ?? 0);
  const figures = [duration(run.milliseconds), tokens > 0 && t("tokensTotal", { count: tokens }), run.cost !== null && money(run.cost, i18n.language)].filter(Boolean);
  return figures.map((figure) => (
    <span key={String(figure)} className="whitespace-nowrap tabular-nums">
      {figure}
    </span>
  ));
}

export function ChatflowRun({ id, onGo, onReveal, hasNode, frame }: ChatflowRunsProps & { id: string }) {
  const { t, i18n } = useTranslation("run");
  const toList = useCallback(() => onGo({ run: "list" }), [onGo]);
  const query = useQuery(runQuery(id));
  const { data } = query;
  const rows = useMemo(() => rowsOfSpans(data?.spans ?? []), [data]);
  useEffect(() => {
    if (data) runLayer.show(runOfSpans(data), undefined, toList);
  }, [data, toList]);
  useEffect(() => runLayer.hide, [id]);
  const reveal = ({ nodeId }: TraceRow) => nodeId && hasNode(nodeId) && onReveal(nodeId);
  return (
    <>
      <PanelBar frame={frame}>
        <Button variant="ghost" size="icon-sm" aria-label={t("panel.back")} onClick={toList} className="-me-1.5">
          <ArrowLeft aria-hidden className="rtl:rotate-180" />
        </Button>
        <h2 className="text-base font-semibold text-ink">{t("run")}</h2>
        {data && (
          <>
            <span className="flex items-center gap-1.5 text-ink">
              <StatusIcon status={statusOfRun(data.state)} />
              <span aria-hidden>{t(stateKey(statusOfRun(data.state)))}</span>
            </span>
            <span className="max-sm:hidden">{absoluteTime(data.startedDate, i18n.language)}</span>
            <RunFigures run={data} />
            {data.draft && <Chip>{t("ofDraft")}</Chip>}
            {!data.draft && data.version !== null && <Chip>{t("ofVersion", { number: data.version })}</Chip>}
            <span className="min-w-32 flex-1 truncate text-ink">{data.question}</span>
          </>
        )}
      </PanelBar>
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton className="m-3 h-32" />}
      {data?.error && !data.spans.some((span) => span.error) && <Notice tone="danger">{data.error.message}</Notice>}
      {data && <TraceView key={id} rows={rows} leftOut={data.spansLeftOut} onChosen={reveal} />}
    </>
  );
}
