// What runs have cost, in all and flow by flow, above the lists of runs.
import { useQuery } from "@tanstack/react-query";
import { ChevronRight, Coins } from "lucide-react";
import { useTranslation } from "react-i18next";
import { spendingQuery } from "../model/runs-api";
import { money } from "./figures";

export interface SpendingProps {
  /** Since when, as ISO text; undefined for all time. */
  from: string | undefined;
  /** The words for that time. */
  span: string;
  /** Only of this flow. */
  flowId?: string | undefined;
}

/** How many flows are listed; the rest are in the sum. */
const MOST = 12;

/** Nothing where the server does not count it, or nothing has run. */
export function Spending({ from, span, flowId }: SpendingProps) {
  const { t, i18n } = useTranslation("run");
  const { data } = useQuery(spendingQuery(from));
  const row = flowId === undefined ? undefined : data?.rows.find((one) => one.id === flowId);
  const sum = flowId === undefined ? data?.total : row;
  if (!data || !sum || sum.runs === 0) return null;
  const number = (value: number) => value.toLocaleString(i18n.language);
  const figures = `${t("count", { count: sum.runs })} · ${t("tokensTotal", { count: sum.inputTokens + sum.outputTokens })}`;
  const line = (
    <>
      <Coins aria-hidden className="size-4 shrink-0 text-muted" />
      <span className="text-muted">{span}</span>
      <strong className="font-semibold text-ink tabular-nums">{money(sum.cost, i18n.language)}</strong>
      <span className="text-muted tabular-nums">{figures}</span>
    </>
  );
  const rows = data.rows.toSorted((a, b) => b.cost - a.cost || b.runs - a.runs);
  if (flowId !== undefined || rows.length === 0) return <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">{line}</p>;
  return (
    <details className="group/spending rounded-lg border border-line bg-surface text-sm">
      <summary className="flex cursor-pointer flex-wrap items-center gap-x-2 gap-y-1 rounded-lg px-3 py-2.5">
        <ChevronRight aria-hidden className="size-4 shrink-0 text-muted transition-transform duration-120 group-open/spending:rotate-90 rtl:rotate-180 rtl:group-open/spending:rotate-90" />
        {line}
      </summary>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard */}
      <div tabIndex={0} role="group" aria-label={t("costByFlow")} className="overflow-x-auto border-t border-line px-3 py-1 -outline-offset-2">
        <table className="w-full">
          <thead>
            <tr className="text-xs text-muted">
              <th scope="col" className="py-1.5 pe-3 text-start font-medium">{t("flow")}</th>
              <th scope="col" className="px-3 py-1.5 text-end font-medium">{t("runs")}</th>
              <th scope="col" className="px-3 py-1.5 text-end font-medium">{t("tokensShort")}</th>
              <th scope="col" className="py-1.5 ps-3 text-end font-medium">{t("cost")}</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, MOST).map((flow) => (
              <tr key={flow.id} className="border-t border-line tabular-nums">
                <td className="max-w-0 truncate py-1.5 pe-3 text-ink">{flow.name ?? t("flowGone")}</td>
                <td className="w-0 px-3 py-1.5 text-end text-muted">{number(flow.runs)}</td>
                <td className="w-0 px-3 py-1.5 text-end text-muted">{number(flow.inputTokens + flow.outputTokens)}</td>
                <td className="w-0 py-1.5 ps-3 text-end whitespace-nowrap text-ink">{money(flow.cost, i18n.language)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
