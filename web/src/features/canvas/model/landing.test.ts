import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { CatalogNode } from "~/api/types";
import { joinTo } from "./connect";
import type { FlowGraph } from "./flow-data";
import { indexOf } from "./graph-index";
import { landingOf, placeBeside, placeNear, roomBetween } from "./landing";
import { makeNode } from "./make-node";
import { sizeOf } from "./node-data";
import { addNodes, connect, holding, setInputs } from "./operations";
import { wayOf } from "./ways";

const catalog = JSON.parse(readFileSync(new URL("../../../../tests/fixtures/catalog.json", import.meta.url), "utf8")) as CatalogNode[];
const entry = (name: string): CatalogNode => {
  const found = catalog.find((one) => one.name === name);
  if (!found) throw new Error(name);
  return found;
};
const EMPTY: FlowGraph = { nodes: [], edges: [], unread: [], extra: {} };
const withNodes = (...names: string[]) => names.reduce((graph, name, at) => addNodes(graph, [makeNode(entry(name), graph, { x: at * 400, y: 0 })]), EMPTY);
const nodeIn = (graph: FlowGraph, id: string) => {
  const node = indexOf(graph).nodes.get(id);
  if (!node) throw new Error(id);
  return node;
};
const landing = (graph: FlowGraph, name: string, ...selected: string[]) => landingOf(entry(name), graph, new Set(selected));
const NONE: string[] = [];

describe("a new node joins", () => {
  it("what the selected node needs", () => {
    expect(landing(withNodes("llmChain"), "chatLocal", "llmChain_0")).toMatchObject({ nodeId: "llmChain_0", side: "target", handle: expect.stringContaining("-input-model-") as string });
  });

  it("the selected node's output, where it takes that", () => {
    expect(landing(withNodes("chatLocal"), "llmChain", "chatLocal_0")).toMatchObject({ nodeId: "chatLocal_0", side: "source" });
  });

  it("the one node that waits for it, whatever is selected, and none where two do", () => {
    expect(landing(withNodes("llmChain"), "chatLocal", ...NONE)).toMatchObject({ nodeId: "llmChain_0" });
    expect(landing(withNodes("llmChain", "llmChain"), "chatLocal", ...NONE)).toBeUndefined();
  });

  it("the free way out of the selected step, and after Start without a word", () => {
    expect(landing(withNodes("startAgentflow"), "llmAgentflow", ...NONE)).toMatchObject({ nodeId: "startAgentflow_0", side: "source" });
    const graph = withNodes("startAgentflow", "conditionAgentflow");
    const first = landing(graph, "llmAgentflow", "conditionAgentflow_0");
    expect(first).toMatchObject({ handle: "conditionAgentflow_0-output-0" });
    if (!first) throw new Error("no landing");
    const more = addNodes(graph, [makeNode(entry("llmAgentflow"), graph, { x: 900, y: 0 })]);
    const wire = joinTo(more, nodeIn(more, "llmAgentflow_0"), first);
    if (!wire) throw new Error("no wire");
    expect(landing(connect(more, wire), "llmAgentflow", "conditionAgentflow_0")).toMatchObject({ handle: "conditionAgentflow_0-output-1" });
  });

  it("nothing where the selected step is the last", () => {
    expect(landing(withNodes("startAgentflow", "directReplyAgentflow"), "llmAgentflow", "directReplyAgentflow_0")).toBeUndefined();
  });
});

describe("a new node's place", () => {
  const box = (id: string, x: number, y: number) => ({ id, x, y, width: 264, height: 100 });

  it("is after what it follows, before what it feeds, and never over another", () => {
    const holder = box("a", 0, 0);
    expect(placeBeside(holder, { width: 264, height: 100 }, "source", [holder])).toEqual({ x: 360, y: 0 });
    expect(placeBeside(holder, { width: 400, height: 250 }, "target", [holder])).toEqual({ x: -496, y: 0 });
    expect(placeBeside(holder, { width: 264, height: 100 }, "source", [holder, box("b", 360, 20)])).toEqual({ x: 360, y: 168 });
  });

  it("is between two that are wired, which make room where there is too little", () => {
    const [from, size] = [box("a", 0, 0), { width: 264, height: 100 }];
    expect(roomBetween(from, box("b", 1000, 40), size)).toEqual({ at: { x: 500, y: 40 }, shift: 0 });
    expect(roomBetween(from, box("b", 360, 40), size)).toEqual({ at: { x: 360, y: 40 }, shift: 360 });
    expect(roomBetween(from, box("b", -400, 40), size).at.y).toBeGreaterThan(140);
  });

  it("has room for the whole node", () => {
    const present = [box("a", -132, -50)];
    const at = placeNear({ x: 0, y: 0 }, { width: 400, height: 250 }, present);
    expect(at.x + 400 <= -132 || at.x >= 132 || at.y + 250 <= -50 || at.y >= 50).toBe(true);
  });

  it("makes its frame larger where it would stick out", () => {
    const graph = withNodes("iterationAgentflow");
    const size = sizeOf(nodeIn(holding(graph, "iterationAgentflow_0", { x: 380, y: 80, width: 264, height: 100 }), "iterationAgentflow_0"));
    expect(size).toEqual({ width: 668, height: 250 });
    expect(holding(graph, "iterationAgentflow_0", { x: 10, y: 80, width: 264, height: 100 })).toBe(graph);
  });
});

describe("the ways out", () => {
  it("are called after what they stand for", () => {
    const graph = setInputs(withNodes("conditionAgentflow"), "conditionAgentflow_0", { conditions: [{ type: "string", value1: "{{ question }}", operation: "equal", value2: "yes" }, { type: "string", value1: "a", operation: "isEmpty", value2: "stale" }] });
    const node = nodeIn(graph, "conditionAgentflow_0");
    const way = (at: number) => wayOf(node, { id: `conditionAgentflow_0-output-${at}`, name: "conditionAgentflow", label: "Condition", types: [], list: false, optional: true });
    expect([way(0), way(1), way(2)]).toEqual([{ kind: "case", text: "0: equal yes" }, { kind: "case", text: "1: is empty" }, { kind: "else" }]);
  });
});
