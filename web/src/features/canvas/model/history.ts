// The log of edits through a reload: what was kept fits only the very graph that it was kept with.
import { asArray, asObject, asText } from "~/lib/json";
import type { FlowGraph } from "./flow-data";
import { flowDataText } from "./saver";
import type { EditorState, LogEntry } from "./store";

/** So many steps back are kept, and steps as long as their nodes weigh no more than this, in characters. */
const STEPS = 100;
const HEAVIEST = 4_000_000;

export interface KeptHistory {
  /** The graph that the log belongs to. */
  mark: string;
  past: LogEntry[];
  future: LogEntry[];
}

/** What of the log is kept: the newest steps, without their keys, so that typing after a reload is a step of its own. */
export function historyToKeep({ graph, past, future }: Pick<EditorState, "graph" | "past" | "future">): KeptHistory {
  let room = HEAVIEST;
  const fitting = (entries: readonly LogEntry[]) => {
    const chosen: LogEntry[] = [];
    for (const entry of entries.slice(-STEPS).toReversed()) {
      room -= JSON.stringify(entry.command).length;
      if (room < 0) break;
      chosen.unshift({ ...entry, key: undefined });
    }
    return chosen;
  };
  const kept = fitting(past);
  return { mark: markOf(graph), past: kept, future: fitting(future) };
}

/** The log in `value`, if it was kept with this very `graph`. */
export function historyFor(graph: FlowGraph, value: unknown): Pick<KeptHistory, "past" | "future"> | undefined {
  const stored = asObject(value);
  if (!stored || asText(stored["mark"]) !== markOf(graph)) return undefined;
  const [past, future] = [asArray(stored["past"]), asArray(stored["future"])] as [LogEntry[], LogEntry[]];
  return past.length + future.length > 0 ? { past, future } : undefined;
}

/** Length and FNV-1a of the saved form: two graphs that differ have, for all that matters here, different marks. */
function markOf(graph: FlowGraph): string {
  const text = flowDataText(graph);
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return `${text.length}-${(hash >>> 0).toString(16)}`;
}
