// How nodes are drawn: a small card, a sticky note, a frame that holds nodes, a frame around others.
import { type Node, type NodeProps, NodeResizer } from "@xyflow/react";
import { CircleAlert, Copy, CircleArrowUp, Plus, Spline, SquareArrowOutUpRight, Trash2, TriangleAlert } from "lucide-react";
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type NodeRun, useNodeRun } from "~/features/run";
import { cx } from "~/lib/cx";
import { Button } from "~/ui/button";
import { IconTile } from "~/ui/icon-tile";
import { categoryOf, isErrorPort, noteTextOf, parentOf } from "../model/node-data";
import { copyText, fragmentIn, pasted } from "../model/clipboard";
import { addNodes, moveNodes, removeNodes, resizeNode, setInputs, takenOut } from "../model/operations";
import { CARD_WIDTH, type NodeView, type PortView } from "../model/view-graph";
import { useEditor, useParts } from "./editor-context";
import { NodeRunFoot, RerunTool, TrialMarks } from "./node-run";
import { PinnedFields } from "./pinned-fields";
import { PortHandle } from "./port-handle";
import { usePortName } from "./use-port-name";

export type CanvasNode = Node<{ view: NodeView }, NodeView["kind"]>;

declare global {
  /** Set by a test that counts how often each card is drawn. */
  var flowstoneDrawn: Map<string, number> | undefined;
}

/** React Flow hands on place and size as well, at every move and once more when a card was measured; nothing here draws them. */
const sameLook = (before: NodeProps<CanvasNode>, after: NodeProps<CanvasNode>) => before.data === after.data && before.selected === after.selected;

const CARD = "group relative rounded-lg border bg-surface shadow-md transition-[border-color,box-shadow] duration-120";
const SELECTED = "border-primary ring-2 ring-primary/35";

const NodeCard = memo(function NodeCard({ data: { view }, selected }: NodeProps<CanvasNode>) {
  globalThis.flowstoneDrawn?.set(view.id, (globalThis.flowstoneDrawn.get(view.id) ?? 0) + 1);
  const run = useNodeRun(view.id);
  const [near, setNear] = useState(false);
  const bad = view.unknown || run?.status === "failed";
  return (
    <div
      style={{ width: CARD_WIDTH }}
      data-run={run?.status}
      className={cx(CARD, "node-card", selected ? SELECTED : bad ? "border-danger" : "border-line hover:border-line-strong dark:border-line-strong dark:hover:border-control")}
      onPointerEnter={(event) => event.buttons === 0 && setNear(true)}
      onPointerLeave={() => setNear(false)}
    >
      <TrialMarks view={view} />
      <CardTools view={view} run={run} near={near} selected={selected ?? false} />
      <div className="card-face relative">
        <CardHeader view={view} />
        <PinnedFields view={view} reachable={selected ?? false} />
        <Ports view={view} />
      </div>
      <NodeRunFoot view={view} run={run} />
    </div>
  );
}, sameLook);

/** Its box keeps its height when the card is seen from afar and the name fills it: see canvas.css. */
function CardHeader({ view }: { view: NodeView }) {
  const { t } = useTranslation("canvas");
  const type = view.unknown ? t("node.unknown") : view.typeLabel;
  // What the label says already is not said twice.
  const subline = [type === view.label ? undefined : type, view.headline].filter(Boolean).join(" · ") || categoryOf(view.node);
  const errors = view.problems.filter((problem) => problem.severity === "error").length;
  return (
    <div className="h-15">
      <div className="card-head flex h-full items-center gap-2.5 px-3">
        <IconTile look={view.look} icon={view.icon} />
        <div className="min-w-0 flex-1">
          <p className="card-title truncate text-base font-semibold text-ink">{view.label}</p>
          <p className={cx("card-more truncate text-xs", view.unknown ? "text-danger" : "text-muted")}>{subline}</p>
        </div>
        {view.unknown ? <TriangleAlert aria-hidden className="size-4 shrink-0 text-danger" /> : errors > 0 && <CircleAlert aria-hidden className="size-4 shrink-0 text-warning" />}
        {view.newerVersion !== undefined && <CircleArrowUp aria-hidden className="card-more size-4 shrink-0 text-primary-ink" />}
      </div>
    </div>
  );
}

/** Over the card while the pointer is on it, or while it alone is selected: several have a bar of their own. */
function CardTools({ near, selected, ...card }: { view: NodeView; run: NodeRun | undefined; near: boolean; selected: boolean }) {
  const isAlone = useEditor((state) => selected && state.selection.size === 1);
  return near || isAlone ? <CardToolBar {...card} /> : null;
}

