// The flow as a list, with everything that can be done to it: for screen readers, phones, and finding one's way.
import { CircleAlert, Copy, OctagonPause, Pencil, Plus, RotateCcw, Spline, SquareArrowOutUpRight, Trash2, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useNodeRun } from "~/features/run";
import { cx } from "~/lib/cx";
import { Button } from "~/ui/button";
import { IconTile } from "~/ui/icon-tile";
import { type RowAction, RowMenu } from "~/ui/menu";
import { isStep } from "../model/connect";
import { noteTextOf } from "../model/node-data";
import { removeNodes, takenOut } from "../model/operations";
import { hasBreakpoint, toggleBreakpoints } from "../model/trial";
import type { NodeView, ViewGraph } from "../model/view-graph";
import { useEditor, useGraph, useParts } from "./editor-context";
import type { Actions } from "./use-actions";

export function Outline({ actions, onOpen }: { actions: Actions; onOpen: (id: string) => void }) {
  const { t } = useTranslation("canvas");
  const graph = useGraph();
  const selection = useEditor((state) => state.selection);
  const readOnly = useEditor((state) => state.readOnly);
  return (
    <div className="flex flex-col gap-2 p-3">
      {!readOnly && (
        <Button onClick={() => actions.openPicker()}>
          <Plus aria-hidden />
          {t("tools.add")}
        </Button>
      )}
      {graph.nodes.length === 0 ? (
        <p className="p-2 text-sm text-muted">{t("outline.empty")}</p>
      ) : (
        <ol aria-label={t("outline.title")} className="flex flex-col gap-1">
          {readingOrder(graph).map(([view, depth]) => (
            <Row key={view.id} view={view} graph={graph} depth={depth} selected={selection.has(view.id)} actions={actions} onOpen={onOpen} />
          ))}
        </ol>
      )}
    </div>
  );
}

interface RowProps {
  view: NodeView;
  graph: ViewGraph;
  depth: number;
  selected: boolean;
  actions: Actions;
  onOpen: (id: string) => void;
}

function Row({ view, graph, depth, selected, actions, onOpen }: RowProps) {
  const { t } = useTranslation("canvas");
  const { editor, panels, kind, flowId } = useParts();
  const readOnly = useEditor((state) => state.readOnly);
  const came = useNodeRun(view.id);
  const errors = view.problems.filter((problem) => problem.severity === "error").length;
  const isCard = view.kind === "node" || view.kind === "frame";
  const stops = hasBreakpoint(view.node);
  const isTried = kind === "agent" && isStep(view.node);
  const menu: RowAction[] = readOnly
    ? []
    : [
        ...(isCard ? [{ key: "connect", label: t("node.connect"), icon: Spline, run: () => panels.setState({ dialog: { name: "connect", nodeId: view.id } }) }] : []),
        ...(isCard ? [{ key: "rename", label: t("node.rename"), icon: Pencil, run: () => { onOpen(view.id); panels.setState({ focusField: { nodeId: view.id, name: "@label" } }); } }] : []),
        ...(view.parentId ? [{ key: "takeOut", label: t("node.takeOut"), icon: SquareArrowOutUpRight, run: () => editor.edit("outOfFrame", (before) => takenOut(before, view.id)) }] : []),
        ...(isTried && came && came.status !== "running" && flowId ? [{ key: "rerun", label: t("rerun.action"), icon: RotateCcw, run: () => panels.setState({ dialog: { name: "rerun", nodeId: view.id } }) }] : []),
        ...(isTried ? [{ key: "breakpoint", label: t(stops ? "trial.removeBreakpoint" : "trial.setBreakpoint"), icon: OctagonPause, run: () => editor.edit("breakpoint", (before) => toggleBreakpoints(before, [view.id])) }] : []),
        { key: "duplicate", label: t("node.duplicate"), icon: Copy, run: () => { editor.select([view.id]); actions.duplicate(); } },
        { key: "delete", label: t("node.delete"), icon: Trash2, danger: true, separated: true, run: () => editor.edit("delete", (before) => removeNodes(before, [view.id], true)) },
      ];
  return (
    <li style={{ marginInlineStart: depth * 16 }} className={cx("flex items-center rounded-lg border pe-1", selected ? "border-primary bg-primary-soft" : "border-line bg-surface hover:bg-hover")}>
      <button type="button" aria-pressed={selected} onClick={() => onOpen(view.id)} className="flex min-w-0 flex-1 items-center gap-2.5 rounded-lg p-2 text-start -outline-offset-2">
        <IconTile look={view.look} icon={view.icon} size="sm" />
        <span className="min-w-0 flex-1">
          <span className="block truncate text-sm font-medium text-ink">{isCard ? view.label : noteTextOf(view.node).split("\n")[0] || t("node.emptyNote")}</span>
          <span className="block truncate text-xs text-muted">{view.unknown ? t("node.unknown") : sublineOf(view, graph)}</span>
          {came && <span className="block truncate text-xs text-muted">{t(`run.${came.status}`)}{came.error && `: ${came.error}`}</span>}
          {stops && <span className="sr-only">{t("trial.breakpointHere")}</span>}
          {errors > 0 && <span className="sr-only">{t("problems.button", { count: errors })}</span>}
        </span>
        {view.unknown ? <TriangleAlert aria-hidden className="size-4 shrink-0 text-danger" /> : errors > 0 && <CircleAlert aria-hidden className="size-4 shrink-0 text-warning" />}
      </button>
      <RowMenu label={t("outline.menu", { label: view.label })} actions={menu} />
    </li>
  );
}

function sublineOf(view: NodeView, graph: ViewGraph): string {
  if (view.kind === "note" || view.kind === "group") return "";
  const fed = graph.edges.filter((edge) => edge.source === view.id).map((edge) => graph.nodes.find((node) => node.id === edge.target)?.label);
  const targets = [...new Set(fed.filter(Boolean))].join(", ");
  return [view.headline ?? view.typeLabel, targets && `→ ${targets}`].filter(Boolean).join("  ");
}

/** From left to right as the graph is read, what a frame holds after it, notes last. */
function readingOrder(graph: ViewGraph): [NodeView, number][] {
  const rank = (view: NodeView) => (view.kind === "note" || view.kind === "group" ? 1 : 0);
  const sorted = graph.nodes.toSorted((a, b) => rank(a) - rank(b) || a.position.x - b.position.x || a.position.y - b.position.y);
  const below = (parent: string | undefined, depth: number): [NodeView, number][] =>
    depth > 8 ? [] : sorted.filter((view) => view.parentId === parent).flatMap((view): [NodeView, number][] => [[view, depth], ...(view.kind === "frame" ? below(view.id, depth + 1) : [])]);
  return below(undefined, 0);
}
