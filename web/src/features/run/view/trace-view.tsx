// A run as a waterfall: its steps, how long each took, and what went in and out of the chosen one.
import { Boxes, ChevronRight, Cpu, Database, FileSearch, History, type LucideIcon, Sparkles, Workflow, Wrench } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { lookOf } from "~/design/categories";
import { cx } from "~/lib/cx";
import { Notice } from "~/ui/card";
import { Worded } from "~/ui/worded";
import { barOf, lengthOf, type TimeSpan, type TraceRow, visibleRows } from "../model/trace";
import { criticalPath, fits, isFilter, NO_FILTER } from "../model/trace-filter";
import { duration, money } from "./figures";
import { StatusIcon } from "./status-icon";
import { kindText, TimeBrush, TraceFilterBar } from "./trace-tools";
import { ValueView } from "./value-view";

/** The signs of what nodes do; a turn of an agentflow has the sign of its node. */
const KINDS: Record<string, LucideIcon> = { node: Workflow, build: Boxes, model: Sparkles, tool: Wrench, retriever: FileSearch, embeddings: Cpu, store: Database, memory: History };

export interface TraceViewProps {
  rows: readonly TraceRow[];
  /** How many rows were too many to keep. */
  leftOut?: number;
  /** What can be done with the chosen row. */
  actions?: (row: TraceRow) => ReactNode;
  /** Hears which row is looked at. */
  onChosen?: (row: TraceRow) => void;
  /** The turn that is looked at elsewhere; its row is chosen when it changes. */
  look?: { nodeId: string; visit: number } | undefined;
}

/** From so many rows on they can be searched. */
const MANY = 8;

export function TraceView({ rows, leftOut = 0, actions, onChosen, look }: TraceViewProps) {
  const { t } = useTranslation("run");
  const [filter, setFilter] = useState(NO_FILTER);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  // What went wrong is what one came for.
  const [chosenId, setChosen] = useState(() => (rows.findLast((row) => row.status === "ERROR") ?? rows.at(-1))?.id);
  const [looked, setLooked] = useState(look);
  if (look !== looked) {
    setLooked(look);
    const row = rows.find((one) => one.nodeId === look?.nodeId && one.visit === look?.visit);
    if (row) setChosen(row.id);
  }
  const isFiltered = isFilter(filter);
  const shown = useMemo(() => (isFiltered ? rows.filter((row) => fits(row, filter)) : visibleRows(rows, closed)), [rows, closed, filter, isFiltered]);
  const whole = useMemo(() => lengthOf(rows), [rows]);
  const [zoom, setZoom] = useState<TimeSpan>();
  const critical = useMemo(() => criticalPath(rows), [rows]);
  // Where one thing follows the other, all of it counts, and there is nothing to point out.
  const hasSlack = rows.some((row) => row.milliseconds !== undefined && row.start !== undefined && !critical.has(row.id));
  const chosen = rows.find((row) => row.id === chosenId) ?? rows.at(-1);
  const choose = (id: string) => {
    setChosen(id);
    const row = rows.find((one) => one.id === id);
    if (row) onChosen?.(row);
  };
  const toggle = (id: string, open: boolean) =>
    setClosed((before) => {
      const next = new Set(before);
      if (open) next.delete(id);
      else next.add(id);
      return next;
    });
  if (!chosen) return <p className="p-5 text-base text-muted">{t("noSteps")}</p>;
  return (
    <div className="flex min-h-0 flex-1 flex-col lg:flex-row">
      <div className="min-h-40 shrink-0 overflow-auto border-line max-lg:max-h-[40%] max-lg:border-b lg:w-[26rem] lg:border-e">
        {(rows.length > MANY || isFiltered) && <TraceFilterBar rows={rows} filter={filter} onChange={setFilter} />}
        {rows.filter((row) => row.milliseconds !== undefined).length > 2 && whole > 0 && <TimeBrush whole={whole} zoom={zoom} onZoom={setZoom} />}
        {hasSlack && (
          <p className="flex items-center gap-1.5 px-4 pt-2 text-xs text-muted">
            <span aria-hidden className="h-1 w-5 rounded-full bg-primary" />
            {t("criticalPath")}
          </p>
        )}
        {isFiltered && shown.length === 0 && <p className="px-4 py-3 text-sm text-muted">{t("noStepFits")}</p>}
        <Tree rows={shown} span={zoom ?? { from: 0, to: whole }} critical={hasSlack ? critical : undefined} closed={closed} chosen={chosen.id} onChoose={choose} onToggle={toggle} />
        {leftOut > 0 && <p className="px-4 py-2 text-xs text-muted">{t("leftOut", { count: leftOut })}</p>}
      </div>
      <StepDetail key={chosen.id} row={chosen} actions={actions?.(chosen)} />
    </div>
  );
}

