// The run that the canvas shows: the chat feeds it, or it was chosen from the list; node cards read it, each only its own node.
import { useMemo } from "react";
import { create } from "zustand";
import type { HumanAction } from "~/api/human-action";
import type { FlowEvent } from "~/api/sse";
import { type FlowRun, type NodeRun, resumedRun, settled, startedRun, withRunEvent } from "./node-runs";
import { passesOf, roundsOf, turnOf, turnsInRound } from "./rounds";
import type { NodeTurn } from "./turns";

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
  /** Which turns are looked at, by node; the last one where none is. */
  rounds: ReadonlyMap<string, number>;
  /** The turn that was stepped to last. */
  stepped: { nodeId: string; visit: number } | undefined;
}

const NO_ROUNDS: Pick<RunState, "rounds" | "stepped"> = { rounds: new Map(), stepped: undefined };
const EMPTY: RunState = { chat: undefined, chatAsks: undefined, shown: undefined, shownAsks: undefined, ...NO_ROUNDS };

const useRunStore = create<RunState>(() => EMPTY);

const NO_RECORDS: readonly unknown[] = [];

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

/** How often the run that is shown passed a wire. */
export function useWirePasses(source: string, target: string, sourceHandle: string | null | undefined): number {
  return useRunStore((state) => passesOf((state.shown ?? state.chat)?.records ?? NO_RECORDS, { source, target, sourceHandle }));
}

export interface NodeRounds {
  count: number;
  /** The one that is looked at, from 1. */
  at: number;
  /** What the node did in it; undefined where the whole run is looked at, or the node itself only holds others. */
  turn: NodeTurn | undefined;
}

/** The rounds of node `nodeId` in the run that is shown. */
export function useNodeRounds(nodeId: string): NodeRounds {
  const records = useRunStore((state) => (state.shown ?? state.chat)?.records ?? NO_RECORDS);
  const chosen = useRunStore((state) => state.rounds.get(nodeId));
  return useMemo(() => {
    const count = roundsOf(records, nodeId);
    return { count, at: Math.min(chosen ?? count, count), turn: chosen === undefined ? undefined : turnOf(records, nodeId, chosen) };
  }, [records, chosen, nodeId]);
}

/** The turn that was stepped to at its node, so that its trace shows it too. */
export function useStepped(): RunState["stepped"] {
  return useRunStore((state) => state.stepped);
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
    useRunStore.setState(({ chat }) => ({ chat: goesOn && chat ? resumedRun(chat) : startedRun(flowId, chatId), shown: undefined, shownAsks: undefined, ...NO_ROUNDS }));
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
    useRunStore.setState(({ shown, rounds, stepped }) => ({ shown: run, shownAsks: asks, ...(shown?.executionId === run.executionId ? { rounds, stepped } : NO_ROUNDS) }));
  },
  shownEvents: (events: readonly FlowEvent[]) => useRunStore.setState(({ shown }) => ({ shown: shown && fed(shown, events) })),
  hide: () => {
    whenTaken = undefined;
    useRunStore.setState({ shown: undefined, shownAsks: undefined, ...NO_ROUNDS });
  },
  /** Looks at round `round` (from 1) of node `nodeId`; of an iteration, with all it holds. */
  step: (nodeId: string, round: number) =>
    useRunStore.setState(({ shown, chat, rounds }) => {
      const chosen = turnsInRound((shown ?? chat)?.records ?? NO_RECORDS, nodeId, round);
      return { rounds: new Map([...rounds, ...chosen]), stepped: { nodeId, visit: round } };
    }),
  /** The decision that the chat waits for in `chatId`, so that it is given in one place. */
  chatDecision: (chatId: string): OpenDecision | undefined => {
    const { chat, chatAsks } = useRunStore.getState();
    return chat?.chatId === chatId ? chatAsks : undefined;
  },
};
