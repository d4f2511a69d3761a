// The two small bars at the foot of the canvas: what to add and arrange, and how much is in view.
import { useReactFlow, useStore } from "@xyflow/react";
import { Frame, Grid3x3, Hand, Keyboard, Maximize, Minus, MousePointer2, Plus, Redo2, Search, Sparkles, StickyNote, Undo2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useEditor, usePanels, useParts } from "./editor-context";
import { Tool } from "./selection-bar";
import type { Actions } from "./use-actions";

const BAR = "flex items-center rounded-lg border border-line bg-surface p-0.5 shadow-md";

export function CanvasTools({ actions }: { actions: Actions }) {
  const { t } = useTranslation("canvas");
  const { panels } = useParts();
  const { snap, marquee } = usePanels((state) => state);
  const canUndo = useEditor((state) => state.past.length > 0);
  const canRedo = useEditor((state) => state.future.length > 0);
  return (
    <div role="toolbar" aria-label={t("tools.title")} className={`${BAR} mx-auto`}>
      <Tool label={t("tools.add")} onClick={() => actions.openPicker()}>
        <Plus aria-hidden />
      </Tool>
      <Tool label={t("tools.note")} onClick={() => actions.addNote(false)}>
        <StickyNote aria-hidden />
      </Tool>
      <Tool label={t("tools.frame")} onClick={() => actions.addNote(true)}>
        <Frame aria-hidden />
      </Tool>
      <span aria-hidden className="mx-0.5 h-5 w-px bg-line" />
      <Tool label={t("tools.undo")} disabled={!canUndo} onClick={actions.undo}>
        <Undo2 aria-hidden />
      </Tool>
      <Tool label={t("tools.redo")} disabled={!canRedo} onClick={actions.redo}>
        <Redo2 aria-hidden />
      </Tool>
      <span aria-hidden className="mx-0.5 h-5 w-px bg-line max-sm:hidden" />
      <span className="contents max-sm:hidden">
        <Tool label={t("tools.tidy")} onClick={() => void actions.tidyUp()}>
          <Sparkles aria-hidden />
        </Tool>
        <Tool label={t("tools.snap")} pressed={snap} onClick={() => panels.setState({ snap: !snap })}>
          <Grid3x3 aria-hidden />
        </Tool>
        <Tool label={t(marquee ? "tools.hand" : "tools.select")} pressed={marquee} onClick={() => panels.setState({ marquee: !marquee })}>
          {marquee ? <MousePointer2 aria-hidden /> : <Hand aria-hidden />}
        </Tool>
        <Tool label={t("tools.find")} onClick={() => panels.setState({ finding: true })}>
          <Search aria-hidden />
        </Tool>
        <Tool label={t("tools.shortcuts")} onClick={() => panels.setState({ dialog: { name: "shortcuts" } })}>
          <Keyboard aria-hidden />
        </Tool>
      </span>
    </div>
  );
}

export function ZoomTools({ fit }: { fit: { padding: number; maxZoom: number } }) {
  const { t } = useTranslation("canvas");
  const { zoomIn, zoomOut, zoomTo, fitView } = useReactFlow();
  const percent = useStore((state) => Math.round(state.transform[2] * 100));
  return (
    <div className={BAR}>
      <Tool label={t("zoomOut")} onClick={() => void zoomOut({ duration: 120 })}>
        <Minus aria-hidden />
      </Tool>
      <button type="button" aria-label={t("zoomReset", { percent })} onClick={() => void zoomTo(1, { duration: 120 })} className="h-8 w-12 rounded-md text-xs text-muted tabular-nums hover:bg-hover max-sm:hidden">
        {percent} %
      </button>
      <Tool label={t("zoomIn")} onClick={() => void zoomIn({ duration: 120 })}>
        <Plus aria-hidden />
      </Tool>
      <Tool label={t("fit")} onClick={() => void fitView({ ...fit, duration: 180 })}>
        <Maximize aria-hidden />
      </Tool>
    </div>
  );
}
