// What of a run lies between its turns: how often each wire was passed, and the rounds that a node went through. Pure.
import { asObject, asObjects } from "~/lib/json";
import { type NodeTurn, turnsOf } from "./turns";

/** A turn and where among all turns of the run it stands. */
interface PlacedTurn extends NodeTurn {
  place: number;
}

const READ = new WeakMap<readonly unknown[], ReadonlyMap<string, PlacedTurn[]>>();

/** The turns in `records` by their node; read once however many nodes and wires ask. */
export function turnsByNode(records: readonly unknown[]): ReadonlyMap<string, PlacedTurn[]> {
  const known = READ.get(records);
  if (known) return known;
  const found = new Map<string, PlacedTurn[]>();
  turnsOf(records).forEach((turn, place) => found.set(turn.nodeId, [...(found.get(turn.nodeId) ?? []), { ...turn, place }]));
  READ.set(records, found);
  return found;
}

export interface Wire {
  source: string;
  target: string;
  sourceHandle: string | null | undefined;
}

/** How often the run went over `wire`: turns of its target that came after a turn of its source which chose this way. */
export function passesOf(records: readonly unknown[], { source, target, sourceHandle }: Wire): number {
  const turns = turnsByNode(records);
  const from = turns.get(source) ?? [];
  let before = -1;
  let passes = 0;
  for (const { place } of turns.get(target) ?? []) {
    // The source may have gone other ways in turns before.
    const last = from.findLast((turn) => turn.place < place);
    if (last && last.place > before && leads(last, sourceHandle)) passes += 1;
    before = place;
  }
  return passes;
}

/** Whether `turn` went on by the way out `handle`. */
function leads(turn: NodeTurn, handle: string | null | undefined): boolean {
  const way = handle?.split("-output-").at(-1) ?? "";
  const failed = turn.status === "ERROR";
  if (way === "error" || failed) return failed && way === "error";
  const ways = asObjects(asObject(turn.output)?.["conditions"]);
  if (ways.length === 0 || !/^\d+$/.test(way)) return true;
  return ways[Number(way)]?.["isFulfilled"] === true;
}

/** How many rounds node `nodeId` went through: turns of its own, or of what an iteration holds. */
export function roundsOf(records: readonly unknown[], nodeId: string): number {
  const turns = turnsByNode(records);
  const inside = [...turns.values()].flat().flatMap(({ parentId, data }) => (parentId === nodeId && typeof data["iterationIndex"] === "number" ? data["iterationIndex"] + 1 : []));
  return Math.max(turns.get(nodeId)?.length ?? 0, ...inside);
}

/** Which turn of which node is looked at in round `round` (from 1) of `nodeId`; for an iteration those of all it holds. */
export function turnsInRound(records: readonly unknown[], nodeId: string, round: number): Map<string, number> {
  const chosen = new Map([[nodeId, round]]);
  for (const [id, turns] of turnsByNode(records)) {
    const inside = turns.find((turn) => turn.parentId === nodeId && turn.data["iterationIndex"] === round - 1);
    if (inside) chosen.set(id, inside.visit);
  }
  return chosen;
}

/** The turn `visit` (from 1) of node `nodeId`. */
export function turnOf(records: readonly unknown[], nodeId: string, visit: number): NodeTurn | undefined {
  return turnsByNode(records).get(nodeId)?.[visit - 1];
}

