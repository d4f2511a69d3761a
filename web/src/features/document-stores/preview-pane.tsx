// The chunks of a preview with their figures; one column of the comparison of two splitters.
import { RefreshCw } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { ErrorNotice, Hidden, Skeleton } from "~/ui/states";
import { ChunkHead, ChunkText, Metadata } from "./chunk-view";
import { figuresOf, overlapOf } from "./chunks";
import { metadataOf } from "./model";
import { Figures, useNumber } from "./parts";
import type { PreviewState } from "./use-preview";

interface PreviewPaneProps {
  title: string;
  /** Shown while the form is not filled in. */
  waiting: string | undefined;
  state: PreviewState;
  /** Asks by itself. */
  live: boolean;
}

export function PreviewPane({ title, waiting, state, live }: PreviewPaneProps) {
  const { t } = useTranslation("documentStores");
  const number = useNumber();
  const { data } = state;
  const chunks = useMemo(() => data?.chunks ?? [], [data]);
  const figures = useMemo(() => figuresOf(chunks.map((chunk) => chunk.pageContent)), [chunks]);
  const overlaps = useMemo(() => chunks.slice(0, MOST_CARDS).map((chunk, at) => overlapOf(chunks[at - 1]?.pageContent ?? "", chunk.pageContent)), [chunks]);
  const isPart = data !== undefined && data.totalChunks > chunks.length;
  const rest = (data?.totalChunks ?? 0) - Math.min(chunks.length, MOST_CARDS);
  return (
    <section aria-label={title} className="flex min-w-0 flex-col gap-3">
      <div className="flex min-h-8 flex-wrap items-center justify-between gap-2">
        <h2 className="text-base font-semibold">{title}</h2>
        {(!live || state.error !== null || (state.isStale && !state.isLoading)) && (
          <Button size="sm" busy={state.isLoading} disabled={waiting !== undefined} onClick={state.ask}>
            {!state.isLoading && <RefreshCw aria-hidden />}
            {t(data ? "preview.again" : "preview.action")}
          </Button>
        )}
      </div>
      <ErrorNotice error={state.error} />
      <div role="status" className="sr-only">
        {state.isLoading ? t("preview.loading") : data && !state.isStale ? t("preview.ready", { count: data.totalChunks }) : ""}
      </div>
      {data ? (
        <div className={cx("flex flex-col gap-3 transition-opacity duration-120", (state.isLoading || state.isStale) && "opacity-60")}>
          <Card className="p-3">
            <Figures
              rows={[
                [t("preview.total"), number(data.totalChunks)],
                ...(figures.count > 0
                  ? ([
                      [t(isPart ? "preview.charsShown" : "preview.chars"), number(figures.chars)],
                      [t("preview.average"), number(figures.average)],
                      [t("preview.range"), `${number(figures.shortest)}–${number(figures.longest)}`],
                    ] as const)
                  : []),
              ]}
            />
            {figures.longest > 0 && <SizeBars sizes={chunks.map((chunk) => chunk.pageContent.length)} longest={figures.longest} />}
          </Card>
          {chunks.length === 0 && <p className="text-base text-muted">{t("preview.nothing")}</p>}
          <ol className="flex flex-col gap-3">
            {chunks.slice(0, MOST_CARDS).map((chunk, at) => (
              // oxlint-disable-next-line react/no-array-index-key -- chunks of a preview have no identity but their place
              <li key={at}>
                <Card className="flex flex-col gap-2 p-3">
                  <ChunkHead number={at + 1} length={chunk.pageContent.length} />
                  <ChunkText text={chunk.pageContent} overlap={overlaps[at] ?? 0} />
                  <Metadata metadata={metadataOf(chunk.metadata)} />
                </Card>
              </li>
            ))}
          </ol>
          {rest > 0 && <p className="text-center text-sm text-muted">{t("preview.rest", { count: rest, shown: number(rest) })}</p>}
        </div>
      ) : state.isLoading ? (
        <div className="flex flex-col gap-3">
          <Hidden>{t("preview.loading")}</Hidden>
          <Skeleton className="h-16" />
          <Skeleton className="h-32" />
          <Skeleton className="h-32" />
        </div>
      ) : (
        state.error === null && <p className="rounded-lg border border-dashed border-line-strong px-4 py-10 text-center text-base text-muted">{waiting ?? t(live ? "preview.soon" : "preview.invite")}</p>
      )}
    </section>
  );
}

/** More cards at a time would make the page slow; the figures are of all. */
const MOST_CARDS = 200;

/** Bars beyond this many would be thinner than a line. */
const MOST_BARS = 100;

/** How long the chunks are, one beside the other. */
function SizeBars({ sizes, longest }: { sizes: readonly number[]; longest: number }) {
  return (
    <div aria-hidden className="mt-3 flex h-8 items-end gap-px">
      {sizes.slice(0, MOST_BARS).map((size, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- bars have no identity but their place
        <span key={at} className="max-w-4 min-w-px flex-1 rounded-t-xs bg-primary/60" style={{ height: `${Math.max(6, Math.round((size / longest) * 100))}%` }} />
      ))}
    </div>
  );
}
