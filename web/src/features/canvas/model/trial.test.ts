import { describe, expect, it } from "vitest";
import { parseFlowData } from "./flow-data";
import { hasBreakpoint, pinOf, setPin, toggleBreakpoints, trialMarks, withoutMarks } from "./trial";

const graph = parseFlowData(
  JSON.stringify({ nodes: [{ id: "a", type: "agentFlow", data: { name: "llmAgentflow", kept: 1 } }, { id: "b", type: "agentFlow", data: { name: "toolAgentflow" } }, { id: "n", type: "stickyNote", data: { name: "stickyNoteAgentflow" } }], edges: [] }),
);
const dataOf = (of: typeof graph, id: string) => of.nodes.find((node) => node.id === id)?.data;

describe("marks of a trial", () => {
  it("pin what a step gives, and unpin it without a trace", () => {
    const pinned = setPin(graph, "a", { content: "x" });
    expect(pinned.nodes.map(pinOf)).toEqual([{ content: "x" }, undefined, undefined]);
    expect(dataOf(setPin(pinned, "a", undefined), "a")).toEqual(dataOf(graph, "a"));
  });

  it("set breakpoints at steps alone, and take them away where all have one", () => {
    const some = toggleBreakpoints(graph, ["a"]);
    const all = toggleBreakpoints(some, ["a", "b", "n"]);
    expect(all.nodes.map(hasBreakpoint)).toEqual([true, true, false]);
    expect(toggleBreakpoints(all, ["a", "b"]).nodes.some(hasBreakpoint)).toBe(false);
  });

  it("are counted and cleared together", () => {
    const marked = toggleBreakpoints(setPin(graph, "a", {}), ["b"]);
    expect(trialMarks(marked)).toEqual({ pins: 1, breakpoints: 1 });
    expect(withoutMarks(marked).nodes.map((node) => node.data)).toEqual(graph.nodes.map((node) => node.data));
  });
});
