// Two runs of one flow side by side: their turns matched by node and visit. Pure.
import { type NodeTurn, turnsOf } from "./turns";

/** What two turns of the same node can differ in. */
export type Difference = "status" | "input" | "output";

export interface TurnPair {
  /** Of node and visit. */
  key: string;
  label: string;
  visit: number;
  left: NodeTurn | undefined;
  right: NodeTurn | undefined;
  /** Empty where nothing differs; a turn that only one run had differs in its status. */
  differs: Difference[];
}

/** The turns of both runs, each node and visit once, in the order in which they happened. */
export function pairTurns(left: unknown, right: unknown): TurnPair[] {
  const keyOf = (turn: NodeTurn) => `${turn.nodeId}#${turn.visit}`;
  const [ours, theirs] = [turnsOf(left), turnsOf(right)];
  const others = new Map(theirs.map((turn) => [keyOf(turn), turn]));
  const order = ours.map(keyOf);
  let after = -1;
  // What only the other run had stands behind what went before it there.
  for (const turn of theirs) {
    const at = order.indexOf(keyOf(turn));
    if (at >= 0) after = at;
    else order.splice((after += 1), 0, keyOf(turn));
  }
  const mine = new Map(ours.map((turn) => [keyOf(turn), turn]));
  return order.flatMap((key): TurnPair[] => {
    const [a, b] = [mine.get(key), others.get(key)];
    const any = a ?? b;
    return any ? [{ key, label: any.label, visit: any.visit, left: a, right: b, differs: differencesOf(a, b) }] : [];
  });
}

function differencesOf(a: NodeTurn | undefined, b: NodeTurn | undefined): Difference[] {
  if (!a || !b) return ["status"];
  const said = ({ output, error }: NodeTurn) => canonical([withoutMeasures(output), error]);
  return [...(a.status === b.status ? [] : ["status" as const]), ...(canonical(a.input) === canonical(b.input) ? [] : ["input" as const]), ...(said(a) === said(b) ? [] : ["output" as const])];
}

/** Times and counts of tokens differ from run to run, whatever was said. */
function withoutMeasures(output: unknown): unknown {
  if (typeof output !== "object" || output === null || Array.isArray(output)) return output;
  const { timeMetadata: _, usageMetadata: __, ...rest } = output as Record<string, unknown>;
  return rest;
}

/** `value` as JSON whose keys are in order, so that equal values are equal texts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner,
  ) ?? "";
}
