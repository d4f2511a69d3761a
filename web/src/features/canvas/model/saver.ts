// Saves what is edited: to the draft soon after each change, in this browser at once, and never over somebody else's work.
import { createStore, type StoreApi } from "zustand/vanilla";
import { isApiError } from "~/api/errors";
import type { FlowDraft } from "~/api/flow-drafts";
import { asObject } from "~/lib/json";
import { commandBetween } from "./commands";
import { type FlowGraph, toFlowData } from "./flow-data";
import type { Editor } from "./store";

/** `saved` on the server; `waiting` for a pause in the typing; `offline` kept in this browser until the server is back. */
export type SaveStatus = "saved" | "waiting" | "saving" | "offline" | "conflict" | "refused";

export interface SaveState {
  status: SaveStatus;
  revision: number;
  /** There are changes that callers of the API do not get yet. */
  ahead: boolean;
  liveVersion: number | null;
  /** Somebody published since this draft was begun. */
  overtaken: boolean;
  /** Why the server refused, for a person. */
  reason: string | undefined;
  /** Who saved meanwhile. */
  rival: string | undefined;
}

export interface SaverDoors {
  /** Puts `flowData` on the server; `revision` is the one it builds on. Null from servers without drafts. */
  put: (flowData: string, revision: number) => Promise<Pick<FlowDraft, "revision" | "isDraft" | "liveVersion" | "baseVersion"> | null>;
  /** Keeps a copy in this browser, or removes it. */
  keep: (copy: { flowData: string; revision: number } | null) => void;
  /** Calls `act` after so many milliseconds; gives what stops it. */
  later: (act: () => void, milliseconds: number) => () => void;
}

export interface Saver extends StoreApi<SaveState> {
  /** Saves now what is not saved. True when the server has it all. */
  flush: () => Promise<boolean>;
  /** What the server has now is this draft (after loading, publishing, restoring). */
  settled: (draft: Pick<FlowDraft, "revision" | "isDraft" | "liveVersion" | "baseVersion">, graph: FlowGraph) => void;
  /** Ends a conflict: what is here wins over what the server has at `revision`. */
  overwrite: (revision: number) => Promise<boolean>;
  stop: () => void;
}

const PAUSE = 800;
const TRY_AGAIN = 3_000;

export function flowDataText(graph: FlowGraph): string {
  return JSON.stringify(toFlowData(graph));
}

export function createSaver(editor: Editor, doors: SaverDoors, draft: Pick<FlowDraft, "revision" | "isDraft" | "liveVersion" | "baseVersion"> | null): Saver {
  const store = createStore<SaveState>(() => ({ status: "saved", reason: undefined, rival: undefined, ...about(draft) }));
  let saved = editor.getState().graph;
  let cancel = () => {};
  let running: Promise<boolean> | null = null;
  // What was undone leaves an equal graph, though not the same object.
  const isSaved = () => commandBetween("", saved, editor.getState().graph) === null;

  const unsubscribe = editor.subscribe((state, before) => {
    if (state.graph === before.graph) return;
    if (isSaved()) {
      cancel();
      if (store.getState().status === "waiting") store.setState({ status: "saved" });
      return;
    }
    // A person decides about a conflict; until then nothing is sent.
    if (store.getState().status !== "conflict") store.setState({ status: store.getState().status === "offline" ? "offline" : "waiting" });
    cancel();
    cancel = doors.later(() => {
      doors.keep({ flowData: flowDataText(editor.getState().graph), revision: store.getState().revision });
      if (store.getState().status !== "conflict") void flush();
    }, PAUSE);
  });

  async function flush(): Promise<boolean> {
    cancel();
    // One save at a time: the next one goes with the revision that the last one brought.
    if (running) await running;
    if (isSaved()) return true;
    if (store.getState().status === "conflict") return false;
    running = send();
    try {
      return await running;
    } finally {
      running = null;
    }
  }

  async function send(): Promise<boolean> {
    const { graph } = editor.getState();
    const flowData = flowDataText(graph);
    store.setState({ status: "saving", reason: undefined });
    try {
      const answer = await doors.put(flowData, store.getState().revision);
      saved = graph;
      const isLatest = editor.getState().graph === graph;
      if (isLatest) doors.keep(null);
      store.setState({ status: isLatest ? "saved" : "waiting", rival: undefined, ...(answer ? about(answer) : {}) });
      return isLatest;
    } catch (error) {
      doors.keep({ flowData, revision: store.getState().revision });
      store.setState(failure(error));
      if (store.getState().status === "offline") cancel = doors.later(() => void flush(), TRY_AGAIN);
      return false;
    }
  }

  function settled(next: Pick<FlowDraft, "revision" | "isDraft" | "liveVersion" | "baseVersion">, graph: FlowGraph): void {
    saved = graph;
    const isLatest = editor.getState().graph === graph;
    if (isLatest) doors.keep(null);
    store.setState({ status: isLatest ? "saved" : "waiting", reason: undefined, rival: undefined, ...about(next) });
  }

  async function overwrite(revision: number): Promise<boolean> {
    store.setState({ status: "waiting", revision, rival: undefined });
    return flush();
  }

  function stop(): void {
    unsubscribe();
    cancel();
  }

  return Object.assign(store, { flush, settled, overwrite, stop });
}

function about(draft: Pick<FlowDraft, "revision" | "isDraft" | "liveVersion" | "baseVersion"> | null): Pick<SaveState, "revision" | "ahead" | "liveVersion" | "overtaken"> {
  return { revision: draft?.revision ?? 0, ahead: draft?.isDraft ?? false, liveVersion: draft?.liveVersion ?? null, overtaken: draft?.isDraft === true && draft.baseVersion !== draft.liveVersion };
}

function failure(error: unknown): Partial<SaveState> {
  if (!isApiError(error)) return { status: "refused", reason: error instanceof Error ? error.message : String(error) };
  if (error.status === 409) return { status: "conflict", rival: rivalIn(error.details) };
  if (error.kind === "http" && error.status !== 401 && error.status < 500 && error.status !== 429) return { status: "refused", reason: error.message };
  return { status: "offline" };
}

function rivalIn(details: unknown): string | undefined {
  const name = asObject(asObject(details)?.["updatedBy"])?.["name"];
  return typeof name === "string" ? name : undefined;
}
