// What differs between two states of a flow, node by node and field by field; long texts line by line.
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import type { FlowDiff, NodeDiff } from "../model/diff";
import { isSame } from "../model/diff";
import { lineDiff } from "../model/line-diff";

const TONE: Record<NodeDiff["kind"], string> = {
  added: "border border-success bg-success-soft text-ink",
  removed: "border border-danger bg-danger-soft text-ink",
  changed: "border border-warning bg-warning-soft text-ink",
  moved: "border border-line bg-sunken text-muted",
};

export function DiffView({ diff, heading, onReveal }: { diff: FlowDiff; heading: string; onReveal?: ((id: string) => void) | undefined }) {
  const { t } = useTranslation("canvas");
  // What is no field of the form has no label of its own there.
  const fieldName = ({ name, label }: { name: string; label: string }) => (name === "label" && label ? t("diff.name") : name === "envelope" ? t("envelope.title") : label || t("diff.text"));
  if (isSame(diff)) return <p className="text-sm text-muted">{t("diff.same")}</p>;
  const moved = diff.nodes.filter((node) => node.kind === "moved").length;
  const told = diff.nodes.filter((node) => node.kind !== "moved");
  return (
    <section aria-label={heading} className="flex flex-col gap-3">
      <ul className="flex flex-col gap-3">
        {told.map((node) => (
          <li key={node.id} className="rounded-md border border-line">
            <div className="flex items-center gap-2 px-3 py-2">
              <span className={cx("shrink-0 rounded-full px-2 py-0.5 text-xs font-medium", TONE[node.kind])}>{t(`diff.${node.kind}`)}</span>
              {onReveal && node.kind !== "removed" ? (
                <button type="button" onClick={() => onReveal(node.id)} className="min-w-0 truncate rounded-sm text-start text-sm font-medium text-ink hover:underline">
                  {node.label}
                </button>
              ) : (
                <span className="min-w-0 truncate text-sm font-medium text-ink">{node.label}</span>
              )}
            </div>
            {node.fields.length > 0 && (
              <dl className="flex flex-col gap-3 border-t border-line px-3 py-2.5">
                {node.fields.map((field) => (
                  <div key={field.name}>
                    <dt className="mb-1 text-xs font-medium text-muted">{fieldName(field)}</dt>
                    <dd>
                      <Lines before={field.before} after={field.after} />
                    </dd>
                  </div>
                ))}
              </dl>
            )}
          </li>
        ))}
        {[...diff.wiresAdded.map((ends) => ["added", ends] as const), ...diff.wiresRemoved.map((ends) => ["removed", ends] as const)].map(([kind, [from, to]], index) => (
          // oxlint-disable-next-line react/no-array-index-key -- the list is made anew as a whole
          <li key={index} className="flex items-center gap-2 text-sm">
            <span className={cx("shrink-0 rounded-full px-2 py-0.5 text-xs font-medium", TONE[kind])}>{t(kind === "added" ? "diff.wireAdded" : "diff.wireRemoved")}</span>
            <span className="min-w-0 truncate text-ink">
              {from} → {to}
            </span>
          </li>
        ))}
      </ul>
      {moved > 0 && <p className="text-sm text-muted">{t("diff.movedCount", { count: moved })}</p>}
    </section>
  );
}

const LONGEST_SHOWN = 60;

/** A text as it was and as it is, line by line. */
export function Lines({ before, after }: { before: string; after: string }) {
  const { t } = useTranslation("canvas");
  const lines = lineDiff(before, after);
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard
    <pre tabIndex={0} className="max-h-56 overflow-auto rounded-md border border-line bg-sunken font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]">
      {lines.slice(0, LONGEST_SHOWN).map(({ kind, text }, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- lines have no identity but their place
        <span key={index} className={cx("block px-2 py-px", kind === "added" && "bg-success-soft text-ink", kind === "removed" && "bg-danger-soft text-ink line-through decoration-danger")}>
          <span aria-hidden>{kind === "added" ? "+ " : kind === "removed" ? "− " : "  "}</span>
          {kind !== "same" && <span className="sr-only">{t(`diff.${kind}`)}: </span>}
          {text || " "}
        </span>
      ))}
      {lines.length > LONGEST_SHOWN && <span className="block px-2 py-1 text-muted">{t("diff.moreLines", { count: lines.length - LONGEST_SHOWN })}</span>}
    </pre>
  );
}
