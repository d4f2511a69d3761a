import { describe, expect, it } from "vitest";
import { type FlowGraph, type FlowNode, parseFlowData } from "./flow-data";
import { historyFor, historyToKeep } from "./history";
import { makeEdge } from "./operations";
import { flowDataText } from "./saver";
import { createEditor } from "./store";

const node = (id: string, note = ""): FlowNode => ({ id, type: "customNode", position: { x: 0, y: 0 }, data: { id, name: "one", label: id, inputs: { note } }, extra: {} });
const START: FlowGraph = { nodes: [node("a"), node("b")], edges: [], unread: [], extra: {} };

function edited(notes: readonly string[]) {
  const editor = createEditor(START);
  for (const note of notes) editor.edit("write", (graph) => ({ ...graph, nodes: graph.nodes.map((one) => (one.id === "a" ? node("a", note) : one)) }));
  return editor;
}

describe("a log of edits", () => {
  it("undoes and does again after it was kept and taken up", () => {
    const before = edited(["one", "two", "three"]);
    before.undo();
    const { graph } = before.getState();
    const log = historyFor(graph, structuredClone(historyToKeep(before.getState())));
    const after = createEditor(graph);
    after.recall(log ?? { past: [], future: [] });
    expect(after.redo()).toBe("write");
    expect(flowDataText(after.getState().graph)).toContain("three");
    for (const _ of ["three", "two", "one"]) after.undo();
    expect(flowDataText(after.getState().graph)).toBe(flowDataText(START));
  });

  it("knows its graph again after that was saved and read, whoever laid the wires", () => {
    const step = (id: string): FlowNode => ({ ...node(id), type: "agentFlow" });
    const drawn: FlowGraph = { ...START, nodes: [step("a"), step("b")], edges: [] };
    const editor = createEditor(drawn);
    editor.edit("connect", (graph) => ({ ...graph, edges: [makeEdge(step("a"), { source: "a", sourceHandle: "a-output-one", target: "b", targetHandle: "b" })] }));
    const read = parseFlowData(flowDataText(editor.getState().graph));
    expect(historyFor(read, historyToKeep(editor.getState()))?.past).toHaveLength(1);
  });

  it("is not taken up by another graph", () => {
    const kept = historyToKeep(edited(["one"]).getState());
    expect(historyFor(START, kept)).toBeUndefined();
    expect(historyFor(START, undefined)).toBeUndefined();
  });

  it("keeps the newest steps and lets go of what is too heavy", () => {
    expect(historyToKeep(edited(Array.from({ length: 150 }, (_, at) => String(at))).getState()).past).toHaveLength(100);
    expect(historyToKeep(edited(["light", "x".repeat(5_000_000), "light again"]).getState()).past).toHaveLength(0);
  });
});
