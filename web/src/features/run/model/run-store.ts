// The run that the canvas shows: the chat feeds it, node cards read it, each only its own node.
import { create } from "zustand";
import type { FlowEvent } from "~/api/sse";
import { type FlowRun, type NodeRun, settled, startedRun, withRunEvent } from "./node-runs";

interface RunState {
  run: FlowRun | undefined;
}

const useRunStore = create<RunState>(() => ({ run: undefined }));

/** What node `nodeId` does in the last run of the flow that is open; undefined when it was not reached. */
export function useNodeRun(nodeId: string): NodeRun | undefined {
  return useRunStore((state) => state.run?.nodes.get(nodeId));
}

/** The last run of the flow that is open. */
export function useFlowRun(): FlowRun | undefined {
  return useRunStore((state) => state.run);
}

/** Tells the canvas what the chat hears. */
export const runLayer = {
  started: (flowId: string) => useRunStore.setState({ run: startedRun(flowId) }),
  events: (events: readonly FlowEvent[]) =>
    useRunStore.setState(({ run }) => ({ run: run && events.reduce((current, event) => withRunEvent(current, event, Date.now()), run) })),
  stopped: () => useRunStore.setState(({ run }) => ({ run: run && settled(run, "stopped", Date.now()) })),
  failed: () => useRunStore.setState(({ run }) => ({ run: run && settled(run, "failed", Date.now()) })),
  /** Nothing is shown at the nodes any more. */
  cleared: () => useRunStore.setState({ run: undefined }),
};
