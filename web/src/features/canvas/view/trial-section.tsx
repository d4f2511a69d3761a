// In a step's details: what it did in the run that is shown, its pinned output, its breakpoint, and running again from here.
import { useQuery } from "@tanstack/react-query";
import { Pencil, Pin, PinOff, RotateCcw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { executionQuery, outputOf, useFlowRun } from "~/features/run";
import { Button } from "~/ui/button";
import { SwitchField } from "~/ui/form";
import { isStart } from "../model/envelope";
import { hasBreakpoint, pinOf, setPin, toggleBreakpoints } from "../model/trial";
import type { NodeView } from "../model/view-graph";
import { useEditor, useParts } from "./editor-context";

/** How much of a pinned output is shown, in characters; all of it is in its dialog. */
const SHOWN = 400;

export function TrialSection({ view }: { view: NodeView }) {
  const { t } = useTranslation("canvas");
  const { editor, panels, flowId } = useParts();
  const readOnly = useEditor((state) => state.readOnly);
  const run = useFlowRun();
  const came = run?.nodes.get(view.id);
  const recorded = useQuery({ ...executionQuery(run?.executionId ?? "", "internal"), enabled: run?.executionId !== undefined && came !== undefined && came.status !== "running" });
  const output = outputOf(recorded.data?.executionData, view.id);
  const pin = pinOf(view.node);
  const edit = () => panels.setState({ dialog: { name: "pin", nodeId: view.id, output: pin ?? output } });
  return (
    <section aria-label={t("trial.title")} className="flex flex-col gap-3 border-t border-line py-4">
      <h3 className="text-sm font-semibold text-ink">{t("trial.title")}</h3>
      {came?.error && <p className="text-sm text-danger [overflow-wrap:anywhere]">{came.error}</p>}
      {!readOnly && came && came.status !== "running" && flowId && (
        <Button className="self-start" onClick={() => panels.setState({ dialog: { name: "rerun", nodeId: view.id } })}>
          <RotateCcw aria-hidden />
          {t("rerun.action")}
        </Button>
      )}
      {!isStart(view.node) && (
        <SwitchField label={t("trial.breakpoint")} hint={t("trial.breakpointHint")} checked={hasBreakpoint(view.node)} disabled={readOnly} onChange={() => editor.edit("breakpoint", (graph) => toggleBreakpoints(graph, [view.id]))} />
      )}
      {pin ? (
        <div className="flex flex-col gap-2">
          <p className="text-sm text-muted">{t("trial.pinnedBody")}</p>
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard */}
          <pre tabIndex={0} aria-label={t("trial.output")} className="max-h-40 overflow-auto rounded-md border border-line bg-sunken p-2 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]">{JSON.stringify(pin, null, 2).slice(0, SHOWN)}</pre>
          {!readOnly && (
            <div className="flex flex-wrap gap-2">
              <Button size="sm" onClick={edit}>
                <Pencil aria-hidden />
                {t("trial.edit")}
              </Button>
              <Button size="sm" onClick={() => editor.edit("unpin", (graph) => setPin(graph, view.id, undefined))}>
                <PinOff aria-hidden />
                {t("trial.unpin")}
              </Button>
            </div>
          )}
        </div>
      ) : (
        !readOnly && (
          <div className="flex flex-col gap-2">
            <p className="text-sm text-muted">{t("trial.pinLead")}</p>
            <div className="flex flex-wrap gap-2">
              {output && (
                <Button size="sm" onClick={() => editor.edit("pinOutput", (graph) => setPin(graph, view.id, output))}>
                  <Pin aria-hidden />
                  {t("trial.pinShown")}
                </Button>
              )}
              <Button size="sm" onClick={edit}>
                <Pencil aria-hidden />
                {t(output ? "trial.pinEdited" : "trial.pinByHand")}
              </Button>
            </div>
          </div>
        )
      )}
    </section>
  );
}