interface TreeProps {
  rows: readonly TraceRow[];
  span: TimeSpan;
  /** What the run's length hangs on; undefined where that is all of it. */
  critical: ReadonlySet<string> | undefined;
  closed: ReadonlySet<string>;
  chosen: string;
  onChoose: (id: string) => void;
  onToggle: (id: string, open: boolean) => void;
}

function Tree({ rows, span, critical, closed, chosen, onChoose, onToggle }: TreeProps) {
  const { t } = useTranslation("run");
  const box = useRef<HTMLUListElement>(null);
  // One row takes the tabulator key, also while the chosen one is filtered out.
  const stop = rows.some((row) => row.id === chosen) ? chosen : rows[0]?.id;
  const go = (id: string | undefined) => {
    if (id === undefined) return;
    onChoose(id);
    box.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(id)}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = rows.findIndex((row) => row.id === chosen);
    const row = rows[at];
    if (!row) return;
    const moves: Record<string, () => void> = {
      ArrowDown: () => go(rows[at + 1]?.id),
      ArrowUp: () => go(rows[at - 1]?.id),
      Home: () => go(rows[0]?.id),
      End: () => go(rows.at(-1)?.id),
      ArrowRight: () => (row.children > 0 && closed.has(row.id) ? onToggle(row.id, true) : go(rows[at + 1]?.id)),
      ArrowLeft: () => (row.children > 0 && !closed.has(row.id) ? onToggle(row.id, false) : go(rows.slice(0, at).findLast((above) => above.depth < row.depth)?.id)),
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    move();
  };
  return (
    <ul ref={box} role="tree" aria-label={t("steps")} onKeyDown={onKeyDown} className={cx("p-2", rows.length === 0 && "hidden")}>
      {rows.map((row) => (
        <Row key={row.id} row={row} span={span} minor={critical !== undefined && !critical.has(row.id)} open={!closed.has(row.id)} chosen={row.id === chosen} stop={row.id === stop} onChoose={onChoose} onToggle={onToggle} />
      ))}
    </ul>
  );
}

interface RowProps {
  row: TraceRow;
  span: TimeSpan;
  /** The run would not have been shorter without it. */
  minor: boolean;
  open: boolean;
  chosen: boolean;
  stop: boolean;
  onChoose: (id: string) => void;
  onToggle: (id: string, open: boolean) => void;
}

