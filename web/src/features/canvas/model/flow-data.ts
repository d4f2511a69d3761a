// A flow's saved graph (`flowData`), read without loss: whatever we do not know is carried along and written back.
import { asObject, type JsonObject } from "~/lib/json";

export interface Point {
  x: number;
  y: number;
}

export interface FlowNode {
  id: string;
  /** `customNode`, `stickyNote`, `agentFlow`, `iteration`, or one we have never met. */
  type: string | undefined;
  position: Point | null;
  /** The node's own content, every key as saved; read it through `node-data.ts`. */
  data: JsonObject;
  /** All other keys of the saved node. */
  extra: JsonObject;
}

export interface FlowEdge {
  id: string | undefined;
  source: string;
  target: string;
  sourceHandle: string | null | undefined;
  targetHandle: string | null | undefined;
  extra: JsonObject;
}

/** An entry of `nodes` or `edges` that has not the shape of one; kept at its place. */
export interface UnreadEntry {
  list: "nodes" | "edges";
  index: number;
  value: unknown;
}

export interface FlowGraph {
  nodes: FlowNode[];
  edges: FlowEdge[];
  unread: UnreadEntry[];
  /** All other keys of the graph, such as `viewport`. */
  extra: JsonObject;
}

/** The saved text is no graph at all; `message` says why, for a person. */
export class FlowDataError extends Error {
  override readonly name = "FlowDataError";
}

/** The graph in `text`. Throws `FlowDataError` when there is none; single broken entries go to `unread`. */
export function parseFlowData(text: string): FlowGraph {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FlowDataError(`It is not JSON: ${reason}.`, { cause });
  }
  const graph = asObject(value);
  if (!graph) throw new FlowDataError("It is JSON, but not an object with nodes and edges.");
  const { nodes, edges, ...extra } = graph;
  if (!Array.isArray(nodes)) throw new FlowDataError("Its list of nodes is missing.");
  if (edges !== undefined && !Array.isArray(edges)) throw new FlowDataError("Its wires are not a list.");
  const unread: UnreadEntry[] = [];
  return {
    nodes: readEntries("nodes", nodes, readNode, unread),
    edges: readEntries("edges", edges ?? [], readEdge, unread),
    unread,
    extra,
  };
}

/** The graph as it is saved; parsing this again gives an equal graph. */
export function toFlowData(graph: FlowGraph): JsonObject {
  return {
    nodes: withUnread("nodes", graph.nodes.map(writeNode), graph.unread),
    edges: withUnread("edges", graph.edges.map(writeEdge), graph.unread),
    ...graph.extra,
  };
}

function readEntries<T>(list: UnreadEntry["list"], values: unknown[], read: (value: JsonObject) => T | null, unread: UnreadEntry[]): T[] {
  return values.flatMap((value, index) => {
    const fields = asObject(value);
    const entry = fields && read(fields);
    if (entry) return [entry];
    unread.push({ list, index, value });
    return [];
  });
}

function readNode(fields: JsonObject): FlowNode | null {
  const { id, type, position, data, ...extra } = fields;
  const content = asObject(data);
  if (typeof id !== "string" || id === "" || !content) return null;
  if (type !== undefined && typeof type !== "string") return null;
  const point = readPoint(position);
  // A position that is none is kept for writing back, and the node laid out anew.
  if (!point && position !== undefined) extra["position"] = position;
  return { id, type, position: point, data: content, extra };
}

function readPoint(value: unknown): Point | null {
  const point = asObject(value);
  if (!point || Object.keys(point).length !== 2) return null;
  const { x, y } = point;
  return typeof x === "number" && typeof y === "number" && Number.isFinite(x) && Number.isFinite(y) ? { x, y } : null;
}

function readEdge(fields: JsonObject): FlowEdge | null {
  const { id, source, target, sourceHandle, targetHandle, ...extra } = fields;
  if (typeof source !== "string" || typeof target !== "string") return null;
  if (id !== undefined && typeof id !== "string") return null;
  if (!isHandle(sourceHandle) || !isHandle(targetHandle)) return null;
  return { id, source, target, sourceHandle, targetHandle, extra };
}

function isHandle(value: unknown): value is string | null | undefined {
  return typeof value === "string" || value === null || value === undefined;
}

function writeNode(node: FlowNode): JsonObject {
  return {
    id: node.id,
    ...(node.type === undefined ? {} : { type: node.type }),
    ...(node.position ? { position: node.position } : {}),
    data: node.data,
    ...node.extra,
  };
}

/** In one order, whoever made the wire: what is saved and read again is then the very same text. */
function writeEdge({ id, source, target, sourceHandle, targetHandle, extra }: FlowEdge): JsonObject {
  return { id, source, target, sourceHandle, targetHandle, ...extra };
}

/** Puts the entries of `list` that were not understood back to their places. */
function withUnread(list: UnreadEntry["list"], entries: unknown[], unread: UnreadEntry[]): unknown[] {
  for (const entry of unread) {
    if (entry.list === list) entries.splice(entry.index, 0, entry.value);
  }
  return entries;
}