function CardToolBar({ view, run }: { view: NodeView; run: NodeRun | undefined }) {
  const { t } = useTranslation("canvas");
  const { editor, panels, kind } = useParts();
  const readOnly = useEditor((state) => state.readOnly);
  if (readOnly) return null;
  const duplicate = () => {
    const { graph } = editor.getState();
    const fragment = fragmentIn(copyText(graph, new Set([view.id])));
    if (!fragment) return;
    const result = pasted(graph, fragment, { x: view.position.x + 40, y: view.position.y + 40 }, kind === "agent");
    editor.edit("duplicate", (before) => addNodes(before, result.nodes, result.edges));
    editor.select(result.nodes.map((node) => node.id));
  };
  return (
    <div className="nodrag absolute -top-10 end-0 z-10 flex pb-2">
      <div className="flex rounded-md border border-line bg-surface shadow-md">
        <RerunTool view={view} run={run} />
        {(view.outputs.length > 0 || view.inputs.length > 0) && (
          <Button variant="ghost" size="icon-sm" tabIndex={-1} title={t("node.connect")} aria-label={t("node.connectOf", { label: view.label })} onClick={() => panels.setState({ dialog: { name: "connect", nodeId: view.id } })}>
            <Spline aria-hidden />
          </Button>
        )}
        {view.parentId && (
          <Button variant="ghost" size="icon-sm" tabIndex={-1} title={t("node.takeOut")} aria-label={t("node.takeOutOf", { label: view.label })} onClick={() => editor.edit("outOfFrame", (graph) => takenOut(graph, view.id))}>
            <SquareArrowOutUpRight aria-hidden />
          </Button>
        )}
        <Button variant="ghost" size="icon-sm" tabIndex={-1} title={t("node.duplicate")} aria-label={t("node.duplicateOf", { label: view.label })} onClick={duplicate}>
          <Copy aria-hidden />
        </Button>
        <Button variant="ghost" size="icon-sm" tabIndex={-1} title={t("node.delete")} aria-label={t("node.deleteOf", { label: view.label })} onClick={() => editor.edit("delete", (graph) => removeNodes(graph, [view.id], true))}>
          <Trash2 aria-hidden />
        </Button>
      </div>
    </div>
  );
}

/** Inputs at the start, outputs at the end, side by side in rows. */
function Ports({ view }: { view: NodeView }) {
  const nameOfPort = usePortName();
  const { inputs, outputs } = view;
  // The one port of an agentflow step sits at the card's edge and needs no row; so does its only way out.
  const edgeInput = inputs.find((port) => port.label === "");
  const isStep = view.node.type === "agentFlow";
  const ways = outputs.filter((port) => !isErrorPort(port));
  const edgeOutput = isStep && ways.length === 1 ? ways[0] : undefined;
  const rowInputs = inputs.filter((port) => port !== edgeInput);
  const rowOutputs = outputs.filter((port) => port !== edgeOutput);
  const rows = Array.from({ length: Math.max(rowInputs.length, rowOutputs.length) }, (_, index) => index);
  return (
    <>
      {edgeInput && <PortHandle nodeId={view.id} port={edgeInput} type="target" step className="top-[27px]!" />}
      {edgeOutput && <PortHandle nodeId={view.id} port={edgeOutput} type="source" step className="top-[27px]!" />}
      {rows.length > 0 && (
        <div className="card-rows border-t border-line py-1.5">
          {rows.map((row) => (
            <div key={row} className="relative flex h-6 items-center justify-between gap-3 px-3 text-xs text-muted">
              <PortLabel nodeId={view.id} port={rowInputs[row]} type="target" shared={rowOutputs[row] !== undefined} />
              <PortLabel nodeId={view.id} port={rowOutputs[row]} type="source" shared={rowInputs[row] !== undefined} step={isStep} text={isStep && rowOutputs[row] ? nameOfPort(view.node, rowOutputs[row], "source") : undefined} />
            </div>
          ))}
        </div>
      )}
    </>
  );
}

/** `shared`: the row has a port on its other side too; then the input's name has the larger right to room. */
function PortLabel({ nodeId, port, type, shared, step = false, text }: { nodeId: string; port: PortView | undefined; type: "source" | "target"; shared: boolean; step?: boolean; text?: string | undefined }) {
  if (!port) return <span />;
  return (
    <span title={text} className={cx("truncate", type === "source" ? "min-w-0 text-end" : shared ? "max-w-3/5 shrink-0" : "min-w-0")}>
      {text ?? port.label}
      {type === "target" && !port.optional && (
        <span aria-hidden className="text-danger">
          {" "}
          *
        </span>
      )}
      <PortHandle nodeId={nodeId} port={port} type={type} step={step} />
    </span>
  );
}

const NoteCard = memo(function NoteCard({ data: { view }, selected }: NodeProps<CanvasNode>) {
  return (
    <div style={{ width: Math.min(view.width ?? 240, 480) }} className={cx("rounded-lg border bg-note p-3 text-sm text-note-ink shadow-sm", selected ? SELECTED : "border-note-line")}>
      <NoteText view={view} className="min-h-10 whitespace-pre-wrap [overflow-wrap:anywhere]" />
    </div>
  );
}, sameLook);

