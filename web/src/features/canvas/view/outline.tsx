// The graph as a list: for screen readers, narrow screens, and finding one's way.
import { TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { IconTile } from "~/ui/icon-tile";
import { noteTextOf } from "../model/node-data";
import type { NodeView, ViewGraph } from "../model/view-graph";

export function Outline({ graph, selected, onSelect }: { graph: ViewGraph; selected: string | undefined; onSelect: (id: string) => void }) {
  const { t } = useTranslation("canvas");
  if (graph.nodes.length === 0) return <p className="p-4 text-sm text-muted">{t("outline.empty")}</p>;
  return (
    <ol aria-label={t("outline.title")} className="flex flex-col gap-1 p-3">
      {readingOrder(graph).map((view) => (
        <li key={view.id}>
          <button
            type="button"
            aria-pressed={view.id === selected}
            onClick={() => onSelect(view.id)}
            className={cx("flex w-full items-center gap-3 rounded-lg border p-3 text-start", view.id === selected ? "border-primary bg-primary-soft" : "border-line bg-surface hover:bg-hover")}
          >
            <IconTile look={view.look} icon={view.icon} />
            <span className="min-w-0 flex-1">
              <span className="block truncate text-base font-medium text-ink">{view.label}</span>
              <span className="block truncate text-sm text-muted">{sublineOf(view, graph)}</span>
            </span>
            {view.unknown && <TriangleAlert aria-label={t("node.unknown")} className="size-4 shrink-0 text-danger" />}
          </button>
        </li>
      ))}
    </ol>
  );
}

function sublineOf(view: NodeView, graph: ViewGraph): string {
  if (view.kind === "note") return noteTextOf(view.node).split("\n")[0] ?? "";
  const fed = graph.edges.filter((edge) => edge.source === view.id).map((edge) => graph.nodes.find((node) => node.id === edge.target)?.label);
  const targets = [...new Set(fed.filter(Boolean))].join(", ");
  return [view.headline ?? view.typeLabel, targets && `→ ${targets}`].filter(Boolean).join("  ");
}

/** From left to right as the graph is read, notes last. */
function readingOrder(graph: ViewGraph): NodeView[] {
  const rank = (view: NodeView) => (view.kind === "note" ? 1 : 0);
  return graph.nodes.toSorted((a, b) => rank(a) - rank(b) || a.position.x - b.position.x || a.position.y - b.position.y);
}
