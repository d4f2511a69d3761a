// The run that the canvas shows: the chat feeds it, or it was chosen from the list; node cards read it, each only its own node.
import { create } from "zustand";
import type { HumanAction } from "~/api/human-action";
import type { FlowEvent } from "~/api/sse";
import { type FlowRun, type NodeRun, resumedRun, settled, startedRun, withRunEvent } from "./node-runs";

/** A decision that a run waits for, and how it is given. */
export interface OpenDecision {
  action: HumanAction;
  decide: (approved: boolean, feedback: string) => void;
  /** It was given and is on its way. */
  busy?: boolean;
}

interface RunState {
  /** The chat's own run. */
  chat: FlowRun | undefined;
  chatAsks: OpenDecision | undefined;
  /** A run of the list, which hides the chat's. */
  shown: FlowRun | undefined;
  shownAsks: OpenDecision | undefined;
}

const EMPTY: RunState = { chat: undefined, chatAsks: undefined, shown: undefined, shownAsks: undefined };

const useRunStore = create<RunState>(() => EMPTY);

/** Told when the chat begins a run while another is shown. */
let whenTaken: (() => void) | undefined;

/** What node `nodeId` does in the run that is shown; undefined when it was not reached. */
export function useNodeRun(nodeId: string): NodeRun | undefined {
  return useRunStore((state) => (state.shown ?? state.chat)?.nodes.get(nodeId));
}

/** The run that is shown: one of the list, or the last of the chat. */
export function useFlowRun(): FlowRun | undefined {
  return useRunStore((state) => state.shown ?? state.chat);
}

/** What the run that is shown asks at node `nodeId`. */
export function useNodeDecision(nodeId: string): OpenDecision | undefined {
  return useRunStore((state) => {
    const open = state.shown ? state.shownAsks : state.chatAsks;
    return open?.action.nodeId === nodeId ? open : undefined;
  });
}

const chatRun = (change: (run: FlowRun) => FlowRun) => useRunStore.setState(({ chat }) => ({ chat: chat && change(chat) }));
const fed = (run: FlowRun, events: readonly FlowEvent[]) => events.reduce((current, event) => withRunEvent(current, event, Date.now()), run);

/** Tells the canvas what the chat hears, and which run of the list is looked at. */
export const runLayer = {
  /** A question was asked in `chatId`; with `goesOn` it is the answer to what the run before asked. */
  started: (flowId: string, chatId?: string, goesOn = false) => {
    useRunStore.setState(({ chat }) => ({ chat: goesOn && chat ? resumedRun(chat) : startedRun(flowId, chatId), shown: undefined, shownAsks: undefined }));
    whenTaken?.();
  },
  events: (events: readonly FlowEvent[]) => chatRun((run) => fed(run, events)),
  stopped: () => chatRun((run) => settled(run, "stopped", Date.now())),
  failed: () => chatRun((run) => settled(run, "failed", Date.now())),
  /** What the chat's run waits for. */
  asks: (decision: OpenDecision | undefined) => useRunStore.setState({ chatAsks: decision }),
  /** Nothing of the chat is shown at the nodes any more. */
  cleared: () => useRunStore.setState({ chat: undefined, chatAsks: undefined }),
  /** Shows `run` at the nodes instead of the chat's; `taken` is told when the chat begins another. */
  show: (run: FlowRun, asks: OpenDecision | undefined, taken: () => void) => {
    whenTaken = taken;
    useRunStore.setState({ shown: run, shownAsks: asks });
  },
  shownEvents: (events: readonly FlowEvent[]) => useRunStore.setState(({ shown }) => ({ shown: shown && fed(shown, events) })),
  hide: () => {
    whenTaken = undefined;
    useRunStore.setState({ shown: undefined, shownAsks: undefined });
  },
  /** The decision that the chat waits for in `chatId`, so that it is given in one place. */
  chatDecision: (chatId: string): OpenDecision | undefined => {
    const { chat, chatAsks } = useRunStore.getState();
    return chat?.chatId === chatId ? chatAsks : undefined;
  },
};
