// Three states of one thing brought together: what a node is made of, and how lists of two people become one.
import { asObject, type JsonObject } from "~/lib/json";
import type { FlowNode } from "./flow-data";

export type Side = "mine" | "theirs";

/** What the two made of one value: nobody or both alike, one of them, or each something else. */
export type Verdict = Side | "same" | "collides";

/** Equal as JSON, whatever the order of keys. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((entry, index) => sameJson(entry, b[index]));
  }
  const [left, right] = [asObject(a), asObject(b)];
  if (!left || !right) return false;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => sameJson(left[key], right[key]));
}

export function verdictOn(base: unknown, mine: unknown, theirs: unknown): Verdict {
  if (sameJson(mine, theirs)) return "same";
  if (sameJson(base, mine)) return "theirs";
  return sameJson(base, theirs) ? "mine" : "collides";
}

/** A part of a node that is decided as a whole: usually one value, sometimes several that belong together. */
export interface Facet {
  key: string;
  /** `place` and `size` are where and how large it is drawn; `quiet` ones are of no interest to a person. */
  kind: "field" | "place" | "size" | "quiet";
  paths: string[][];
}

const PLACE: Facet = { key: "place", kind: "place", paths: [["position"], ["extra", "positionAbsolute"], ["extra", "parentNode"], ["extra", "parentId"], ["extra", "extent"], ["extra", "expandParent"]] };
const SIZE: Facet = { key: "size", kind: "size", paths: [["extra", "width"], ["extra", "height"], ["extra", "style"], ["data", "frame"]] };
const CREDENTIAL: Facet = { key: "credential", kind: "field", paths: [["data", "credential"], ["data", "inputs", "FLOWISE_CREDENTIAL_ID"]] };
const BUNDLES = [PLACE, SIZE, CREDENTIAL];
const BUNDLED = new Set(BUNDLES.flatMap((facet) => facet.paths.map((path) => path.join("/"))));
const QUIET = new Set(["extra/selected", "extra/dragging", "extra/measured", "extra/resizing", "extra/zIndex", "data/selected"]);
/** Objects of a node whose entries are decided one by one. */
const OPENED = ["inputs", "outputs", "flowstone"];

/** The key of the facet that holds the input `name`. */
export function inputKey(name: string): string {
  return `data/inputs/${name}`;
}

/** Everything that any of `nodes` (states of one node) is made of. */
export function facetsOf(nodes: readonly FlowNode[]): Facet[] {
  const opened = new Set(OPENED.filter((name) => nodes.every((node) => node.data[name] === undefined || asObject(node.data[name]))));
  const paths = new Map<string, string[]>([["type", ["type"]]]);
  const add = (path: string[]) => BUNDLED.has(path.join("/")) || paths.set(path.join("/"), path);
  for (const node of nodes) {
    for (const name of Object.keys(node.data)) {
      if (!opened.has(name)) add(["data", name]);
      else for (const inner of Object.keys(asObject(node.data[name]) ?? {})) add(["data", name, inner]);
    }
    for (const name of Object.keys(node.extra)) add(["extra", name]);
  }
  const single = [...paths].map(([key, path]): Facet => ({ key, kind: QUIET.has(key) ? "quiet" : "field", paths: [path] }));
  // Settings come first: what else there is may follow from them.
  const isInput = (facet: Facet) => facet.key.startsWith("data/inputs/");
  return [...BUNDLES, ...single.filter(isInput), ...single.filter((facet) => !isInput(facet))];
}

/** What `node` has there, a value for each path. */
export function valuesAt(node: FlowNode, { paths }: Facet): unknown[] {
  return paths.map((path) => path.reduce<unknown>((inner, step) => asObject(inner)?.[step], node));
}

/** `node` with other values there; undefined takes one away. */
export function withValues(node: FlowNode, { paths }: Facet, values: readonly unknown[]): FlowNode {
  return paths.reduce<JsonObject>((holder, path, index) => put(holder, path, values[index]), { ...node }) as unknown as FlowNode;
}

function put(holder: JsonObject, [step = "", ...rest]: readonly string[], value: unknown): JsonObject {
  if (rest.length > 0) {
    const inner = asObject(holder[step]);
    return !inner && value === undefined ? holder : { ...holder, [step]: put(inner ?? {}, rest, value) };
  }
  // A node without a place has `null` there, as when it was read.
  if (value === undefined && step !== "position") {
    const { [step]: _, ...others } = holder;
    return others;
  }
  return { ...holder, [step]: value ?? null };
}

/** One order for the keys of both; what is not `kept` is left out. The order of whoever rearranged holds, what the other added stands after its neighbour. */
export function mergedOrder(base: readonly string[], mine: readonly string[], theirs: readonly string[], kept: ReadonlySet<string>): string[] {
  const known = new Set(base);
  const ownOrder = mine.filter((key) => known.has(key));
  const inMine = new Set(mine);
  const rearranged = !sameJson(ownOrder, base.filter((key) => inMine.has(key)));
  const [backbone, other] = rearranged ? [mine, theirs] : [theirs, mine];
  const order = [...backbone];
  const placed = new Set(order);
  other.forEach((key, index) => {
    if (placed.has(key)) return;
    placed.add(key);
    order.splice(index === 0 ? 0 : order.indexOf(other[index - 1] ?? "") + 1, 0, key);
  });
  return order.filter((key) => kept.has(key));
}

/** A list of texts of which both added and took away. */
export function mergedList(base: readonly string[], mine: readonly string[], theirs: readonly string[]): string[] {
  const [was, own, other] = [new Set(base), new Set(mine), new Set(theirs)];
  const stays = (key: string) => (was.has(key) ? own.has(key) && other.has(key) : true);
  return mergedOrder(base, mine, theirs, new Set([...mine, ...theirs].filter(stays)));
}
