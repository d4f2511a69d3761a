// How a wire is drawn: a curve in the colour of what it carries, its label, and buttons while it is selected.
import { BaseEdge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from "@xyflow/react";
import { Plus, Trash2 } from "lucide-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "~/ui/button";
import { disconnect } from "../model/operations";
import { useEditor, useParts } from "./editor-context";

const WireEdge = memo(function WireEdge({ id, selected, data, style, markerEnd, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition }: EdgeProps) {
  const [path, labelX, labelY] = getBezierPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition });
  const label = typeof data?.["label"] === "string" ? data["label"] : undefined;
  return (
    <>
      <BaseEdge id={id} path={path} interactionWidth={24} {...(style ? { style } : {})} {...(markerEnd ? { markerEnd } : {})} />
      {(label || selected) && (
        <EdgeLabelRenderer>
          <div style={{ transform: `translate(-50%, -50%) translate(${labelX}px, ${labelY}px)` }} className="nodrag nopan pointer-events-auto absolute z-10 flex items-center gap-1">
            {label && <span className="rounded-full border border-line bg-surface px-2 py-0.5 text-xs text-muted shadow-sm">{label}</span>}
            {selected && <WireButtons id={id} />}
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
});

function WireButtons({ id }: { id: string }) {
  const { t } = useTranslation("canvas");
  const { editor, panels } = useParts();
  const readOnly = useEditor((state) => state.readOnly);
  if (readOnly) return null;
  return (
    <span className="flex rounded-md border border-line bg-surface shadow-md">
      <Button variant="ghost" size="icon-sm" aria-label={t("wire.insert")} onClick={() => panels.setState({ dialog: { name: "picker", for: { wire: id } } })}>
        <Plus aria-hidden />
      </Button>
      <Button variant="ghost" size="icon-sm" aria-label={t("wire.remove")} onClick={() => editor.edit("disconnect", (graph) => disconnect(graph, new Set([id])))}>
        <Trash2 aria-hidden />
      </Button>
    </span>
  );
}

export const EDGE_TYPES = { wire: WireEdge };
