// What is wrong with the flow: live from here, and from the server on demand; each with a way there and, where known, a remedy.
import { CircleAlert, CircleCheck, Info, ListChecks, TriangleAlert } from "lucide-react";
import { Popover } from "radix-ui";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { validateFlow } from "~/api/flow-drafts";
import { cx } from "~/lib/cx";
import { Button } from "~/ui/button";
import { useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { disconnect, removeNodes } from "../model/operations";
import { flowDataText } from "../model/saver";
import { updateNode } from "../model/update-node";
import { type Problem, serverProblems } from "../model/validate";
import { byName } from "../model/view-graph";
import { nameOf } from "../model/node-data";
import { useEditor, useGraph, useParts } from "./editor-context";
import { fieldOf, useProblemText } from "./problem-text";
import type { Actions } from "./use-actions";

const SEVERITY = {
  error: { icon: CircleAlert, tone: "text-danger" },
  warning: { icon: TriangleAlert, tone: "text-warning" },
  info: { icon: Info, tone: "text-primary-ink" },
};
const ORDER = { error: 0, warning: 1, info: 2 };

export function Checklist({ actions }: { actions: Actions }) {
  const { t } = useTranslation("canvas");
  const { problems } = useGraph();
  const [open, setOpen] = useState(false);
  const errors = problems.filter((problem) => problem.severity === "error").length;
  const rest = problems.length - errors;
  const Worst = errors > 0 ? CircleAlert : rest > 0 ? TriangleAlert : CircleCheck;
  const label = problems.length === 0 ? t("problems.none") : t("problems.button", { count: problems.length });
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <Button variant="ghost" title={label}>
          <Worst aria-hidden className={errors > 0 ? "text-danger!" : rest > 0 ? "text-warning!" : "text-success!"} />
          <span className="max-lg:sr-only">{label}</span>
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content align="end" sideOffset={6} collisionPadding={8} aria-label={t("problems.title")} className="z-50 flex max-h-[70dvh] w-[min(26rem,calc(100vw-1rem))] animate-pop-in flex-col rounded-lg border border-line bg-overlay shadow-lg outline-none">
          <List actions={actions} close={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function List({ actions, close }: { actions: Actions; close: () => void }) {
  const { t } = useTranslation("canvas");
  const { editor, panels } = useParts();
  const { problems } = useGraph();
  const text = useProblemText();
  const errorText = useErrorText();
  const [checking, setChecking] = useState(false);
  const sorted = problems.toSorted((a, b) => ORDER[a.severity] - ORDER[b.severity]);
  const go = (problem: Problem) => {
    if (!problem.nodeId) return;
    close();
    actions.reveal(problem.nodeId, fieldOf(problem));
  };
  const check = async () => {
    setChecking(true);
    const { graph } = editor.getState();
    try {
      const answer = await validateFlow(flowDataText(graph));
      const found = serverProblems(answer, graph);
      panels.setState({ server: found });
      if (answer === null) toast.info(t("problems.noServerCheck"));
      else if (found.length === 0) toast.success(t("problems.serverFine"));
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      setChecking(false);
    }
  };
  return (
    <>
      <div className="flex items-center justify-between gap-3 border-b border-line px-4 py-2.5">
        <h2 className="text-sm font-semibold">{t("problems.title")}</h2>
        <Button size="sm" busy={checking} onClick={() => void check()}>
          {!checking && <ListChecks aria-hidden />}
          {t("problems.checkServer")}
        </Button>
      </div>
      {sorted.length === 0 ? (
        <p className="px-4 py-6 text-center text-sm text-muted">{t("problems.none")}</p>
      ) : (
        <ul aria-label={t("problems.title")} className="min-h-0 overflow-y-auto p-1.5">
          {sorted.map((problem, index) => {
            const { icon: Icon, tone } = SEVERITY[problem.severity];
            return (
              // oxlint-disable-next-line react/no-array-index-key -- the list is made anew as a whole
              <li key={index} className="flex items-start gap-1 rounded-md hover:bg-hover">
                <button type="button" disabled={!problem.nodeId} onClick={() => go(problem)} className="flex min-w-0 flex-1 items-start gap-2.5 rounded-md px-2.5 py-2 text-start text-sm text-ink">
                  <Icon aria-hidden className={cx("mt-0.5 size-4 shrink-0", tone)} />
                  <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">{text(problem)}</span>
                </button>
                <Remedy problem={problem} actions={actions} close={close} />
              </li>
            );
          })}
        </ul>
      )}
    </>
  );
}

/** One thing that mends the problem, where there is one. */
function Remedy({ problem, actions, close }: { problem: Problem; actions: Actions; close: () => void }) {
  const { t } = useTranslation("canvas");
  const { editor, catalog } = useParts();
  const graph = useEditor((state) => state.graph);
  const readOnly = useEditor((state) => state.readOnly);
  if (readOnly) return null;
  const button = (label: string, run: () => void) => (
    <Button size="sm" variant="ghost" className="m-1 text-primary-ink!" onClick={run}>
      {label}
    </Button>
  );
  switch (problem.code) {
    case "missingInput":
      return button(t("fix.add"), () => {
        close();
        actions.openPicker({ end: { nodeId: problem.nodeId ?? "", handle: problem.port, side: "target" } });
      });
    case "edgeWithoutNode":
      return button(t("fix.removeWire"), () => editor.edit("disconnect", (before) => disconnect(before, new Set([problem.wire]))));
    case "unconnected":
      return button(t("fix.delete"), () => editor.edit("delete", (before) => removeNodes(before, [problem.nodeId ?? ""])));
    case "noStart": {
      const start = catalog && byName(catalog).get("startAgentflow");
      return start ? button(t("fix.addStart"), () => actions.add(start)) : null;
    }
    case "outdated": {
      const node = graph.nodes.find((one) => one.id === problem.nodeId);
      const entry = node && catalog && byName(catalog).get(nameOf(node));
      return entry && problem.nodeId ? button(t("fix.update"), () => editor.edit("update", (before) => updateNode(before, problem.nodeId ?? "", entry))) : null;
    }
    default:
      return null;
  }
}
