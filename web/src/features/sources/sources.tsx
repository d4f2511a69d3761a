// The documents that an answer stands on: where each is from, what it says, and the rest that is known of it.
import { FileText } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { SourceDocument } from "~/api/types";
import { Fold, FoldSummary } from "~/ui/fold";
import { facts, nameOf, placeOf } from "./source-facts";

export function Sources({ documents }: { documents: SourceDocument[] }) {
  const { t } = useTranslation("chat");
  const names = [...new Set(documents.flatMap((document) => nameOf(document) ?? []))].map(short).join(", ");
  const count = t("sources", { count: documents.length });
  return (
    <Fold icon={<FileText aria-hidden />} title={names ? `${count}: ${names}` : count}>
      <SourceList documents={documents} />
    </Fold>
  );
}

/** Documents with what they say; `score` tells how near each is to what was asked. */
export function SourceList({ documents }: { documents: readonly (SourceDocument & { score?: number })[] }) {
  return (
    <ol className="flex flex-col gap-4">
      {documents.map((document, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- sources have no identity but their order
        <li key={index} className="flex min-w-0 flex-col gap-1.5">
          <SourceName document={document} number={index + 1} score={document.score} />
          <p className="line-clamp-6 text-sm whitespace-pre-wrap text-ink [overflow-wrap:anywhere]">{document.pageContent}</p>
          <Facts metadata={document.metadata} />
        </li>
      ))}
    </ol>
  );
}

/** An address without what all addresses begin with. */
function short(name: string): string {
  return name.replace(/^https?:\/\/(www\.)?/, "");
}

function SourceName({ document, number, score }: { document: SourceDocument; number: number; score: number | undefined }) {
  const { t, i18n } = useTranslation("chat");
  const name = nameOf(document) ?? t("source", { number });
  const place = placeOf(document.metadata);
  return (
    <p className="flex min-w-0 items-baseline gap-2 text-xs text-faint">
      {/^https?:\/\//.test(name) ? (
        <a href={name} target="_blank" rel="noopener noreferrer nofollow" className="truncate font-medium text-primary-ink underline underline-offset-2">
          {name}
        </a>
      ) : (
        <span className="truncate font-medium">{name}</span>
      )}
      {place?.page !== undefined && <span className="shrink-0">{t("sourcePage", { page: place.page })}</span>}
      {place?.lines !== undefined && <span className="shrink-0">{t(place.lines[0] === place.lines[1] ? "sourceLine" : "sourceLines", { from: place.lines[0], to: place.lines[1] })}</span>}
      {score !== undefined && <span className="ms-auto shrink-0 tabular-nums">{t("sourceScore", { score: score.toLocaleString(i18n.language, { maximumFractionDigits: 3 }) })}</span>}
    </p>
  );
}

function Facts({ metadata }: { metadata: SourceDocument["metadata"] }) {
  const { t } = useTranslation("chat");
  const rows = facts(metadata);
  if (rows.length === 0) return null;
  return (
    <details className="min-w-0 text-xs">
      <FoldSummary className="w-fit gap-1 rounded-sm py-0.5 pe-1.5 font-medium text-faint hover:text-ink">{t("metadata")}</FoldSummary>
      <dl className="mt-1 grid grid-cols-[minmax(4rem,auto)_minmax(0,1fr)] gap-x-3 gap-y-1 rounded-md bg-sunken p-2 font-mono">
        {rows.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd className="min-w-0 whitespace-pre-wrap text-ink [overflow-wrap:anywhere]">{value}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
