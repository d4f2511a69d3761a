// Two people's changes of one flow brought together: what does not collide by itself, what does by a choice.
import { asArray, asObject, asText } from "~/lib/json";
import { renamedNode, renamedWire } from "./clipboard";
import { findInput, isStep } from "./connect";
import { asShown, SECRET } from "./diff";
import type { FlowEdge, FlowGraph, FlowNode } from "./flow-data";
import { indexOf } from "./graph-index";
import { freeId } from "./make-node";
import { inputsOf, kindOf, labelOf, nameOf, paramsOf, parentOf } from "./node-data";
import { instanceOf, withInstance, withoutWires } from "./operations";
import { type Facet, facetsOf, inputKey, mergedList, mergedOrder, sameJson, type Side, valuesAt, verdictOn, withValues } from "./three-way";

export type { Side } from "./three-way";

/** What both changed, each in another way. */
export interface Collision {
  /** Names it among the choices. */
  id: string;
  /** `removal`: one took a node away that the other changed; `places`: nodes that both moved; `wire`: a socket that takes one wire. */
  kind: "field" | "wire" | "places" | "removal" | "flow";
  /** The node's label, or for `places` the labels of all. */
  node: string;
  /** The field's or socket's label; empty where the whole node is meant. */
  field: string;
  base: string;
  mine: string;
  theirs: string;
  /** Who took the node away. */
  removedBy?: Side;
}

export interface Merged {
  graph: FlowGraph;
  collisions: Collision[];
}

export type Choices = ReadonlyMap<string, Side>;

/** `mine` and `theirs`, which both began as `base`, as one. Where they collide `choices` decide, and mine holds where nothing was chosen. */
export function merge(base: FlowGraph, mine: FlowGraph, theirs: FlowGraph, choices: Choices = new Map()): Merged {
  return new Merger(base, apart(base, mine, theirs), theirs, choices).run();
}

/** Both may have called a new node by the same id; then mine gets another one. */
function apart(base: FlowGraph, mine: FlowGraph, theirs: FlowGraph): FlowGraph {
  const [old, other] = [indexOf(base).nodes, indexOf(theirs).nodes];
  const twins = mine.nodes.filter((node) => {
    const twin = other.get(node.id);
    // A flow has one start, so two of them are one that both made.
    return twin && !old.has(node.id) && nameOf(node) !== "startAgentflow" && !sameJson(node, twin);
  });
  if (twins.length === 0) return mine;
  const everything: FlowGraph = { ...mine, nodes: [...mine.nodes, ...theirs.nodes, ...base.nodes] };
  const ids = new Map<string, string>();
  for (const { id } of twins) ids.set(id, freeId(id.replace(/_\d+$/, ""), everything, new Set(ids.values())));
  const names = [...ids.keys()];
  const mentions = (value: unknown) => {
    const text = JSON.stringify(value);
    return names.some((name) => text.includes(name));
  };
  return {
    ...mine,
    nodes: mine.nodes.map((node) => (mentions(node) ? renamedNode(node, ids) : node)),
    edges: mine.edges.map((edge) => (mentions(edge) ? renamedWire(edge, ids) : edge)),
  };
}

const SIDES = ["mine", "theirs"] as const;
const otherOf = (side: Side): Side => (side === "mine" ? "theirs" : "mine");

type Three<T> = Record<"base" | Side, T>;

interface Wires {
  byKey: Map<string, FlowEdge>;
  /** Keys in order. */
  order: string[];
}

class Merger {
  private readonly graphs: Three<FlowGraph>;
  private readonly nodes: Three<Map<string, FlowNode>>;
  private readonly order: Three<string[]>;
  private readonly wires: Three<Wires>;
  private readonly collisions: Collision[] = [];
  private readonly moved: { labels: string[]; ids: Set<string> } = { labels: [], ids: new Set() };
  /** Facets whose side was decided elsewhere, as `node/facet`. */
  private readonly decided = new Map<string, Side>();
  /** Wires that one lost only because a node went. */
  private readonly lost: Record<Side, Set<string>>;

  constructor(base: FlowGraph, mine: FlowGraph, theirs: FlowGraph, private readonly choices: Choices) {
    this.graphs = { base, mine, theirs };
    const listed = { base: nodesByKey(base), mine: nodesByKey(mine), theirs: nodesByKey(theirs) };
    this.nodes = listed;
    this.order = { base: [...listed.base.keys()], mine: [...listed.mine.keys()], theirs: [...listed.theirs.keys()] };
    this.wires = { base: wiresByKey(base), mine: wiresByKey(mine), theirs: wiresByKey(theirs) };
    this.lost = { mine: this.lostBy("mine"), theirs: this.lostBy("theirs") };
  }

