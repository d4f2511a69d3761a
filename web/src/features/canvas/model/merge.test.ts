import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { CatalogNode } from "~/api/types";
import { connect, disconnect, addNodes, instanceOf, moveNodes, removeNodes, setCredential, setInputs, setLabel, setOutput, togglePinned } from "./operations";
import { candidates, checkWire, type Wire } from "./connect";
import { type FlowGraph, parseFlowData } from "./flow-data";
import { indexOf } from "./graph-index";
import { makeNode, makeNote } from "./make-node";
import { merge } from "./merge";
import { inputsOf } from "./node-data";
import { edgeKeys } from "./store";

const fixture = (name: string) => readFileSync(new URL(`../../../../tests/fixtures/${name}`, import.meta.url), "utf8");
const catalog = JSON.parse(fixture("catalog.json")) as CatalogNode[];
const flow = (name: string) => parseFlowData(fixture(`${name}.flow.json`));
const entry = (name: string): CatalogNode => {
  const found = catalog.find((one) => one.name === name);
  if (!found) throw new Error(name);
  return found;
};
const EMPTY: FlowGraph = { nodes: [], edges: [], unread: [], extra: {} };
const withNodes = (...names: string[]) => names.reduce((graph, name, at) => addNodes(graph, [makeNode(entry(name), graph, { x: at * 300, y: 0 })]), EMPTY);
const inputsIn = (graph: FlowGraph, id: string) => {
  const node = indexOf(graph).nodes.get(id);
  return node && inputsOf(node);
};
const wireTo = (model: string, chain = "llmChain_0"): Wire => ({ source: model, sourceHandle: `${model}-output-chatLocal-ChatLocal|BaseChatModel|BaseLanguageModel|Runnable`, target: chain, targetHandle: `${chain}-input-model-BaseLanguageModel` });

/** Numbers that are the same in every run (mulberry32). */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** `graph` after `count` edits of all kinds, at nodes that `mayTouch` says. */
function edited(graph: FlowGraph, seed: number, count: number, mayTouch: (id: string) => boolean = () => true): FlowGraph {
  const roll = dice(seed);
  let now = graph;
  for (let turn = 0; turn < count; turn += 1) {
    const ids = now.nodes.map((node) => node.id).filter(mayTouch);
    const id = ids[roll(Math.max(1, ids.length))] ?? "none";
    const edits: (() => FlowGraph)[] = [
      () => addNodes(now, [makeNode(catalog[roll(catalog.length)] ?? entry("llmChain"), now, { x: roll(900), y: roll(900) })]),
      () => addNodes(now, [makeNote(undefined, now, { x: 1, y: 2 }, `words ${roll(99)}`)]),
      () => removeNodes(now, [id], roll(2) === 1),
      () => moveNodes(now, new Map([[id, { x: roll(900), y: roll(900) }]])),
      () => setInputs(now, id, { systemMessagePrompt: `text ${roll(99)}`, conditions: [{}, {}] }),
      () => setLabel(now, id, `name ${roll(99)}`),
      () => setCredential(now, id, `c${roll(9)}`),
      () => setOutput(now, id, roll(2) ? "vectorStore" : "retriever"),
      () => togglePinned(now, id, "modelName"),
      () => disconnect(now, new Set([edgeKeys(now)[roll(Math.max(1, now.edges.length))] ?? ""])),
      () => {
        const node = indexOf(now).nodes.get(id);
        const [first] = node ? candidates(now, node, String((node.data["outputAnchors"] as { id?: unknown }[] | undefined)?.[0]?.id), "source") : [];
        return first ? connect(now, first.wire) : now;
      },
    ];
    now = edits[roll(edits.length)]?.() ?? now;
  }
  return now;
}

const SEEDS = Array.from({ length: 24 }, (_, index) => index + 1);
const NAMES = ["first", "agent", "retrieval", "iteration", "damaged"];
const baseFor = (seed: number) => flow(NAMES[seed % NAMES.length] ?? "first");
const looseIn = (graph: FlowGraph) => graph.edges.filter((edge) => !indexOf(graph).nodes.has(edge.source) || !indexOf(graph).nodes.has(edge.target));
const bySort = (graph: FlowGraph) => ({ nodes: graph.nodes.toSorted((a, b) => a.id.localeCompare(b.id)), edges: graph.edges.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b))) });