/** A note's words; a double click makes them a field. */
function NoteText({ view, className, single = false }: { view: NodeView; className?: string; single?: boolean }) {
  const { t } = useTranslation("canvas");
  const { editor } = useParts();
  const readOnly = useEditor((state) => state.readOnly);
  const [editing, setEditing] = useState(false);
  const text = noteTextOf(view.node);
  const label = t(view.kind === "group" ? "frame.title" : "note.title");
  if (!editing) {
    return (
      // oxlint-disable-next-line jsx-a11y/no-static-element-interactions, jsx-a11y/click-events-have-key-events -- by keyboard the text is edited in the inspector
      <div className={className} onDoubleClick={() => !readOnly && setEditing(true)}>
        {text || t("node.emptyNote")}
      </div>
    );
  }
  return (
    <textarea
      ref={(element) => element?.focus()}
      aria-label={label}
      value={text}
      rows={single ? 1 : Math.max(3, text.split("\n").length)}
      onChange={(event) => editor.edit("write", (graph) => setInputs(graph, view.id, { note: event.target.value }), `${view.id}.note`)}
      onBlur={() => setEditing(false)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Escape") setEditing(false);
      }}
      className="nodrag w-full resize-none rounded-sm bg-transparent text-note-ink"
    />
  );
}

/** An iteration: it holds nodes of its own. */
const FrameCard = memo(function FrameCard({ data: { view }, selected }: NodeProps<CanvasNode>) {
  const run = useNodeRun(view.id);
  const [near, setNear] = useState(false);
  return (
    <div
      style={{ width: view.width ?? 400, height: view.height ?? 250 }}
      className={cx("group relative rounded-xl border-2 bg-sunken/60", selected ? SELECTED : "border-dashed border-line-strong dark:border-control")}
      onPointerEnter={(event) => event.buttons === 0 && setNear(true)}
      onPointerLeave={() => setNear(false)}
    >
      <Resizer view={view} selected={selected ?? false} min={240} />
      <TrialMarks view={view} />
      <CardTools view={view} run={run} near={near} selected={selected ?? false} />
      <div className="frame-grip relative">
        <CardHeader view={view} />
        {view.inputs.map((port) => (
          <PortHandle key={port.id} nodeId={view.id} port={port} type="target" step />
        ))}
        {view.outputs.map((port) => (
          <PortHandle key={port.id} nodeId={view.id} port={port} type="source" step {...(isErrorPort(port) ? { className: "top-[calc(100%-1.25rem)]!" } : {})} />
        ))}
      </div>
      <EmptyFrame view={view} />
      {/* Below its border: inside, what it holds would lie over it. */}
      <div className="absolute start-0 top-full z-10 mt-1 min-w-44 overflow-hidden rounded-lg border border-line bg-surface shadow-sm empty:hidden">
        <NodeRunFoot view={view} run={run} />
      </div>
    </div>
  );
}, sameLook);

/** In an iteration that holds nothing yet: what belongs there, and the way to add it. */
function EmptyFrame({ view }: { view: NodeView }) {
  const { t } = useTranslation("canvas");
  const { panels } = useParts();
  const isEmpty = useEditor((state) => !state.readOnly && !state.graph.nodes.some((node) => parentOf(node) === view.id));
  if (!isEmpty) return null;
  const add = () => panels.setState({ dialog: { name: "picker", for: { at: { x: view.position.x + 32, y: view.position.y + 80 } } } });
  return (
    <div className="card-more absolute inset-x-0 top-16 bottom-4 flex flex-col items-center justify-center gap-2 px-6 text-center text-sm text-muted">
      <p>{t("node.emptyFrame")}</p>
      <Button size="sm" className="nodrag" onClick={add}>
        <Plus aria-hidden />
        {t("node.addInside")}
      </Button>
    </div>
  );
}

/** A box drawn around nodes, with a title; it moves what lies in it. */
const GroupCard = memo(function GroupCard({ data: { view }, selected }: NodeProps<CanvasNode>) {
  return (
    <div style={{ width: view.width ?? 520, height: view.height ?? 320 }} className={cx("rounded-xl border-2 bg-note/40", selected ? SELECTED : "border-note-line")}>
      <Resizer view={view} selected={selected ?? false} min={160} />
      <div className="frame-grip card-title rounded-t-xl px-4 py-2.5 text-base font-semibold text-note-ink">
        <NoteText view={view} single />
      </div>
    </div>
  );
}, sameLook);

function Resizer({ view, selected, min }: { view: NodeView; selected: boolean; min: number }) {
  const { editor } = useParts();
  const readOnly = useEditor((state) => state.readOnly);
  if (!selected || readOnly) return null;
  return <NodeResizer minWidth={min} minHeight={min / 2} color="var(--primary)" onResize={(_, size) => editor.edit("resize", (graph) => moveNodes(resizeNode(graph, view.id, size), new Map([[view.id, size]])), `${view.id}.size`)} />;
}

export const NODE_TYPES = { node: NodeCard, note: NoteCard, frame: FrameCard, group: GroupCard };