function Row({ row, span, minor, open, chosen, stop, onChoose, onToggle }: RowProps) {
  const { t, i18n } = useTranslation("run");
  const spent = [row.tokens && t("tokensTotal", { count: row.tokens.input + row.tokens.output }), row.cost !== undefined && money(row.cost, i18n.language)].filter(Boolean).join(" · ");
  const Kind = KINDS[row.kind] ?? lookOf(undefined, row.kind).icon;
  const note = row.note ?? (row.kind === "build" ? kindText(t, row.kind) : undefined);
  const bar = barOf(row, span);
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the tree around it hears the keys
    <li
      role="treeitem"
      aria-level={row.depth + 1}
      aria-selected={chosen}
      aria-expanded={row.children > 0 ? open : undefined}
      tabIndex={stop ? 0 : -1}
      data-row={row.id}
      onClick={() => onChoose(row.id)}
      style={{ paddingInlineStart: `${row.depth * 16 + 4}px` }}
      className={cx("cursor-pointer rounded-md py-1.5 pe-2 -outline-offset-2", chosen ? "bg-primary-soft" : "hover:bg-hover")}
    >
      <div className="flex min-w-0 items-center gap-2 text-sm">
        {row.children > 0 ? (
          <ChevronRight
            aria-hidden
            onClick={(event) => {
              event.stopPropagation();
              onToggle(row.id, !open);
            }}
            className={cx("size-4 shrink-0 text-muted transition-transform duration-120", open && "rotate-90")}
          />
        ) : (
          <span className="w-4 shrink-0" />
        )}
        <StatusIcon status={row.status} />
        <Kind aria-hidden className="size-4 shrink-0 text-muted" />
        <span className={cx("min-w-0 flex-1 truncate", chosen ? "font-medium text-primary-ink" : "text-ink")}>
          {row.label || kindText(t, row.kind)}
          {note && <span className="ms-1.5 text-xs font-normal text-muted">{note}</span>}
        </span>
        {row.milliseconds !== undefined && <span className="shrink-0 text-xs text-muted tabular-nums">{duration(row.milliseconds)}</span>}
      </div>
      {spent && <p className="ms-6 text-end text-xs text-faint tabular-nums">{spent}</p>}
      {bar && (
        // One axis of time for all rows, however deep they stand.
        <div aria-hidden style={{ marginInlineStart: `${24 - row.depth * 16}px` }} className="mt-1 h-1 rounded-full bg-hover">
          <div style={{ marginInlineStart: `${bar.left * 100}%`, width: `max(3px, ${bar.width * 100}%)` }} className={cx("h-full rounded-full", row.status === "ERROR" ? "bg-danger" : minor ? "bg-primary/35" : "bg-primary")} />
        </div>
      )}
    </li>
  );
}


function StepDetail({ row, actions }: { row: TraceRow; actions?: ReactNode }) {
  const { t, i18n } = useTranslation("run");
  const [raw, setRaw] = useState(false);
  const name = row.label || kindText(t, row.kind);
  const figures = [
    row.milliseconds !== undefined && duration(row.milliseconds),
    row.tokens && t("tokens", { input: row.tokens.input.toLocaleString(i18n.language), output: row.tokens.output.toLocaleString(i18n.language) }),
    row.cost !== undefined && money(row.cost, i18n.language),
  ].filter((figure) => typeof figure === "string");
  return (
    <section aria-label={name} className="flex min-w-0 flex-1 flex-col gap-4 overflow-y-auto p-4 sm:p-5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <h3 className="min-w-0 text-lg font-semibold [overflow-wrap:anywhere]">{name}</h3>
        {figures.map((figure) => (
          <span key={figure} className="rounded-full border border-line bg-sunken px-2 py-0.5 text-xs font-medium text-muted tabular-nums">
            {figure}
          </span>
        ))}
        <div role="group" aria-label={t("look")} className="ms-auto flex rounded-md border border-line p-0.5">
          {([false, true] as const).map((value) => (
            <button
              key={String(value)}
              type="button"
              aria-pressed={raw === value}
              onClick={() => setRaw(value)}
              className="h-6 rounded-sm px-2 text-xs font-medium text-muted aria-pressed:bg-primary-soft aria-pressed:text-primary-ink"
            >
              {t(value ? "raw" : "rendered")}
            </button>
          ))}
        </div>
      </div>
      {actions && <div className="flex flex-wrap gap-2">{actions}</div>}
      {row.error && (
        <Notice tone="danger">
          {row.field && <strong className="font-semibold">{row.field}: </strong>}
          <Worded text={row.error} />
        </Notice>
      )}
      {row.truncated && <Notice tone="info">{t("truncated")}</Notice>}
      <ValueView label={t("input")} value={row.input} raw={raw} />
      <ValueView label={t("output")} value={row.output} raw={raw} />
      {raw && <ValueView label={t("more")} value={row.more} raw />}
      {row.input === undefined && row.output === undefined && !row.error && <p className="text-base text-muted">{t("nothingKept")}</p>}
    </section>
  );
}
