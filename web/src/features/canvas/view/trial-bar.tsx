// Over the canvas: how many outputs are pinned and where runs stop, so that nobody wonders why a run does not run.
import { OctagonPause, Pin } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "~/ui/button";
import { trialMarks, withoutMarks } from "../model/trial";
import { useEditor, useParts } from "./editor-context";

export function TrialBar() {
  const { t } = useTranslation("canvas");
  const { editor } = useParts();
  const graph = useEditor((state) => state.graph);
  const readOnly = useEditor((state) => state.readOnly);
  const { pins, breakpoints } = trialMarks(graph);
  if (pins + breakpoints === 0) return null;
  return (
    <div role="status" title={t("trial.onlyHere")} className="flex items-center gap-2.5 rounded-lg border border-line bg-surface py-1 ps-3 pe-1 text-xs text-muted shadow-md">
      {pins > 0 && (
        <span className="flex items-center gap-1.5">
          <Pin aria-hidden className="size-3.5 text-primary-ink" />
          {t("trial.pins", { count: pins })}
        </span>
      )}
      {breakpoints > 0 && (
        <span className="flex items-center gap-1.5">
          <OctagonPause aria-hidden className="size-3.5 text-danger" />
          {t("trial.breakpoints", { count: breakpoints })}
        </span>
      )}
      {!readOnly && (
        <Button variant="ghost" size="sm" onClick={() => editor.edit("clearMarks", withoutMarks)}>
          {t("trial.clear")}
        </Button>
      )}
    </div>
  );
}