  run(): Merged {
    const edges = this.edges();
    const nodes = this.keptNodes();
    const merged = this.extras({ nodes, edges, unread: [], extra: {} });
    const graph = this.tidied(merged);
    if (this.moved.labels.length > 0) {
      this.collisions.push({ id: PLACES, kind: "places", node: this.moved.labels.join(", "), field: "", base: "", mine: "", theirs: "" });
    }
    return { graph, collisions: this.collisions };
  }

  private choice(id: string): Side {
    return this.choices.get(id) ?? "mine";
  }

  // Nodes

  private keptNodes(): FlowNode[] {
    const made = new Map<string, FlowNode>();
    for (const key of new Set([...this.order.base, ...this.order.mine, ...this.order.theirs])) {
      const node = this.node(key);
      if (node) made.set(key, node);
    }
    const order = mergedOrder(this.order.base, this.order.mine, this.order.theirs, new Set(made.keys()));
    return order.flatMap((key) => made.get(key) ?? []);
  }

  private node(key: string): FlowNode | undefined {
    const [base, mine, theirs] = [this.nodes.base.get(key), this.nodes.mine.get(key), this.nodes.theirs.get(key)];
    if (mine && theirs) return this.bothHave(key, base, mine, theirs);
    const present = mine ?? theirs;
    if (!present || !base) return present;
    const keeper: Side = mine ? "mine" : "theirs";
    if (!this.isTouched(keeper, base, present)) return undefined;
    const id = `removal:${key}`;
    const remover = otherOf(keeper);
    const changed = facetsOf([base, present]).filter((facet) => facet.kind === "field" && !sameJson(valuesAt(base, facet), valuesAt(present, facet)));
    const what = changed.map((facet) => fieldLabel(present, facet)).join(", ");
    this.collisions.push({ id, kind: "removal", node: labelOf(present), field: "", base: "", mine: keeper === "mine" ? what : "", theirs: keeper === "theirs" ? what : "", removedBy: remover });
    return this.choice(id) === keeper ? present : undefined;
  }

  /** Whether `side` did more to a node, or with it, than to move it. */
  private isTouched(side: Side, base: FlowNode, node: FlowNode): boolean {
    const changed = facetsOf([base, node]).some((facet) => {
      if (facet.kind !== "field" || sameJson(valuesAt(base, facet), valuesAt(node, facet))) return false;
      // Which wires came or went is asked below.
      return !(isOfWires(base, facet) && isOfWires(node, facet));
    });
    if (changed) return true;
    const known = this.wires.base.byKey;
    if (this.graphs[side].edges.some((edge) => (edge.source === node.id || edge.target === node.id) && !known.has(wireKey(edge)))) return true;
    const inside = this.graphs[side].nodes.filter((other) => parentOf(other) === node.id && other.id !== node.id);
    return inside.some((other) => {
      const before = indexOf(this.graphs.base).nodes.get(other.id);
      return !before || this.isTouched(side, before, other);
    });
  }

  private bothHave(key: string, base: FlowNode | undefined, mine: FlowNode, theirs: FlowNode): FlowNode {
    if (mine === theirs || sameJson(mine, theirs)) return mine;
    if (base && sameJson(base, mine) && !this.isDecided(key)) return theirs;
    if (base && sameJson(base, theirs) && !this.isDecided(key)) return mine;
    const facets = facetsOf(base ? [base, mine, theirs] : [mine, theirs]);
    let made = mine;
    for (const facet of facets) {
      const values = this.facet(key, facet, base, mine, theirs);
      if (values && !sameJson(values, valuesAt(made, facet))) made = withValues(made, facet, values);
    }
    return sameJson(made, theirs) ? theirs : made;
  }

  private isDecided(key: string): boolean {
    return [...this.decided.keys()].some((name) => name.startsWith(`${key}/`));
  }

