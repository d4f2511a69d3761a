import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { CatalogNode } from "~/api/types";
import { parseFlowData } from "./flow-data";
import { type ViewGraph, viewOf } from "./view-graph";

const fixture = (name: string) => readFileSync(new URL(`../../../../tests/fixtures/${name}`, import.meta.url), "utf8");
const catalog = JSON.parse(fixture("catalog.json")) as CatalogNode[];
const view = (name: string) => viewOf(parseFlowData(fixture(`${name}.flow.json`)), catalog);
const nodeIn = (graph: ViewGraph, id: string) => {
  const found = graph.nodes.find((node) => node.id === id);
  if (!found) throw new Error(`no node ${id}`);
  return found;
};

describe("viewOf", () => {
  it("draws every wire between two ports that the cards have", () => {
    for (const name of ["first", "agent", "retrieval", "iteration"]) {
      const graph = view(name);
      expect(graph.problems, name).toEqual([]);
      for (const edge of graph.edges) {
        expect(nodeIn(graph, edge.source).outputs.map((port) => port.id), edge.id).toContain(edge.sourceHandle);
        expect(nodeIn(graph, edge.target).inputs.map((port) => port.id), edge.id).toContain(edge.targetHandle);
      }
    }
  });

  it("shows the chosen output of a choice only, named for what it gives", () => {
    const store = nodeIn(view("retrieval"), "memoryVectorStore_0");
    expect(store.outputs.map((port) => [port.label, port.hue, port.connected])).toEqual([["Memory Retriever", "vector", true]]);
  });

  it("shows all ways of a fork", () => {
    const way = (name: string) => ({ id: `f-output-${name}-string`, name, label: name, type: "string", isAnchor: true });
    const outputAnchors = [{ name: "output", label: "Output", type: "options", options: [way("returnTrue"), way("returnFalse")] }];
    const node = { id: "f", type: "customNode", data: { name: "ifElseFunction", label: "Fork", outputAnchors } };
    const graph = viewOf(parseFlowData(JSON.stringify({ nodes: [node], edges: [] })), undefined);
    expect(nodeIn(graph, "f").outputs.map((port) => port.name)).toEqual(["returnTrue", "returnFalse"]);
  });

  it("knows ports that take several wires and those that may stay empty", () => {
    const agent = nodeIn(view("agent"), "toolAgent_0");
    const tools = agent.inputs.find((port) => port.name === "tools");
    expect(tools).toMatchObject({ list: true, optional: false, connected: true, hue: "tool" });
    expect(agent.inputs.find((port) => port.name === "chatPromptTemplate")).toMatchObject({ optional: true, connected: false });
  });

  it("shows a renamed node's type and the setting that tells most", () => {
    expect(nodeIn(view("agent"), "customTool_0")).toMatchObject({ label: "Weather lookup", typeLabel: "Custom Tool" });
    expect(nodeIn(view("first"), "chatLocal_0").headline).toBe("smollm2-135m-instruct");
    expect(nodeIn(view("first"), "promptTemplate_0").headline).toBe("You are a friendly guide. Answer in one short paragraph.");
  });

  it("leaves saved places alone", () => {
    expect(nodeIn(view("first"), "llmChain_0").position).toEqual({ x: 460, y: 180 });
  });

  it("puts a frame before what it holds", () => {
    const ids = view("iteration").nodes.map((node) => node.id);
    expect(ids.indexOf("iterationAgentflow_0")).toBeLessThan(ids.indexOf("llmAgentflow_0"));
  });

  it("says all that is wrong with a damaged flow and still draws it", () => {
    const graph = view("damaged");
    expect(graph.nodes).toHaveLength(5);
    expect(graph.problems.map((problem) => problem.code)).toEqual(["brokenPart", "edgeWithoutNode", "placed", "unknownNode"]);
    expect(graph.problems.find((problem) => problem.code === "unknownNode")).toMatchObject({ name: "chatQuantum", nodeId: "chatLocal_0" });
    const spots = new Set(graph.nodes.map((node) => `${node.position.x},${node.position.y}`));
    expect(spots.size).toBe(5);
  });

  it("reports a required socket that is empty, by the node's own label", () => {
    const flow = JSON.parse(fixture("first.flow.json")) as { edges: unknown[]; nodes: { id: string; data: { inputs: Record<string, unknown> } }[] };
    flow.edges.pop();
    const chain = flow.nodes.find((node) => node.id === "llmChain_0");
    if (chain) chain.data.inputs["prompt"] = "";
    const { problems } = viewOf(parseFlowData(JSON.stringify(flow)), catalog);
    expect(problems).toEqual([{ code: "missingInput", severity: "error", nodeId: "llmChain_0", label: "LLM Chain", input: "Prompt", port: "llmChain_0-input-prompt-BasePromptTemplate" }]);
  });

  it("counts no node as unknown while there is no catalog", () => {
    expect(viewOf(parseFlowData(fixture("damaged.flow.json")), undefined).nodes.some((node) => node.unknown)).toBe(false);
  });

  it("ends on a cycle, and on nodes that hold each other", () => {
    const node = (id: string, parentNode: string) => ({ id, type: "customNode", data: { name: "calculator", label: id }, parentNode });
    const flow = { nodes: [node("a", "b"), node("b", "a")], edges: [{ id: "1", source: "a", target: "b" }, { id: "1", source: "b", target: "a" }] };
    const graph = viewOf(parseFlowData(JSON.stringify(flow)), undefined);
    expect(graph.nodes).toHaveLength(2);
    expect(new Set(graph.edges.map((edge) => edge.id)).size).toBe(2);
  });
});
