// What a run does at a node, on its card: state and figures, the error and where it comes from, the decision it waits for.
import { ArrowRight, Check, ChevronLeft, ChevronRight, CircleAlert, CircleSlash, Hand, LoaderCircle, type LucideIcon, OctagonPause, Pin, RotateCcw, X } from "lucide-react";
import { type MouseEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { money, type NodeRounds, type NodeRun, type NodeStatus, runLayer, runOfTurn, useNodeDecision, useNodeRounds } from "~/features/run";
import { cx } from "~/lib/cx";
import { Button } from "~/ui/button";
import { paramsOf } from "../model/node-data";
import { hasBreakpoint, pinOf } from "../model/trial";
import type { NodeView } from "../model/view-graph";
import { useEditor, useParts } from "./editor-context";

const RUN: Record<NodeStatus, { icon: LucideIcon; tone: string }> = {
  running: { icon: LoaderCircle, tone: "text-primary-ink [&>svg]:animate-spin" },
  finished: { icon: Check, tone: "text-success" },
  failed: { icon: CircleAlert, tone: "text-danger" },
  stopped: { icon: CircleSlash, tone: "text-muted" },
  waiting: { icon: Hand, tone: "text-warning" },
};

/** Under the card's ports, as wide as the card. */
export function NodeRunFoot({ view, run }: { view: NodeView; run: NodeRun | undefined }) {
  const decision = useNodeDecision(view.id);
  const rounds = useNodeRounds(view.id);
  if (!run && !decision) return null;
  // Of a chosen round its own figures are shown.
  const shown = rounds.turn && run?.status !== "running" ? runOfTurn(rounds.turn) : run;
  return (
    <div className="card-foot rounded-b-lg bg-surface">
      {shown && <State run={shown} stepped={rounds.count > 1} />}
      {rounds.count > 1 && <Stepper view={view} rounds={rounds} />}
      {run?.status === "running" && run.text && <p className="truncate px-3 pb-1.5 text-xs text-muted [direction:rtl]"><bdi>{run.text}</bdi></p>}
      {shown?.status === "failed" && shown.error && <Failure view={view} run={shown} />}
      {decision && <NodeDecision key={decision.action.id} view={view} />}
    </div>
  );
}

/** Back and forth through the rounds of a loop or an iteration. */
function Stepper({ view, rounds: { at, count } }: { view: NodeView; rounds: NodeRounds }) {
  const { t } = useTranslation("canvas");
  const label = t("run.round", { number: at, count });
  return (
    <div role="group" aria-label={t("run.roundsOf", { label: view.label })} className="nodrag nopan flex items-center justify-center gap-1 border-t border-line py-0.5 text-xs text-muted">
      <Button variant="ghost" size="icon-sm" className="size-6!" aria-label={t("run.roundBefore")} disabled={at <= 1} onClick={(event) => stepTo(event, view.id, at - 1)}>
        <ChevronLeft aria-hidden className="rtl:rotate-180" />
      </Button>
      <span role="status" aria-label={label} className="min-w-10 text-center tabular-nums">
        {at}/{count}
      </span>
      <Button variant="ghost" size="icon-sm" className="size-6!" aria-label={t("run.roundAfter")} disabled={at >= count} onClick={(event) => stepTo(event, view.id, at + 1)}>
        <ChevronRight aria-hidden className="rtl:rotate-180" />
      </Button>
    </div>
  );
}

/** The card is not opened by it. */
function stepTo(event: MouseEvent, nodeId: string, round: number) {
  event.stopPropagation();
  runLayer.step(nodeId, round);
}

function State({ run: { status, took, times, tokens, cost, pinned, held }, stepped }: { run: NodeRun; stepped: boolean }) {
  const { t, i18n } = useTranslation("canvas");
  const { icon, tone } = RUN[status];
  const Icon = pinned ? Pin : held ? OctagonPause : icon;
  const facts = [
    took === undefined ? undefined : t("run.took", { seconds: (took / 1000).toFixed(took < 10_000 ? 1 : 0) }),
    times > 1 && !stepped ? t("run.times", { times }) : undefined,
    tokens === undefined ? undefined : t("run.tokens", { tokens }),
    cost === undefined || cost === 0 ? undefined : money(cost, i18n.language),
  ];
  return (
    <p className={cx("card-state flex items-center gap-1.5 border-t border-line px-3 py-1.5 text-xs [&>svg]:size-3.5 [&>svg]:shrink-0", pinned ? "text-primary-ink" : tone)}>
      <Icon aria-hidden />
      {/* The sign says it where the figures need the room. */}
      <span className={status === "finished" && !pinned && facts.filter(Boolean).length > 1 ? "sr-only" : "truncate"}>{pinned ? t("run.pinned") : held ? t("run.held") : t(`run.${status}`)}</span>
      <span className="ms-auto shrink-0 text-muted tabular-nums">{facts.filter(Boolean).join(" · ")}</span>
    </p>
  );
}

/** What went wrong, the setting that is to blame, and the way there. */
function Failure({ view, run }: { view: NodeView; run: NodeRun }) {
  const { t } = useTranslation("canvas");
  const { editor, panels } = useParts();
  const field = run.field === undefined ? undefined : paramsOf(view.node).find((param) => param.label === run.field || param.name === run.field);
  const open = () => {
    editor.select([view.id]);
    panels.setState({ inspector: true, focusField: { nodeId: view.id, name: field?.name ?? "" } });
  };
  return (
    <div className="nodrag px-3 pb-2 text-xs">
      <p title={run.error} className="line-clamp-4 text-danger [overflow-wrap:anywhere]">
        {run.field && <strong className="font-semibold">{run.field}: </strong>}
        {run.error}
      </p>
      {field && (
        <Button size="sm" variant="ghost" className="-ms-2 mt-1 h-6! text-xs!" onClick={open}>
          <ArrowRight aria-hidden className="rtl:rotate-180" />
          {t("run.openField", { field: field.label })}
        </Button>
      )}
    </div>
  );
}

/** Yes or no, with a reason where one may be given; what tools would be called with. */
function NodeDecision({ view }: { view: NodeView }) {
  const { t } = useTranslation("canvas");
  const decision = useNodeDecision(view.id);
  const [reason, setReason] = useState("");
  const id = useId();
  if (!decision) return null;
  const { action, busy = false, decide } = decision;
  const { breakpoint } = action;
  return (
    // Who decides here goes on with the chat: the node's settings do not open over it.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events -- it only keeps the click from the card
    <section onClick={(event) => event.stopPropagation()} aria-label={t("run.decisionAt", { label: view.label })} className="card-decision nodrag nopan nowheel flex cursor-default flex-col gap-2 rounded-b-lg border-t border-warning bg-warning-soft p-3 text-xs">
      <p className="font-medium text-warning">{t(breakpoint ? "run.breakpointBody" : action.toolCalls.length > 0 ? "run.decisionTools" : "run.decisionBody")}</p>
      {action.toolCalls.map((call, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- calls have no identity but their order
        <div key={index} className="min-w-0 rounded-sm border border-line bg-surface p-2">
          <p className="truncate font-mono font-medium text-ink">{call.name}</p>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard */}
          <pre tabIndex={0} className="mt-1 max-h-24 overflow-auto font-mono whitespace-pre-wrap text-muted [overflow-wrap:anywhere]">{typeof call.input === "string" ? call.input : JSON.stringify(call.input ?? {}, null, 1)}</pre>
        </div>
      ))}
      {action.feedback && (
        <div className="flex flex-col gap-1">
          <label htmlFor={id} className="font-medium text-ink">
            {t("run.reason")}
          </label>
          <textarea id={id} rows={2} value={reason} onChange={(event) => setReason(event.target.value)} className="w-full resize-none rounded-md border border-control bg-surface px-2 py-1 text-sm text-ink" />
        </div>
      )}
      <div className="flex flex-wrap gap-1.5">
        <Button size="sm" variant="primary" busy={busy} onClick={() => decide(true, reason.trim())}>
          <Check aria-hidden />
          {breakpoint ? t("run.goOn") : action.approve}
        </Button>
        <Button size="sm" disabled={busy} onClick={() => decide(false, reason.trim())}>
          <X aria-hidden />
          {breakpoint ? t("run.stopHere") : action.reject}
        </Button>
      </div>
    </section>
  );
}

