// How nodes are drawn: a small card, a sticky note, a frame.
import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { TriangleAlert } from "lucide-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { hueColor } from "~/design/categories";
import { cx } from "~/lib/cx";
import { IconTile } from "~/ui/icon-tile";
import { categoryOf, noteTextOf } from "../model/node-data";
import { CARD_WIDTH, type NodeView, type PortView } from "../model/view-graph";

export type CanvasNode = Node<{ view: NodeView }, NodeView["kind"]>;

const CARD = "rounded-lg border bg-surface shadow-md transition-[border-color,box-shadow] duration-120";
const SELECTED = "border-primary ring-2 ring-primary/35";

const NodeCard = memo(function NodeCard({ data: { view }, selected }: NodeProps<CanvasNode>) {
  return (
    <div style={{ width: CARD_WIDTH }} className={cx(CARD, selected ? SELECTED : view.unknown ? "border-danger" : "border-line hover:border-line-strong")}>
      <CardHeader view={view} />
      <Ports view={view} />
    </div>
  );
});

function CardHeader({ view }: { view: NodeView }) {
  const { t } = useTranslation("canvas");
  const type = view.unknown ? t("node.unknown") : view.typeLabel;
  // What the label says already is not said twice.
  const subline = [type === view.label ? undefined : type, view.headline].filter(Boolean).join(" · ") || categoryOf(view.node);
  return (
    <div className="flex items-center gap-2.5 p-3">
      <IconTile look={view.look} icon={view.icon} />
      <div className="min-w-0 flex-1">
        <p className="truncate text-base font-semibold text-ink">{view.label}</p>
        <p className={cx("truncate text-xs", view.unknown ? "text-danger" : "text-muted")}>{subline}</p>
      </div>
      {view.unknown && <TriangleAlert aria-hidden className="size-4 shrink-0 text-danger" />}
    </div>
  );
}

/** Inputs at the start, outputs at the end, side by side in rows. */
function Ports({ view }: { view: NodeView }) {
  const { inputs, outputs } = view;
  // The one port of an agentflow step sits at the card's edge and needs no row.
  const edgeInput = inputs.find((port) => port.label === "");
  const rows = Array.from({ length: Math.max(inputs.length - (edgeInput ? 1 : 0), outputs.length) }, (_, index) => index);
  const rowInputs = inputs.filter((port) => port !== edgeInput);
  return (
    <>
      {edgeInput && <PortHandle port={edgeInput} type="target" className="top-8!" />}
      {rows.length > 0 && (
        <div className="border-t border-line py-1.5">
          {rows.map((row) => (
            <div key={row} className="relative flex h-6 items-center justify-between gap-3 px-3 text-xs text-muted">
              <PortLabel port={rowInputs[row]} type="target" shared={outputs[row] !== undefined} />
              <PortLabel port={outputs[row]} type="source" shared={rowInputs[row] !== undefined} />
            </div>
          ))}
        </div>
      )}
    </>
  );
}

/** `shared`: the row has a port on its other side too; then the input's name has the larger right to room. */
function PortLabel({ port, type, shared }: { port: PortView | undefined; type: "source" | "target"; shared: boolean }) {
  if (!port) return <span />;
  return (
    <span className={cx("truncate", type === "source" ? "min-w-0 text-end" : shared ? "max-w-3/5 shrink-0" : "min-w-0")}>
      {port.label}
      {type === "target" && !port.optional && (
        <span aria-hidden className="text-danger">
          {" "}
          *
        </span>
      )}
      <PortHandle port={port} type={type} />
    </span>
  );
}

function PortHandle({ port, type, className }: { port: PortView; type: "source" | "target"; className?: string }) {
  return (
    <Handle
      id={port.id}
      type={type}
      position={type === "source" ? Position.Right : Position.Left}
      isConnectable={false}
      title={port.types.join(" | ") || undefined}
      data-list={port.list}
      data-connected={port.connected}
      data-wanting={type === "target" && !port.optional && !port.connected}
      style={{ "--port": hueColor(port.hue) } as React.CSSProperties}
      className={cx("port", className)}
    />
  );
}

const NoteCard = memo(function NoteCard({ data: { view }, selected }: NodeProps<CanvasNode>) {
  const { t } = useTranslation("canvas");
  const text = noteTextOf(view.node);
  return (
    <div
      style={{ width: Math.min(view.width ?? 260, 480) }}
      className={cx("rounded-lg border bg-note p-3 text-sm whitespace-pre-wrap text-note-ink shadow-sm [overflow-wrap:anywhere]", selected ? SELECTED : "border-note-line")}
    >
      {text || t("node.emptyNote")}
    </div>
  );
});

const FrameCard = memo(function FrameCard({ data: { view }, selected }: NodeProps<CanvasNode>) {
  return (
    <div
      style={{ width: view.width ?? 400, height: view.height ?? 250 }}
      className={cx("rounded-xl border-2 border-dashed bg-sunken/60", selected ? SELECTED : "border-line-strong")}
    >
      <div className="relative">
        <CardHeader view={view} />
        {view.inputs.map((port) => (
          <PortHandle key={port.id} port={port} type="target" />
        ))}
        {view.outputs.map((port) => (
          <PortHandle key={port.id} port={port} type="source" />
        ))}
      </div>
    </div>
  );
});

export const NODE_TYPES = { node: NodeCard, note: NoteCard, frame: FrameCard };