  /** The values of `facet` in the merged node; nothing where mine stay. */
  private facet(key: string, facet: Facet, base: FlowNode | undefined, mine: FlowNode, theirs: FlowNode): unknown[] | undefined {
    const [own, other] = [valuesAt(mine, facet), valuesAt(theirs, facet)];
    const decided = this.decided.get(`${key}/${facet.key}`);
    if (decided) return decided === "mine" ? undefined : other;
    const before = base ? valuesAt(base, facet) : facet.paths.map(() => undefined);
    const verdict = verdictOn(before, own, other);
    if (verdict === "theirs") return other;
    if (verdict !== "collides" || facet.kind === "quiet") return undefined;
    const lists = [base && marksAt(base, facet), marksAt(mine, facet), marksAt(theirs, facet)] as const;
    if (lists[1] && lists[2]) return [mergedList(lists[0] ?? [], lists[1], lists[2])];
    if (facet.kind !== "field") {
      if (!this.moved.ids.has(mine.id)) this.moved.labels.push(labelOf(mine));
      this.moved.ids.add(mine.id);
      return this.choice(PLACES) === "mine" ? undefined : other;
    }
    const id = `field:${key}/${facet.key}`;
    this.collisions.push({ id, kind: "field", node: labelOf(mine), field: fieldLabel(mine, facet), base: base ? shown(base, facet) : "", mine: shown(mine, facet), theirs: shown(theirs, facet) });
    const side = this.choice(id);
    // The ways out of a step that decides are counted by this list.
    if (facet.key === inputKey("conditions") || facet.key === inputKey("conditionAgentScenarios")) this.decided.set(`${key}/data/outputAnchors`, side);
    return side === "mine" ? undefined : other;
  }

  // Wires

  private lostBy(side: Side): Set<string> {
    const { nodes } = indexOf(this.graphs[side]);
    const { nodes: before } = indexOf(this.graphs.base);
    const went = (id: string) => before.has(id) && !nodes.has(id);
    return new Set(this.wires.base.order.filter((key) => {
      const edge = this.wires.base.byKey.get(key);
      return edge && !this.wires[side].byKey.has(key) && (went(edge.source) || went(edge.target));
    }));
  }

  private edges(): FlowEdge[] {
    const kept = new Set<string>();
    const sockets = new Map<string, string[]>();
    for (const key of new Set([...this.wires.base.order, ...this.wires.mine.order, ...this.wires.theirs.order])) {
      const edge = this.anyWire(key);
      const socket = this.socketOf(edge);
      if (socket === undefined) {
        if (this.stays(key)) kept.add(key);
      } else sockets.set(socket, [...(sockets.get(socket) ?? []), key]);
    }
    for (const [socket, keys] of sockets) for (const key of this.atSocket(socket, keys)) kept.add(key);
    const order = mergedOrder(this.wires.base.order, this.wires.mine.order, this.wires.theirs.order, kept);
    // A wire that both lost with different nodes is in neither order.
    const all = [...order, ...[...kept].filter((key) => !order.includes(key))];
    return all.flatMap((key) => this.wire(key) ?? []);
  }

  private anyWire(key: string): FlowEdge {
    return (this.wires.mine.byKey.get(key) ?? this.wires.theirs.byKey.get(key) ?? this.wires.base.byKey.get(key)) as FlowEdge;
  }

  /** The wire as it is kept: the other's where I did not change it. */
  private wire(key: string): FlowEdge | undefined {
    const [base, mine, theirs] = [this.wires.base.byKey.get(key), this.wires.mine.byKey.get(key), this.wires.theirs.byKey.get(key)];
    if (!mine || !theirs) return mine ?? theirs ?? base;
    return verdictOn(base, mine, theirs) === "theirs" ? theirs : mine;
  }

  private has(side: Side, key: string): boolean {
    return this.wires[side].byKey.has(key) || this.lost[side].has(key);
  }

  private stays(key: string): boolean {
    const [mine, theirs] = [this.has("mine", key), this.has("theirs", key)];
    return this.wires.base.byKey.has(key) ? mine && theirs : mine || theirs;
  }

  /** The socket that `edge` leads to, if it takes one wire only. */
  private socketOf(edge: FlowEdge): string | undefined {
    const target = this.targetOf(edge);
    if (!target || isStep(target) || !edge.targetHandle || findInput(target, edge.targetHandle).list) return undefined;
    return `${edge.target}/${edge.targetHandle}`;
  }

  private targetOf(edge: FlowEdge): FlowNode | undefined {
    for (const name of ["mine", "theirs", "base"] as const) {
      const node = indexOf(this.graphs[name]).nodes.get(edge.target);
      if (node) return node;
    }
    return undefined;
  }