/** The dot of a breakpoint at the card's corner, and the sign of a pinned output. */
export function TrialMarks({ view }: { view: NodeView }) {
  const { t } = useTranslation("canvas");
  const stops = hasBreakpoint(view.node);
  const pinned = pinOf(view.node) !== undefined;
  if (!stops && !pinned) return null;
  return (
    <span className="absolute -top-2 start-3 z-10 flex gap-1">
      {stops && (
        <span title={t("trial.breakpointHere")} data-breakpoint className="flex size-4 items-center justify-center rounded-full border-2 border-surface bg-danger">
          <span className="sr-only">{t("trial.breakpointHere")}</span>
        </span>
      )}
      {pinned && (
        <span title={t("trial.pinnedHere")} data-pinned className="flex h-4 items-center gap-1 rounded-full border border-primary bg-primary-soft px-1.5 text-[10px] leading-none font-medium text-primary-ink">
          <Pin aria-hidden className="size-2.5" />
          {t("trial.pinned")}
        </span>
      )}
    </span>
  );
}

/** The button that runs again from this node; nothing where no run is shown or it did not come here. */
export function RerunTool({ view, run }: { view: NodeView; run: NodeRun | undefined }) {
  const { t } = useTranslation("canvas");
  const { panels, flowId, kind } = useParts();
  const readOnly = useEditor((state) => state.readOnly);
  if (!run || !flowId || kind !== "agent" || readOnly || run.status === "running") return null;
  return (
    <Button variant="ghost" size="icon-sm" tabIndex={-1} title={t("rerun.action")} aria-label={t("rerun.of", { label: view.label })} onClick={() => panels.setState({ dialog: { name: "rerun", nodeId: view.id } })}>
      <RotateCcw aria-hidden />
    </Button>
  );
}
