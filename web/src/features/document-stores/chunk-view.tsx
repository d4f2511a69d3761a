// One chunk: its text, what it repeats of the one before, its metadata.
import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import type { JsonObject } from "~/lib/json";
import { Button } from "~/ui/button";
import { markWords } from "./chunks";
import { useNumber } from "./parts";

/** Longer texts are folded, in characters. */
const LONG = 600;

interface ChunkTextProps {
  text: string;
  /** How many characters at the beginning repeat the chunk before. */
  overlap?: number;
  /** Words of this question are marked. */
  question?: string;
}

export function ChunkText({ text, overlap = 0, question }: ChunkTextProps) {
  const { t } = useTranslation("documentStores");
  const [open, setOpen] = useState(false);
  const isLong = text.length > LONG;
  const shown = isLong && !open ? `${text.slice(0, LONG).trimEnd()}…` : text;
  const repeated = shown.slice(0, overlap);
  return (
    <div>
      <p className="text-sm whitespace-pre-wrap text-ink [overflow-wrap:anywhere]">
        {repeated && (
          <mark title={t("chunk.overlap", { count: overlap })} className="rounded-xs bg-warning-soft text-warning">
            {repeated}
          </mark>
        )}
        {question
          ? markWords(shown, question).map((piece, at) =>
              piece.marked ? (
                // oxlint-disable-next-line react/no-array-index-key -- pieces have no identity but their place
                <mark key={at} className="rounded-xs bg-primary-soft px-0.5 font-medium text-primary-ink">
                  {piece.text}
                </mark>
              ) : (
                piece.text
              ),
            )
          : shown.slice(repeated.length)}
      </p>
      {isLong && (
        <Button size="sm" variant="ghost" className="-ms-2.5 mt-1" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t(open ? "chunk.less" : "chunk.more")}
        </Button>
      )}
    </div>
  );
}

/** What a chunk carries beside its text, folded away. */
export function Metadata({ metadata, open = false }: { metadata: JsonObject; open?: boolean }) {
  const { t } = useTranslation("documentStores");
  const rows = Object.entries(metadata);
  if (rows.length === 0) return <p className="text-xs text-faint">{t("chunk.noMetadata")}</p>;
  return (
    <details className="group/meta" open={open || undefined}>
      <summary className="flex cursor-pointer items-center gap-1 rounded-sm text-xs font-medium text-muted hover:text-ink">
        <ChevronRight aria-hidden className="size-3.5 transition-transform duration-120 group-open/meta:rotate-90 rtl:rotate-180 rtl:group-open/meta:rotate-90" />
        {t("chunk.metadata")}
        <span className="min-w-0 truncate font-normal text-faint group-open/meta:hidden">{rows.map(([key]) => key).join(", ")}</span>
      </summary>
      <dl className="mt-1.5 grid grid-cols-[minmax(4rem,auto)_minmax(0,1fr)] gap-x-4 gap-y-0.5 rounded-md bg-sunken px-3 py-2 text-xs">
        {rows.map(([key, value]) => (
          <div key={key} className="contents">
            <dt className="text-muted [overflow-wrap:anywhere]">{key}</dt>
            <dd className="font-mono leading-4.5 text-ink [overflow-wrap:anywhere]">{typeof value === "string" ? value : JSON.stringify(value)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

/** The head of a chunk: its number and how long it is. */
export function ChunkHead({ number: place, length, className }: { number: number; length: number; className?: string }) {
  const { t } = useTranslation("documentStores");
  const number = useNumber();
  return (
    <p className={cx("flex items-baseline gap-2 text-xs text-muted tabular-nums", className)}>
      <span className="font-semibold text-ink">#{number(place)}</span>
      {t("chars", { count: length, shown: number(length) })}
    </p>
  );
}
