// Saves what is edited: to the draft soon after each change, in this browser at once, and never over somebody else's work.
import { createStore, type StoreApi } from "zustand/vanilla";
import { isApiError } from "~/api/errors";
import type { FlowDraft } from "~/api/flow-drafts";
import { asObject } from "~/lib/json";
import { commandBetween } from "./commands";
import { type FlowGraph, toFlowData } from "./flow-data";
import { merge } from "./merge";
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
  /** What was saved meanwhile, where it collides with what was done here. */
  clash: Clash | undefined;
  /** The last time that somebody else's save was brought together with what was done here; a new object each time. */
  merged: { by: string | undefined } | undefined;
}

type Standing = Pick<FlowDraft, "revision" | "isDraft" | "liveVersion" | "baseVersion">;

/** What somebody else saved. */
export interface Theirs {
  draft: Standing;
  graph: FlowGraph;
}

export interface Clash extends Theirs {
  /** What both began with. */
  base: FlowGraph;
}

export interface SaverDoors {
  /** Puts `flowData` on the server; `revision` is the one it builds on. Null from servers without drafts. */
  put: (flowData: string, revision: number) => Promise<Standing | null>;
  /** What the server has now; null where it cannot be read as a flow. */
  theirs: () => Promise<Theirs | null>;
  /** Keeps a copy in this browser, or removes it. */
  keep: (copy: { flowData: string; revision: number } | null) => void;
  /** Calls `act` after so many milliseconds; gives what stops it. */
  later: (act: () => void, milliseconds: number) => () => void;
}

export interface Saver extends StoreApi<SaveState> {
  /** Saves now what is not saved. True when the server has it all. */
  flush: () => Promise<boolean>;
  /** What the server has now is this draft (after loading, publishing, restoring). */
  settled: (draft: Standing, graph: FlowGraph) => void;
  /** Reads again what somebody else saved; nothing where there is no conflict. */
  look: () => Promise<Clash | undefined>;
  /** Ends a conflict: `graph` is saved over `theirs`, as an edit that can be undone. */
  resolve: (theirs: Theirs, graph: FlowGraph) => Promise<boolean>;
  stop: () => void;
}

const PAUSE = 800;
const TRY_AGAIN = 3_000;
/** Whoever meets somebody else's save so often in a row is asked. */
const MOST_MERGES = 5;

export function flowDataText(graph: FlowGraph): string {
  return JSON.stringify(toFlowData(graph));
}

export function createSaver(editor: Editor, doors: SaverDoors, draft: Standing | null): Saver {
  const store = createStore<SaveState>(() => ({ status: "saved", reason: undefined, rival: undefined, clash: undefined, merged: undefined, ...about(draft) }));
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

  async function send(merges = 0, by?: string): Promise<boolean> {
    const { graph } = editor.getState();
    const flowData = flowDataText(graph);
    store.setState({ status: "saving", reason: undefined });
    try {
      const answer = await doors.put(flowData, store.getState().revision);
      saved = graph;
      const isLatest = editor.getState().graph === graph;
      if (isLatest) doors.keep(null);
      store.setState({ status: isLatest ? "saved" : "waiting", rival: undefined, ...(answer ? about(answer) : {}), ...(merges > 0 ? { merged: { by } } : {}) });
      return isLatest;
    } catch (error) {
      doors.keep({ flowData, revision: store.getState().revision });
      const failed = failure(error);
      if (failed.status === "conflict" && merges < MOST_MERGES && (await mergedWithTheirs())) return send(merges + 1, failed.rival);
      store.setState(failed);
      if (store.getState().status === "offline") cancel = doors.later(() => void flush(), TRY_AGAIN);
      return false;
    }
  }

  /** True when what somebody else saved is in the graph now and can be saved with it; else a person has to choose. */
  async function mergedWithTheirs(): Promise<boolean> {
    const theirs = await readTheirs();
    if (!theirs) return false;
    const { graph, collisions } = merge(saved, editor.getState().graph, theirs.graph);
    if (collisions.length > 0) {
      store.setState({ clash: { ...theirs, base: saved } });
      return false;
    }
    build(theirs, graph);
    return true;
  }

  async function readTheirs(): Promise<Theirs | null> {
    try {
      return await doors.theirs();
    } catch {
      // The person who looks at the conflict asks again, and is told why.
      return null;
    }
  }

  /** From now on `graph` is what is here, and `theirs` what it is built on. */
  function build(theirs: Theirs, graph: FlowGraph): void {
    saved = theirs.graph;
    store.setState({ clash: undefined, ...about(theirs.draft) });
    editor.edit("merge", () => graph);
    cancel();
  }

  async function look(): Promise<Clash | undefined> {
    const theirs = await doors.theirs();
    const clash = theirs ? { ...theirs, base: saved } : undefined;
    store.setState({ clash });
    return clash;
  }

  function settled(next: Standing, graph: FlowGraph): void {
    saved = graph;
    const isLatest = editor.getState().graph === graph;
    if (isLatest) doors.keep(null);
    store.setState({ status: isLatest ? "saved" : "waiting", reason: undefined, rival: undefined, clash: undefined, ...about(next) });
  }

  async function resolve(theirs: Theirs, graph: FlowGraph): Promise<boolean> {
    store.setState({ status: "waiting", rival: undefined });
    build(theirs, graph);
    return flush();
  }

  function stop(): void {
    unsubscribe();
    cancel();
  }

  return Object.assign(store, { flush, settled, look, resolve, stop });
}

function about(draft: Standing | null): Pick<SaveState, "revision" | "ahead" | "liveVersion" | "overtaken"> {
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
