// How a wire is drawn: a curve in the colour of what it carries, its label, and buttons while it is selected.
import { BaseEdge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from "@xyflow/react";
import { Plus, Trash2 } from "lucide-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { useWirePasses } from "~/features/run";
import { Button } from "~/ui/button";
import { disconnect } from "../model/operations";
import { useEditor, useParts } from "./editor-context";

/** A wire that the run went over. */
const PASSED = { stroke: "var(--success)", strokeWidth: 3.5, strokeOpacity: 1 };

const WireEdge = memo(function WireEdge({ id, selected, data, style, markerEnd, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, source, target, sourceHandleId }: EdgeProps) {
  const { t } = useTranslation("canvas");
  const passes = useWirePasses(source, target, sourceHandleId);
  const [path, labelX, labelY] = getBezierPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition });
  const label = typeof data?.["label"] === "string" ? data["label"] : undefined;
  return (
    <>
      <BaseEdge id={id} path={path} interactionWidth={24} style={passes > 0 ? { ...style, ...PASSED } : style} {...(markerEnd ? { markerEnd } : {})} />
      {(label || selected || passes > 1) && (
        <EdgeLabelRenderer>
          <div style={{ transform: `translate(-50%, -50%) translate(${labelX}px, ${labelY}px)` }} className="nodrag nopan pointer-events-auto absolute z-10 flex items-center gap-1">
            {label && <span className="rounded-full border border-line bg-surface px-2 py-0.5 text-xs text-muted shadow-sm">{label}</span>}
            {passes > 1 && (
              <span data-passes={passes} title={t("wire.passed", { count: passes })} className="rounded-full border border-success bg-surface px-1.5 text-xs font-medium text-success tabular-nums">
                <span aria-hidden>{t("run.times", { times: passes })}</span>
                <span className="sr-only">{t("wire.passed", { count: passes })}</span>
              </span>
            )}
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