  /** The wires that stay at a socket for one. */
  private atSocket(socket: string, keys: readonly string[]): string[] {
    const at = { base: keys.filter((key) => this.wires.base.byKey.has(key)), mine: this.held("mine", keys), theirs: this.held("theirs", keys) };
    const verdict = verdictOn(at.base.toSorted(), at.mine.toSorted(), at.theirs.toSorted());
    if (verdict === "same") return at.mine;
    const edge = this.anyWire(keys[0] ?? "");
    const target = this.targetOf(edge);
    if (!target) return at.mine;
    const port = findInput(target, edge.targetHandle ?? "");
    const id = `wire:${socket}`;
    if (verdict === "collides") {
      this.collisions.push({ id, kind: "wire", node: labelOf(target), field: port.label || port.name, base: this.sources(at.base), mine: this.sources(at.mine), theirs: this.sources(at.theirs) });
    }
    const side = verdict === "collides" ? this.choice(id) : verdict;
    this.decided.set(`${target.id}/${inputKey(port.name)}`, side);
    return at[side];
  }

  /** What `side` has of `keys`; what it lost with a node counts only where nothing took its place. */
  private held(side: Side, keys: readonly string[]): string[] {
    const own = keys.filter((key) => this.wires[side].byKey.has(key));
    return own.length > 0 ? own : keys.filter((key) => this.lost[side].has(key));
  }

  private sources(keys: readonly string[]): string {
    return keys
      .map((key) => this.anyWire(key).source)
      .map((id) => SIDES.flatMap((side) => indexOf(this.graphs[side]).nodes.get(id) ?? [])[0])
      .map((node) => (node ? labelOf(node) : ""))
      .join(", ");
  }

  // The whole

  /** What is kept beside nodes and wires. */
  private extras(graph: FlowGraph): FlowGraph {
    const { base, mine, theirs } = this.graphs;
    const extra = { ...mine.extra };
    for (const key of new Set([...Object.keys(base.extra), ...Object.keys(mine.extra), ...Object.keys(theirs.extra)])) {
      const verdict = verdictOn(base.extra[key], mine.extra[key], theirs.extra[key]);
      const id = `flow:${key}`;
      const isCollision = verdict === "collides" && key !== "viewport";
      if (isCollision) this.collisions.push({ id, kind: "flow", node: "", field: key, base: asShown(base.extra[key]), mine: asShown(mine.extra[key]), theirs: asShown(theirs.extra[key]) });
      const side = isCollision ? this.choice(id) : verdict;
      if (side !== "theirs") continue;
      if (theirs.extra[key] === undefined) delete extra[key];
      else extra[key] = theirs.extra[key];
    }
    return {
      ...graph,
      extra: sameJson(extra, mine.extra) ? mine.extra : extra,
      unread: verdictOn(base.unread, mine.unread, theirs.unread) === "theirs" ? theirs.unread : mine.unread,
    };
  }

  /** No wire hangs loose that had two ends, no node stands in a frame that went, and sockets know their wires. */
  private tidied(graph: FlowGraph): FlowGraph {
    const here = new Set(graph.nodes.map((node) => node.id));
    const existed = new Set([...this.nodes.base.values(), ...this.nodes.mine.values(), ...this.nodes.theirs.values()].map((node) => node.id));
    const went = (id: string) => existed.has(id) && !here.has(id);
    const homeless = (node: FlowNode) => went(parentOf(node) ?? "");
    const housed = graph.nodes.some(homeless) ? { ...graph, nodes: graph.nodes.map((node) => (homeless(node) ? outside(node) : node)) } : graph;
    const whole = withoutWires(housed, (edge) => went(edge.source) || went(edge.target) || this.hasLostItsWay(housed, edge));
    const cleared = { ...whole, nodes: whole.nodes.map((node) => withoutStrangers(node, (id) => went(id) && !this.wasStrange(node, id))) };
    const back = cleared.edges.filter((edge) => SIDES.some((side) => this.lost[side].has(wireKey(edge))));
    return back.reduce((now, edge) => withInstance(now, edge), cleared);
  }

  /** Whether one of the two had a mark of `id` there without such a node: then it stays as it was. */
  private wasStrange(node: FlowNode, id: string): boolean {
    return SIDES.some((side) => {
      const { nodes } = indexOf(this.graphs[side]);
      const before = nodes.get(node.id);
      return before !== undefined && !nodes.has(id) && Object.values(inputsOf(before)).some((value) => value === instanceOf(id) || asArray(value).includes(instanceOf(id)));
    });
  }

