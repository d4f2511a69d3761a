// Where a new node goes: what it is joined to by itself, and the free place for it.
import type { CatalogNode } from "~/api/types";
import type { Rect } from "./arrange";
import { couldJoin, isStep, type LooseEnd } from "./connect";
import type { FlowGraph, FlowNode, Point } from "./flow-data";
import { indexOf } from "./graph-index";
import { inputPortsOf, isErrorPort, kindOf, nameOf, outputPortsOf, type Port } from "./node-data";

/** Between a node and the one that it is joined to. */
const APART = 96;
/** Air between nodes that place themselves. */
const AIR = 24;
/** Between one and the next below it, whose buttons stand over it. */
const ROW_AIR = 48;

/**
 * The port that a new `entry` belongs at, where there is no doubt: of the one selected node the first free port that it fits;
 * else the only place in the flow that waits for just this. Undefined where a person has to say it.
 */
export function landingOf(entry: CatalogNode, graph: FlowGraph, selection: ReadonlySet<string>): LooseEnd | undefined {
  const chosen = selection.size === 1 ? indexOf(graph).nodes.get([...selection][0] ?? "") : undefined;
  const beside = chosen && freePorts(graph, chosen).find((end) => couldJoin(entry, graph, end));
  if (beside || (chosen && isStep(chosen))) return beside;
  const waiting = graph.nodes.flatMap((node) => openEnds(graph, node)).filter((end) => couldJoin(entry, graph, end));
  return waiting.length === 1 ? waiting[0] : undefined;
}

/** The free ports of `node` in the order in which one fills them: what it needs, its ways on, what it may have. */
function freePorts(graph: FlowGraph, node: FlowNode): LooseEnd[] {
  const inputs = inputsOf(graph, node);
  const needed = inputs.filter((port) => !port.optional);
  const optional = inputs.filter((port) => port.optional);
  return [...needed.map((port) => endOf(node, port, "target")), ...waysOf(graph, node), ...optional.map((port) => endOf(node, port, "target"))];
}

/** Where the flow cannot do without a further node: sockets that must be filled, and a Start that leads nowhere. */
function openEnds(graph: FlowGraph, node: FlowNode): LooseEnd[] {
  if (isStep(node)) return nameOf(node) === "startAgentflow" ? waysOf(graph, node) : [];
  return inputsOf(graph, node).flatMap((port) => (port.optional ? [] : endOf(node, port, "target")));
}

function inputsOf(graph: FlowGraph, node: FlowNode): Port[] {
  if (isStep(node) || kindOf(node) !== "node") return [];
  const taken = new Set((indexOf(graph).incoming.get(node.id) ?? []).map((edge) => edge.targetHandle));
  return inputPortsOf(node).filter((port) => port.list || !taken.has(port.id));
}

function waysOf(graph: FlowGraph, node: FlowNode): LooseEnd[] {
  if (kindOf(node) === "note" || kindOf(node) === "group") return [];
  const taken = new Set((indexOf(graph).outgoing.get(node.id) ?? []).map((edge) => edge.sourceHandle));
  return outputPortsOf(node).flatMap((port) => (taken.has(port.id) || isErrorPort(port) ? [] : endOf(node, port, "source")));
}

function endOf(node: FlowNode, port: Port, side: LooseEnd["side"]): LooseEnd {
  return { nodeId: node.id, handle: port.id, side };
}

/** Whether a step of this kind may stand in an iteration: nobody can be asked there, and no run begins there. */
export function mayStandInside(name: string): boolean {
  return name !== "humanInputAgentflow" && name !== "startAgentflow";
}

/** The free place of this `size` beside `holder`, after it or before it, as high as it or lower. */
export function placeBeside(holder: Rect, size: { width: number; height: number }, side: LooseEnd["side"], present: readonly Rect[]): Point {
  const at = { x: side === "source" ? holder.x + holder.width + APART : holder.x - size.width - APART, y: holder.y };
  for (;;) {
    const hit = present.find((rect) => overlaps({ ...at, ...size }, rect));
    if (!hit) return at;
    at.y = hit.y + hit.height + ROW_AIR;
  }
}

/** Where a node of this `size` goes between two, and how far what comes after must move on for it. */
export function roomBetween(from: Rect, to: Rect, size: { width: number; height: number }): { at: Point; shift: number } {
  const start = from.x + from.width;
  const free = to.x - start;
  const shift = Math.max(0, size.width + 2 * APART - free);
  // Where the second lies before the first there is no between: below both, then.
  if (free < 0) return { at: { x: (from.x + to.x) / 2, y: Math.max(from.y + from.height, to.y + to.height) + ROW_AIR }, shift: 0 };
  return { at: { x: start + (free + shift - size.width) / 2, y: to.y }, shift };
}

/** Whether two boxes touch, with the air that belongs between them. */
export function overlaps(a: Omit<Rect, "id">, b: Omit<Rect, "id">): boolean {
  return a.x < b.x + b.width + AIR && b.x < a.x + a.width + AIR && a.y < b.y + b.height + AIR && b.y < a.y + a.height + AIR;
}

/** The free place of this `size` nearest to `middle`. */
export function placeNear(middle: Point, size: { width: number; height: number }, present: readonly Rect[]): Point {
  const steps = [0, 1, -1, 2, -2, 3, -3];
  const spots = steps.flatMap((row) => steps.map((column) => ({ x: middle.x - size.width / 2 + column * (size.width + 56), y: middle.y - size.height / 2 + row * (size.height + 40) })));
  const near = spots.toSorted((a, b) => Math.hypot(a.x + size.width / 2 - middle.x, a.y + size.height / 2 - middle.y) - Math.hypot(b.x + size.width / 2 - middle.x, b.y + size.height / 2 - middle.y));
  const free = near.find((spot) => !present.some((rect) => overlaps({ ...spot, ...size }, rect)));
  return free ?? { x: Math.max(...present.map((rect) => rect.x + rect.width)) + AIR, y: middle.y };
}
