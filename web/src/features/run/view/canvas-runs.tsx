// Under the canvas: the latest runs of its flow; the chosen one at the nodes, as a waterfall, and beside another.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowLeft, Columns2, ListTree, Maximize2, Minimize2, Pin, RotateCcw, Share2, X } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { asObject, type JsonObject } from "~/lib/json";
import { absoluteTime, relativeTime } from "~/lib/time";
import { Button } from "~/ui/button";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "~/ui/menu";
import { ErrorState, Skeleton } from "~/ui/states";
import { Tip } from "~/ui/tooltip";
import { useFlowRun, useStepped } from "../model/run-store";
import { executionsQuery, type ExecutionSummary } from "../model/runs-api";
import type { TraceRow } from "../model/trace";
import { useShownRun } from "../model/use-shown-run";
import { CompareView } from "./compare-view";
import { ChatflowRun, ChatflowRunList } from "./chatflow-runs";
import { PanelBar } from "./panel-bar";
import { PanelRunList } from "./panel-run-list";
import { RunChips } from "./run-chips";
import { ExecutionDecision, ExecutionSteps, SpentFigures } from "./run-drawer";
import { Spending } from "./spending";
import { stateKey } from "./figures";
import { StatusIcon } from "./status-icon";

export interface CanvasRunsProps {
  flowId: string;
  /** Chatflows keep traces, agentflows the turns of their nodes. */
  kind: "chat" | "agent";
  /** The run that is looked at; undefined for the list. */
  run: string | undefined;
  /** The run beside it. */
  compare: string | undefined;
  onGo: (to: { run: string | undefined; compare?: string | undefined }) => void;
  /** Shows a node on the canvas. */
  onReveal: (nodeId: string) => void;
  /** Left out for who may not change the flow. */
  onRerun?: ((nodeId: string, visit: number) => void) | undefined;
  onPin?: ((nodeId: string, output: JsonObject) => void) | undefined;
  hasNode: (nodeId: string) => boolean;
}

/** The address of the list, where a run's id would stand. */
export const RUN_LIST = "list";
const STATES = ["INPROGRESS", "FINISHED", "ERROR", "STOPPED", "TERMINATED", "TIMEOUT"] as const;
const PAGE = 20;

export function CanvasRuns(props: CanvasRunsProps) {
  const { t } = useTranslation("run");
  const [tall, setTall] = useState(false);
  const box = useRef<HTMLElement>(null);
  // Whoever opened it goes on in it.
  useEffect(() => box.current?.focus(), []);
  // What the chat began or ended a moment ago stands in the list.
  const client = useQueryClient();
  const status = useFlowRun()?.status;
  const keeps = props.kind === "agent" ? "executions" : "runs";
  useEffect(() => void client.invalidateQueries({ queryKey: [keeps] }), [client, keeps, status]);
  const isList = props.run === RUN_LIST || props.run === undefined;
  const frame = (
    <>
      <Tip text={t(tall ? "panel.smaller" : "panel.larger")}>
        <Button variant="ghost" size="icon" aria-label={t(tall ? "panel.smaller" : "panel.larger")} aria-pressed={tall} onClick={() => setTall(!tall)}>
          {tall ? <Minimize2 aria-hidden /> : <Maximize2 aria-hidden />}
        </Button>
      </Tip>
      <Button variant="ghost" size="icon" aria-label={t("panel.close")} onClick={() => props.onGo({ run: undefined })}>
        <X aria-hidden />
      </Button>
    </>
  );
  return (
    <section ref={box} tabIndex={-1} aria-label={t("panel.title")} className={cx("flex shrink-0 flex-col border-t border-line bg-surface outline-none", tall ? "h-[88%]" : "h-[46%] min-h-64 max-sm:h-[68%]")}>
      {isList && (props.kind === "agent" ? <RunList {...props} frame={frame} /> : <ChatflowRunList {...props} frame={frame} />)}
      {!isList && props.run !== undefined && (props.kind === "agent" ? <OneRun key={props.run} {...props} id={props.run} frame={frame} /> : <ChatflowRun key={props.run} {...props} id={props.run} frame={frame} />)}
    </section>
  );
}

function RunList({ flowId, onGo, frame }: CanvasRunsProps & { frame: ReactNode }) {
  const { t } = useTranslation("run");
  const [state, setState] = useState("");
  const [limit, setLimit] = useState(PAGE);
  const query = useQuery(executionsQuery({ flowId, state: state || undefined, page: 1, limit }));
  const states = STATES.map((value) => ({ value, label: value === "TIMEOUT" ? t("timeout") : t(stateKey(value)) }));
  return (
    <PanelRunList frame={frame} states={states} state={state} onState={setState} query={query} onMore={() => setLimit(limit + PAGE)} row={(row) => <RunRow row={row} onOpen={() => onGo({ run: row.id })} />}>
      <Spending from={undefined} span={t("allTime")} flowId={flowId} />
    </PanelRunList>
  );
}

