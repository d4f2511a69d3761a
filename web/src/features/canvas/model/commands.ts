// What an edit changed in a graph, in a form that can be taken back and done again.
import type { FlowEdge, FlowGraph, FlowNode } from "./flow-data";
import type { JsonObject } from "~/lib/json";

/** `removed` stood at `index` of a list and `inserted` stands there now. */
export interface Splice<T> {
  index: number;
  removed: T[];
  inserted: T[];
}

/** One edit: everything needed to do it, and everything needed to undo it. */
export interface Command {
  /** Which sentence of `canvas:history` names it. */
  label: string;
  nodes: Splice<FlowNode> | null;
  edges: Splice<FlowEdge> | null;
  extra: { before: JsonObject; after: JsonObject } | null;
}

/** The edit that leads from `before` to `after`, or null when nothing differs. Entries are compared by identity. */
export function commandBetween(label: string, before: FlowGraph, after: FlowGraph): Command | null {
  const nodes = spliceBetween(before.nodes, after.nodes);
  const edges = spliceBetween(before.edges, after.edges);
  const extra = before.extra === after.extra ? null : { before: before.extra, after: after.extra };
  return nodes || edges || extra ? { label, nodes, edges, extra } : null;
}

/** The edit that takes `command` back. */
export function inverted(command: Command): Command {
  return {
    label: command.label,
    nodes: command.nodes && turned(command.nodes),
    edges: command.edges && turned(command.edges),
    extra: command.extra && { before: command.extra.after, after: command.extra.before },
  };
}

/** `graph` after `command`. */
export function applied(graph: FlowGraph, command: Command): FlowGraph {
  return {
    nodes: command.nodes ? spliced(graph.nodes, command.nodes) : graph.nodes,
    edges: command.edges ? spliced(graph.edges, command.edges) : graph.edges,
    unread: graph.unread,
    extra: command.extra ? command.extra.after : graph.extra,
  };
}

function turned<T>({ index, removed, inserted }: Splice<T>): Splice<T> {
  return { index, removed: inserted, inserted: removed };
}

function spliced<T>(list: readonly T[], { index, removed, inserted }: Splice<T>): T[] {
  return list.toSpliced(index, removed.length, ...inserted);
}

function spliceBetween<T>(before: readonly T[], after: readonly T[]): Splice<T> | null {
  if (before === after) return null;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const removed = before.slice(start, before.length - end);
  const inserted = after.slice(start, after.length - end);
  return removed.length + inserted.length > 0 ? { index: start, removed, inserted } : null;
}
