// The open flow: its graph, what is selected, and the log of edits. Every change of the graph goes through `edit`.
import { createStore, type StoreApi } from "zustand/vanilla";
import { applied, type Command, commandBetween, inverted } from "./commands";
import type { FlowGraph } from "./flow-data";

/** Edits under one key within this many milliseconds are one step back: a typed word, a held arrow key. */
const BURST = 600;
const LONGEST_LOG = 200;

export interface LogEntry {
  command: Command;
  key: string | undefined;
  at: number;
}

export interface EditorState {
  graph: FlowGraph;
  past: LogEntry[];
  future: LogEntry[];
  /** Ids of the selected nodes. */
  selection: ReadonlySet<string>;
  /** Keys of the selected wires, as `edgeKeys` gives them. */
  wires: ReadonlySet<string>;
  /** Nobody may change this flow here. */
  readOnly: boolean;
}

export interface Editor extends StoreApi<EditorState> {
  /** Changes the graph by `change`; edits that follow each other under the same `key` are undone together. */
  edit: (label: string, change: (graph: FlowGraph) => FlowGraph, key?: string) => void;
  undo: () => string | undefined;
  redo: () => string | undefined;
  select: (nodes: Iterable<string>, wires?: Iterable<string>) => void;
  /** Puts another graph in place of this one and forgets the log. */
  load: (graph: FlowGraph) => void;
  /** Takes up a log that was kept with this very graph. */
  recall: (log: Pick<EditorState, "past" | "future">) => void;
}

/** An editor on `graph`. `clock` gives milliseconds. */
export function createEditor(graph: FlowGraph, readOnly = false, clock: () => number = Date.now): Editor {
  const store = createStore<EditorState>(() => ({ graph, past: [], future: [], selection: NONE, wires: NONE, readOnly }));

  function edit(label: string, change: (graph: FlowGraph) => FlowGraph, key?: string): void {
    const state = store.getState();
    if (state.readOnly) return;
    const after = change(state.graph);
    const command = commandBetween(label, state.graph, after);
    if (!command) return;
    const last = state.past.at(-1);
    const at = clock();
    const joins = key !== undefined && last?.key === key && at - last.at < BURST && state.future.length === 0;
    const before = joins ? applied(state.graph, inverted(last.command)) : state.graph;
    const joined = joins ? commandBetween(last.command.label, before, after) : command;
    const kept = joins ? state.past.slice(0, -1) : state.past.slice(-LONGEST_LOG + 1);
    store.setState({ graph: after, past: joined ? [...kept, { command: joined, key, at }] : kept, future: [], ...stillThere(state, after) });
  }

  function undo(): string | undefined {
    const { past, future, graph: now, readOnly: locked, ...rest } = store.getState();
    const entry = past.at(-1);
    if (!entry || locked) return undefined;
    const before = applied(now, inverted(entry.command));
    store.setState({ graph: before, past: past.slice(0, -1), future: [...future, entry], ...stillThere(rest, before) });
    return entry.command.label;
  }

  function redo(): string | undefined {
    const { past, future, graph: now, readOnly: locked, ...rest } = store.getState();
    const entry = future.at(-1);
    if (!entry || locked) return undefined;
    const after = applied(now, entry.command);
    // Without its key, so that typing after a redo starts a step of its own.
    store.setState({ graph: after, past: [...past, { ...entry, key: undefined }], future: future.slice(0, -1), ...stillThere(rest, after) });
    return entry.command.label;
  }

  function select(nodes: Iterable<string>, wires: Iterable<string> = []): void {
    const state = store.getState();
    const next = new Set(nodes);
    const nextWires = new Set(wires);
    if (same(next, state.selection) && same(nextWires, state.wires)) return;
    store.setState({ selection: next, wires: nextWires });
  }

  function load(next: FlowGraph): void {
    store.setState({ graph: next, past: [], future: [], selection: NONE, wires: NONE });
  }

  return Object.assign(store, { edit, undo, redo, select, load, recall: ({ past, future }: Pick<EditorState, "past" | "future">) => store.setState({ past, future }) });
}

const NONE: ReadonlySet<string> = new Set();

function same(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((entry) => b.has(entry));
}

/** The selection without nodes that are gone; wires stay selected only while they exist. */
function stillThere(state: Pick<EditorState, "selection" | "wires">, graph: FlowGraph): Partial<EditorState> {
  if (state.selection.size === 0 && state.wires.size === 0) return {};
  const ids = new Set(graph.nodes.map((node) => node.id));
  const selection = new Set([...state.selection].filter((id) => ids.has(id)));
  const keys = new Set(edgeKeys(graph));
  const wires = new Set([...state.wires].filter((key) => keys.has(key)));
  return { ...(selection.size === state.selection.size ? {} : { selection }), ...(wires.size === state.wires.size ? {} : { wires }) };
}

/** A name for every wire of `graph` in order; two saved under one id, or under none, get different ones. */
export function edgeKeys(graph: FlowGraph): string[] {
  const seen = new Map<string, number>();
  return graph.edges.map(({ id = "" }) => {
    const times = seen.get(id) ?? 0;
    seen.set(id, times + 1);
    return times || !id ? `${id}#${times}` : id;
  });
}