  /** Whether a wire starts at a way out that its step no longer has. */
  private hasLostItsWay(graph: FlowGraph, edge: FlowEdge): boolean {
    const source = indexOf(graph).nodes.get(edge.source);
    if (!source || !isStep(source) || hasWay(source, edge)) return false;
    return SIDES.some((side) => {
      const before = indexOf(this.graphs[side]).nodes.get(edge.source);
      return before !== undefined && hasWay(before, edge);
    });
  }
}

const PLACES = "places";

function hasWay(node: FlowNode, edge: FlowEdge): boolean {
  return asArray(node.data["outputAnchors"]).some((anchor) => asObject(anchor)?.["id"] === edge.sourceHandle);
}

function outside(node: FlowNode): FlowNode {
  const { parentNode: _, parentId: __, extent: ___, positionAbsolute, ...extra } = node.extra;
  const place = asObject(positionAbsolute);
  const isPoint = typeof place?.["x"] === "number" && typeof place["y"] === "number";
  return { ...node, position: isPoint ? { x: Number(place["x"]), y: Number(place["y"]) } : node.position, extra };
}

const MARK = /^\{\{(.+)\.data\.instance\}\}$/;

/** Marks of nodes that went are taken out of what is left. */
function withoutStrangers(node: FlowNode, went: (id: string) => boolean): FlowNode {
  if (isStep(node)) return node;
  const isStrange = (value: unknown) => typeof value === "string" && went(MARK.exec(value)?.[1] ?? "");
  const inputs = inputsOf(node);
  if (!Object.values(inputs).some((value) => isStrange(value) || (Array.isArray(value) && value.some(isStrange)))) return node;
  const cleaned = Object.entries(inputs).map(([name, value]) => [name, Array.isArray(value) ? value.filter((entry) => !isStrange(entry)) : isStrange(value) ? "" : value]);
  return { ...node, data: { ...node.data, inputs: Object.fromEntries(cleaned) } };
}

/** The marks in a list of wires; undefined where the facet is something else. */
function marksAt(node: FlowNode, facet: Facet): string[] | undefined {
  if (!facet.key.startsWith("data/inputs/")) return undefined;
  const [value] = valuesAt(node, facet);
  if (value === undefined || value === "") return [];
  if (Array.isArray(value)) return value.every((entry) => typeof entry === "string" && MARK.test(entry)) ? (value as string[]) : undefined;
  return undefined;
}

/** Whether what stands there came from wires alone. */
function isOfWires(node: FlowNode, facet: Facet): boolean {
  const [value] = valuesAt(node, facet);
  return marksAt(node, facet) !== undefined || (facet.key.startsWith("data/inputs/") && typeof value === "string" && MARK.test(value));
}

function fieldLabel(node: FlowNode, facet: Facet): string {
  const name = facet.paths[0]?.at(-1) ?? facet.key;
  if (facet.key === "data/label" || facet.key === inputKey("note")) return kindOf(node) === "node" ? "label" : "";
  const wanted = facet.key === "credential" ? "credential" : name;
  return paramsOf(node).find((param) => param.name === wanted)?.label ?? name;
}

function shown(node: FlowNode, facet: Facet): string {
  const values = valuesAt(node, facet);
  const name = facet.paths[0]?.at(-1) ?? "";
  const text = asShown(values.length > 1 ? values.find((value) => asText(value)) : values[0]);
  const secret = facet.key === "credential" || SECRET.test(name) || paramsOf(node).some((param) => param.name === name && param.type === "password");
  return secret && text ? "••••••" : text;
}

function nodesByKey(graph: FlowGraph): Map<string, FlowNode> {
  return keyed(graph.nodes, (node) => node.id);
}

function wireKey(edge: FlowEdge): string {
  return JSON.stringify([edge.source, edge.sourceHandle, edge.target, edge.targetHandle]);
}

function wiresByKey(graph: FlowGraph): Wires {
  const byKey = keyed(graph.edges, wireKey);
  return { byKey, order: [...byKey.keys()] };
}

/** The second of two under one name is told apart by a number. */
function keyed<T>(list: readonly T[], nameOfOne: (one: T) => string): Map<string, T> {
  const found = new Map<string, T>();
  for (const one of list) {
    const name = nameOfOne(one);
    let key = name;
    for (let times = 1; found.has(key); times += 1) key = `${name}#${times}`;
    found.set(key, one);
  }
  return found;
}