function RunRow({ row, onOpen }: { row: ExecutionSummary; onOpen: () => void }) {
  const { t, i18n } = useTranslation("run");
  return (
    <button type="button" onClick={onOpen} className="flex min-h-10 w-full flex-wrap items-center gap-x-3 gap-y-0.5 rounded-md px-2 py-1.5 text-start text-sm -outline-offset-2 hover:bg-hover">
      <StatusIcon status={row.state} />
      <span aria-hidden className="w-24 shrink-0 font-medium text-ink">{t(stateKey(row.state))}</span>
      <time dateTime={row.createdDate} title={absoluteTime(row.createdDate, i18n.language)} className="min-w-28 flex-1 text-muted">
        {relativeTime(row.createdDate, i18n.language)}
      </time>
      <RunChips row={row} />
      <span className="flex shrink-0 gap-3 text-muted max-sm:w-full max-sm:ps-7">
        <SpentFigures spent={row.spent} />
      </span>
    </button>
  );
}

function OneRun({ id, flowId, compare, onGo, onReveal, onRerun, onPin, hasNode, frame }: CanvasRunsProps & { id: string; frame: ReactNode }) {
  const { t, i18n } = useTranslation("run");
  const toList = useCallback(() => onGo({ run: RUN_LIST }), [onGo]);
  const { query, decision } = useShownRun(id, toList);
  const { data } = query;
  const look = useStepped();
  const actions = (row: TraceRow) => {
    const { nodeId, visit } = row;
    if (!nodeId || visit === undefined || !hasNode(nodeId)) return null;
    const output = asObject(row.output);
    // Calls inside a turn are not turns of their own.
    const isTurn = !row.id.includes(".");
    return (
      <>
        {onRerun && (
          <Button size="sm" onClick={() => onRerun(nodeId, visit)}>
            <RotateCcw aria-hidden />
            {t("rerunHere")}
          </Button>
        )}
        {onPin && isTurn && output && row.status === "FINISHED" && (
          <Button size="sm" onClick={() => onPin(nodeId, output)}>
            <Pin aria-hidden />
            {t("pinOutput")}
          </Button>
        )}
      </>
    );
  };
  return (
    <>
      <PanelBar
        frame={frame}
        action={data && <CompareMenu flowId={flowId} id={id} first={data.rerunOf?.executionId} onChosen={(other) => onGo({ run: id, compare: other })} />}
      >
        <Button variant="ghost" size="icon-sm" aria-label={t("panel.back")} onClick={compare ? () => onGo({ run: id }) : toList} className="-me-1.5">
          <ArrowLeft aria-hidden className="rtl:rotate-180" />
        </Button>
        <h2 className="text-base font-semibold text-ink">{t(compare ? "compare.title" : "run")}</h2>
        {data && !compare && (
          <>
            <span className="flex items-center gap-1.5 text-ink">
              <StatusIcon status={data.state} />
              <span aria-hidden>{t(stateKey(data.state))}</span>
            </span>
            <span className="max-sm:hidden">{absoluteTime(data.createdDate, i18n.language)}</span>
            <SpentFigures spent={data.spent} />
            <RunChips row={data} />
            {data.isPublic && <Share2 aria-label={t("isShared")} className="size-4" />}
          </>
        )}
      </PanelBar>
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {!data && !query.isError && <Skeleton className="m-3 h-32" />}
      {data && compare && <CompareView left={data} rightId={compare} />}
      {data && !compare && (
        <>
          <ExecutionDecision execution={data} decision={decision} />
          <ExecutionSteps execution={data} look={look} actions={actions} onChosen={(row) => row.nodeId && hasNode(row.nodeId) && onReveal(row.nodeId)} />
        </>
      )}
    </>
  );
}

/** The other runs of the flow, to stand beside this one; the one it repeats comes first. */
function CompareMenu({ flowId, id, first, onChosen }: { flowId: string; id: string; first: string | undefined; onChosen: (id: string) => void }) {
  const { t, i18n } = useTranslation("run");
  const { data } = useQuery(executionsQuery({ flowId, page: 1, limit: PAGE }));
  const others = (data?.data ?? []).filter((row) => row.id !== id).toSorted((a, b) => Number(b.id === first) - Number(a.id === first));
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button size="sm" disabled={others.length === 0} className="h-8!">
          <Columns2 aria-hidden />
          <span className="max-sm:sr-only">{t("compare.with")}</span>
        </Button>
      </MenuTrigger>
      <MenuContent className="max-h-80 overflow-y-auto">
        {others.map((row) => (
          <MenuItem key={row.id} onSelect={() => onChosen(row.id)}>
            <ListTree aria-hidden />
            {t(stateKey(row.state))} · {relativeTime(row.createdDate, i18n.language)}
            {row.id === first && ` · ${t("compare.origin")}`}
          </MenuItem>
        ))}
      </MenuContent>
    </Menu>
  );
}
