// Over a waterfall: what of it is shown, and which part of its time.
import type { TFunction } from "i18next";
import { Slider } from "radix-ui";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { Button } from "~/ui/button";
import { CONTROL } from "~/ui/input";
import type { TimeSpan, TraceRow } from "../model/trace";
import { distinct, kindOf, type TraceFilter } from "../model/trace-filter";
import { duration, stateKey } from "./figures";

const KINDS = ["build", "embeddings", "memory", "model", "node", "retriever", "store", "tool"] as const;

/** A word for what a row is about, where it has no name of its own. */
export function kindText(t: TFunction<"run">, kind: string): string {
  const known = KINDS.find((one) => one === kind);
  return known ? t(`kind.${known}`) : kind;
}

interface TraceFilterBarProps {
  rows: readonly TraceRow[];
  filter: TraceFilter;
  onChange: (filter: TraceFilter) => void;
}

export function TraceFilterBar({ rows, filter, onChange }: TraceFilterBarProps) {
  const { t } = useTranslation("run");
  const kinds = distinct(rows.map(kindOf));
  const states = distinct(rows.map((row) => row.status));
  return (
    <div className="sticky top-0 z-10 flex flex-wrap gap-1.5 border-b border-line bg-surface p-2">
      <input type="search" aria-label={t("filterSteps")} placeholder={t("filterSteps")} value={filter.words} onChange={(event) => onChange({ ...filter, words: event.target.value })} className={cx(CONTROL, "h-8 min-w-36 flex-1 py-0 text-sm")} />
      {kinds.length > 1 && (
        <Choice label={t("kinds")} all={t("allKinds")} value={filter.kind} onChange={(kind) => onChange({ ...filter, kind })} options={kinds.map((kind) => ({ value: kind, label: kindText(t, kind) }))} />
      )}
      {states.length > 1 && (
        <Choice label={t("state")} all={t("allStates")} value={filter.status} onChange={(status) => onChange({ ...filter, status })} options={states.map((status) => ({ value: status, label: t(stateKey(status)) }))} />
      )}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  all: string;
  value: string;
  onChange: (value: string) => void;
  options: readonly { value: string; label: string }[];
}

function Choice({ label, all, value, onChange, options }: ChoiceProps) {
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(event.target.value)} className="h-8 min-w-0 rounded-md border border-control bg-surface px-2 text-sm text-ink">
      <option value="">{all}</option>
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

/** In so many steps a run's time is walked by keyboard. */
const STEPS = 100;

interface TimeBrushProps {
  /** How long the run is, in milliseconds. */
  whole: number;
  /** The part that is looked at; undefined for all of it. */
  zoom: TimeSpan | undefined;
  onZoom: (zoom: TimeSpan | undefined) => void;
}

export function TimeBrush({ whole, zoom, onZoom }: TimeBrushProps) {
  const { t } = useTranslation("run");
  const { from, to } = zoom ?? { from: 0, to: whole };
  const step = whole / STEPS;
  const ends = [
    { label: t("zoomFrom"), value: from },
    { label: t("zoomTo"), value: to },
  ];
  const set = ([first = 0, last = whole]: number[]) => onZoom(first <= 0 && last >= whole ? undefined : { from: first, to: last });
  return (
    <div className="flex items-center gap-2 px-4 pt-2 text-xs text-muted tabular-nums">
      <span className="w-12 shrink-0">{duration(from)}</span>
      <Slider.Root min={0} max={whole} step={step} minStepsBetweenThumbs={2} value={[from, to]} onValueChange={set} className="relative flex h-6 min-w-0 flex-1 touch-none items-center">
        <Slider.Track className="relative h-1.5 flex-1 rounded-full bg-hover">
          <Slider.Range className="absolute h-full rounded-full bg-line-strong" />
        </Slider.Track>
        {ends.map(({ label, value }) => (
          <Slider.Thumb key={label} aria-label={label} aria-valuetext={duration(value)} className="block h-5 w-2.5 cursor-ew-resize rounded-sm border border-control bg-surface shadow-sm" />
        ))}
      </Slider.Root>
      <span className="w-12 shrink-0 text-end">{duration(to)}</span>
      <Button size="sm" variant="ghost" className={cx("h-6! px-1.5! text-xs!", !zoom && "invisible")} onClick={() => onZoom(undefined)}>
        {t("zoomOut")}
      </Button>
    </div>
  );
}
