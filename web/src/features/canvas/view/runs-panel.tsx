// The runs under the canvas: whether they are open stands in the address, so that a run can be linked to.
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useReactFlow, useStore } from "@xyflow/react";
import { useCallback, useEffect } from "react";
import { may, useSession } from "~/api/session";
import type { CanvasSearch } from "~/app/router";
import { CanvasRuns } from "~/features/run";
import { indexOf } from "../model/graph-index";
import { setPin } from "../model/trial";
import { useEditor, useParts } from "./editor-context";
import type { Actions } from "./use-actions";

const LIST = "list";

/** Whether the runs are open, and opening them. */
export function useRunsPanel() {
  const { flowId } = useParts();
  const navigate = useNavigate();
  const mayLook = useSession((state) => may(state.user, "executions:view"));
  const { run, compare } = useSearch({ strict: false }) as CanvasSearch;
  const offered = flowId !== undefined && mayLook;
  const go = useCallback(
    (to: { run: string | undefined; compare?: string | undefined }) => void navigate({ to: ".", search: (before: CanvasSearch) => ({ ...before, compare: undefined, ...to }), replace: true } as never),
    [navigate],
  );
  return { offered, run: offered ? run : undefined, compare, go, toggle: () => offered && go({ run: run === undefined ? LIST : undefined }) };
}

export function RunsPanel({ actions }: { actions: Actions }) {
  const { flowId, panels, editor, kind } = useParts();
  const { run, compare, go } = useRunsPanel();
  const readOnly = useEditor((state) => state.readOnly);
  const { fitView } = useReactFlow();
  const open = run !== undefined;
  const height = useStore((state) => state.height);
  // With less room for the graph, what was in view is brought back, unless a node is looked at.
  useEffect(() => {
    if (open && height > 0 && editor.getState().selection.size === 0) void fitView({ padding: 0.12, maxZoom: 1 });
  }, [open, height, editor, fitView]);
  const hasNode = useCallback((id: string) => indexOf(editor.getState().graph).nodes.has(id), [editor]);
  if (run === undefined || !flowId) return null;
  return (
    <CanvasRuns
      flowId={flowId}
      kind={kind === "agent" ? "agent" : "chat"}
      run={run}
      compare={compare}
      onGo={go}
      hasNode={hasNode}
      onReveal={actions.show}
      onRerun={readOnly ? undefined : (nodeId, visit) => panels.setState({ dialog: { name: "rerun", nodeId, visit } })}
      onPin={readOnly ? undefined : (nodeId, output) => editor.edit("pinOutput", (graph) => setPin(graph, nodeId, output))}
    />
  );
}
