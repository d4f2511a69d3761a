// Two runs side by side: what each node got, gave, took and cost.
import { useQuery } from "@tanstack/react-query";
import { ChevronRight, Equal, Minus, EqualNot } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { absoluteTime } from "~/lib/time";
import { cx } from "~/lib/cx";
import { CheckboxField } from "~/ui/form";
import { ErrorState, Skeleton } from "~/ui/states";
import { pairTurns, type TurnPair } from "../model/compare";
import { type Execution, executionQuery } from "../model/runs-api";
import type { NodeTurn } from "../model/turns";
import { duration, money, stateKey } from "./figures";
import { SpentFigures } from "./run-drawer";
import { StatusIcon } from "./status-icon";
import { ValueView } from "./value-view";

export function CompareView({ left, rightId }: { left: Execution; rightId: string }) {
  const { t } = useTranslation("run");
  const other = useQuery(executionQuery(rightId, "internal"));
  const [onlyDifferent, setOnly] = useState(false);
  const right = other.data;
  const pairs = useMemo(() => (right ? pairTurns(left.executionData, right.executionData) : []), [left.executionData, right]);
  if (other.isError) return <ErrorState error={other.error} onRetry={() => void other.refetch()} />;
  if (!right) return <Skeleton className="m-4 h-32" />;
  const shown = onlyDifferent ? pairs.filter((pair) => pair.differs.length > 0) : pairs;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard
    <section tabIndex={0} aria-label={t("compare.title")} className="min-h-0 flex-1 overflow-y-auto p-3 -outline-offset-2 sm:p-4">
      <div className="grid grid-cols-2 gap-3">
        <RunHead name={t("compare.left")} execution={left} />
        <RunHead name={t("compare.right")} execution={right} />
      </div>
      <div className="my-3 flex flex-wrap items-center justify-between gap-2">
        <p className="text-sm text-muted">{t("compare.count", { count: pairs.filter((pair) => pair.differs.length > 0).length })}</p>
        <CheckboxField label={t("compare.only")} checked={onlyDifferent} onChange={setOnly} />
      </div>
      <ul className="flex flex-col gap-2">
        {shown.map((pair) => (
          <Pair key={pair.key} pair={pair} />
        ))}
      </ul>
    </section>
  );
}

function RunHead({ name, execution }: { name: string; execution: Execution }) {
  const { t, i18n } = useTranslation("run");
  return (
    <div className="min-w-0 rounded-md border border-line bg-sunken px-3 py-2 text-sm text-muted">
      <h3 className="flex items-center gap-1.5 font-semibold text-ink">
        <StatusIcon status={execution.state} />
        <span className="truncate">
          {name} · {t(stateKey(execution.state))}
        </span>
      </h3>
      <p className="mt-0.5 flex flex-wrap gap-x-3">
        <span>{absoluteTime(execution.createdDate, i18n.language)}</span>
        <SpentFigures spent={execution.spent} />
      </p>
    </div>
  );
}

/** What the two turns took and cost where that differs, as "before → after". */
function changesOf({ left, right }: TurnPair, locale: string): string {
  const change = (a: number | undefined, b: number | undefined, text: (value: number) => string) => (a === undefined || b === undefined || text(a) === text(b) ? undefined : `${text(a)} → ${text(b)}`);
  const tokens = (turn: NodeTurn | undefined) => turn?.tokens && turn.tokens.input + turn.tokens.output;
  return [change(left?.milliseconds, right?.milliseconds, duration), change(tokens(left), tokens(right), (value) => value.toLocaleString(locale)), change(left?.cost, right?.cost, (value) => money(value, locale))].filter(Boolean).join(" · ");
}

function Pair({ pair }: { pair: TurnPair }) {
  const { t, i18n } = useTranslation("run");
  const { left, right, differs } = pair;
  const same = differs.length === 0;
  const lone = !left || !right;
  const Sign = lone ? Minus : same ? Equal : EqualNot;
  return (
    <li className="rounded-md border border-line bg-surface">
      <details className="group/pair">
        <summary className="flex cursor-pointer items-center gap-2 rounded-md px-3 py-2 text-sm">
          <ChevronRight aria-hidden className="size-4 shrink-0 text-muted transition-transform duration-120 group-open/pair:rotate-90 rtl:rotate-180 rtl:group-open/pair:rotate-90" />
          <Sign aria-hidden className={cx("size-4 shrink-0", same ? "text-muted" : "text-warning")} />
          <span className="min-w-0 flex-1 truncate font-medium text-ink">
            {pair.label}
            {pair.visit > 1 && <span className="ms-1 font-normal text-muted">×{pair.visit}</span>}
          </span>
          <span className="shrink-0 text-xs text-muted tabular-nums max-sm:hidden">{changesOf(pair, i18n.language)}</span>
          <span className={cx("shrink-0 text-xs", same ? "text-muted" : "text-warning")}>
            {lone ? t(left ? "compare.onlyLeft" : "compare.onlyRight") : same ? t("compare.same") : differs.map((what) => t(`compare.${what}`)).join(", ")}
          </span>
        </summary>
        <div className="grid grid-cols-1 gap-3 border-t border-line p-3 sm:grid-cols-2">
          <Side name={t("compare.left")} turn={left} />
          <Side name={t("compare.right")} turn={right} />
        </div>
      </details>
    </li>
  );
}

function Side({ name, turn }: { name: string; turn: NodeTurn | undefined }) {
  const { t, i18n } = useTranslation("run");
  if (!turn) {
    return (
      <section aria-label={name} className="rounded-md border border-dashed border-line p-3 text-sm text-muted">
        {t("compare.notReached")}
      </section>
    );
  }
  const figures = [
    turn.milliseconds !== undefined && duration(turn.milliseconds),
    turn.tokens && t("tokensTotal", { count: turn.tokens.input + turn.tokens.output }),
    turn.cost !== undefined && money(turn.cost, i18n.language),
  ].filter(Boolean);
  return (
    <section aria-label={name} className="flex min-w-0 flex-col gap-3">
      <p className="flex flex-wrap items-center gap-x-2 text-sm text-muted tabular-nums">
        <StatusIcon status={turn.status} />
        <span className="font-medium text-ink">{name}</span>
        {figures.map((figure) => (
          <span key={String(figure)}>{figure}</span>
        ))}
      </p>
      {turn.error && <p className="text-sm text-danger [overflow-wrap:anywhere]">{turn.error}</p>}
      <ValueView label={t("input")} value={turn.input} raw={false} />
      <ValueView label={t("output")} value={turn.output} raw={false} />
    </section>
  );
}