describe("two people's changes", () => {
  it.each(SEEDS)("are mine where the other did nothing, and theirs where I did nothing (seed %i)", (seed) => {
    const base = baseFor(seed);
    const changed = edited(base, seed, 25);
    expect(merge(base, changed, base)).toEqual({ graph: changed, collisions: [] });
    expect(merge(base, base, changed)).toEqual({ graph: changed, collisions: [] });
    expect(merge(base, changed, changed)).toEqual({ graph: changed, collisions: [] });
  });

  it.each(SEEDS)("leave no wire without its node, whatever is chosen (seed %i)", (seed) => {
    const base = baseFor(seed);
    const already = looseIn(base).length;
    const [mine, theirs] = [edited(base, seed, 20), edited(base, seed + 1000, 20)];
    const { graph, collisions } = merge(base, mine, theirs);
    expect(looseIn(graph).length).toBeLessThanOrEqual(already);
    const roll = dice(seed);
    const choices = new Map(collisions.map(({ id }) => [id, roll(2) ? ("mine" as const) : ("theirs" as const)]));
    const chosen = merge(base, mine, theirs, choices);
    expect(looseIn(chosen.graph).length).toBeLessThanOrEqual(already);
    // What a choice decides is asked under the same name again.
    expect(chosen.collisions.map(({ id }) => id)).toEqual(collisions.map(({ id }) => id));
    // Sockets know their wires.
    const ids = new Set(chosen.graph.nodes.map((node) => node.id));
    const gone = [...base.nodes, ...mine.nodes, ...theirs.nodes].filter((node) => !ids.has(node.id)).map((node) => instanceOf(node.id));
    if (already > 0) return;
    for (const node of chosen.graph.nodes.filter((one) => one.type === "customNode")) for (const mark of gone) expect(JSON.stringify(inputsOf(node))).not.toContain(mark);
  });

  it.each(SEEDS)("at different nodes are both in, in whichever order they are told (seed %i)", (seed) => {
    const base = withNodes("llmChain", "chatLocal", "promptTemplate", "chatLocal");
    const ids = base.nodes.map((node) => node.id);
    const own = new Set(ids.filter((_, index) => index % 2 === seed % 2));
    const change = (graph: FlowGraph, where: (id: string) => boolean) => graph.nodes.filter((node) => where(node.id)).reduce((now, node, index) => setLabel(moveNodes(setInputs(now, node.id, { systemMessagePrompt: `text ${seed}` }), new Map([[node.id, { x: seed, y: index }]])), node.id, `name ${seed}`), graph);
    const mine = change(base, (id) => own.has(id));
    const theirs = change(base, (id) => !own.has(id));
    const both = change(mine, (id) => !own.has(id));
    const [one, other] = [merge(base, mine, theirs), merge(base, theirs, mine)];
    expect(one.collisions).toEqual([]);
    expect(bySort(one.graph)).toEqual(bySort(other.graph));
    expect(bySort(one.graph)).toEqual(bySort(both));
  });

  it("at different settings of one node are both in", () => {
    const base = withNodes("chatLocal");
    const { graph, collisions } = merge(base, setInputs(base, "chatLocal_0", { temperature: 1 }), setLabel(setInputs(base, "chatLocal_0", { maxTokens: 9 }), "chatLocal_0", "Judge"));
    expect(collisions).toEqual([]);
    expect(inputsIn(graph, "chatLocal_0")).toMatchObject({ temperature: 1, maxTokens: 9 });
    expect(indexOf(graph).nodes.get("chatLocal_0")?.data["label"]).toBe("Judge");
  });

  it("at one setting collide, and the choice decides; secrets are not shown", () => {
    const base = withNodes("chatLocal");
    const [mine, theirs] = [setInputs(base, "chatLocal_0", { temperature: 1, apiKey: "s1" }), setInputs(base, "chatLocal_0", { temperature: 2, apiKey: "s2" })];
    const { graph, collisions } = merge(base, mine, theirs);
    expect(collisions.map(({ id, mine: own, theirs: other }) => [id, own, other])).toEqual([
      ["field:chatLocal_0/data/inputs/temperature", "1", "2"],
      ["field:chatLocal_0/data/inputs/apiKey", "••••••", "••••••"],
    ]);
    expect(inputsIn(graph, "chatLocal_0")).toMatchObject({ temperature: 1, apiKey: "s1" });
    const chosen = merge(base, mine, theirs, new Map([["field:chatLocal_0/data/inputs/temperature", "theirs"]]));
    expect(inputsIn(chosen.graph, "chatLocal_0")).toMatchObject({ temperature: 2, apiKey: "s1" });
  });

  it("give two new nodes of one name two names, and their wires stay theirs", () => {
    const base = withNodes("llmChain");
    const add = (graph: FlowGraph, x: number) => addNodes(graph, [makeNode(entry("chatLocal"), graph, { x, y: 0 })]);
    const mine = connect(setLabel(add(base, 1), "chatLocal_0", "Mine"), wireTo("chatLocal_0"));
    const theirs = setLabel(add(base, 2), "chatLocal_0", "Theirs");
    const { graph, collisions } = merge(base, mine, theirs);
    expect(collisions).toEqual([]);
    expect(graph.nodes.map((node) => [node.id, node.data["id"], node.data["label"]])).toEqual([
      ["llmChain_0", "llmChain_0", "LLM Chain"],
      ["chatLocal_1", "chatLocal_1", "Mine"],
      ["chatLocal_0", "chatLocal_0", "Theirs"],
    ]);
    expect(graph.edges.map((edge) => edge.source)).toEqual(["chatLocal_1"]);
    expect(inputsIn(graph, "llmChain_0")?.["model"]).toBe("{{chatLocal_1.data.instance}}");
    expect(checkWire(graph, wireTo("chatLocal_0"))).toMatchObject({ ok: true });
  });

  it("at a socket for one wire collide, and wire and setting follow the same choice", () => {
    const base = withNodes("llmChain", "chatLocal", "chatLocal");
    const [mine, theirs] = [connect(base, wireTo("chatLocal_0")), connect(base, wireTo("chatLocal_1"))];
    const { graph, collisions } = merge(base, mine, theirs);
    expect(collisions).toMatchObject([{ kind: "wire", field: "Language Model" }]);
    expect(graph).toEqual(mine);
    const chosen = merge(base, mine, theirs, new Map([[collisions[0]?.id ?? "", "theirs"]]));
    expect(chosen.graph).toEqual(theirs);
  });

  it("ask when one took away what the other changed, and bring the wires back with it", () => {
    const base = connect(withNodes("llmChain", "chatLocal"), wireTo("chatLocal_0"));
    const mine = removeNodes(base, ["chatLocal_0"]);
    const theirs = setInputs(base, "chatLocal_0", { temperature: 2 });
    const { graph, collisions } = merge(base, mine, theirs);
    expect(collisions).toMatchObject([{ kind: "removal", removedBy: "mine" }]);
    expect(graph).toEqual(mine);
    const chosen = merge(base, mine, theirs, new Map([[collisions[0]?.id ?? "", "theirs"]]));
    expect(chosen.graph).toEqual(theirs);
  });

  it("do not ask when what was taken away had only been moved", () => {
    const base = withNodes("llmChain", "chatLocal");
    const { graph, collisions } = merge(base, removeNodes(base, ["chatLocal_0"]), moveNodes(base, new Map([["chatLocal_0", { x: 5, y: 5 }]])));
    expect(collisions).toEqual([]);
    expect(graph.nodes.map((node) => node.id)).toEqual(["llmChain_0"]);
  });

  it("ask once for all nodes that both moved", () => {
    const base = withNodes("llmChain", "chatLocal");
    const to = (x: number) => moveNodes(base, new Map(base.nodes.map((node, index) => [node.id, { x, y: index }])));
    const { graph, collisions } = merge(base, to(1), to(2));
    expect(collisions).toMatchObject([{ id: "places", kind: "places" }]);
    expect(graph).toEqual(to(1));
    expect(merge(base, to(1), to(2), new Map([["places", "theirs"]])).graph).toEqual(to(2));
  });
});
