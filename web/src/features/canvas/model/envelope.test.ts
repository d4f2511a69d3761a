// The envelope of a step: read, written, and its error wire.
import { describe, expect, it } from "vitest";
import { asArray, asObject } from "~/lib/json";
import { envelopeOf, envelopeSet, setBudget, setEnvelope } from "./envelope";
import type { FlowGraph } from "./flow-data";
import { connect, setInputs } from "./operations";

const step = (id: string, name: string, data = {}) => ({ id, type: "agentFlow", position: { x: 0, y: 0 }, data: { id, name, label: id, inputs: {}, outputAnchors: [{ id: `${id}-output-${name}`, label: name, name }], ...data }, extra: {} });
const GRAPH: FlowGraph = { nodes: [step("a", "llmAgentflow"), step("b", "directReplyAgentflow")], edges: [], unread: [], extra: {} };
const anchors = (graph: FlowGraph) => asArray(graph.nodes[0]?.data["outputAnchors"]).map((anchor) => asObject(anchor)?.["id"]);

describe("the envelope", () => {
  it("is what the engine takes where nothing or nonsense is saved", () => {
    const node = step("a", "llmAgentflow", { envelope: { retries: "many", onError: "explode", budget: 5 } });
    expect(envelopeOf(node)).toEqual({ retries: 0, backoff: 500, retryOn: [], timeout: null, onError: "stop", repeatable: true, fallback: undefined, budget: { tokens: null, cost: null, seconds: null } });
    expect(envelopeSet(node)).toBe(0);
  });

  it("keeps rows that it does not know, and goes where nothing is left", () => {
    const known = setEnvelope({ ...GRAPH, nodes: [step("a", "llmAgentflow", { envelope: { later: 1 } })] }, "a", { retries: 2 });
    expect(known.nodes[0]?.data["envelope"]).toEqual({ later: 1, retries: 2 });
    const empty = setEnvelope(setEnvelope(GRAPH, "a", { retries: 2 }), "a", { retries: undefined });
    expect("envelope" in (empty.nodes[0]?.data ?? {})).toBe(false);
  });

  it("brings the error's way out, which goes with its wires", () => {
    const branching = setEnvelope(GRAPH, "a", { onError: "branch" });
    expect(anchors(branching)).toEqual(["a-output-llmAgentflow", "a-output-error"]);
    const wired = connect(branching, { source: "a", sourceHandle: "a-output-error", target: "b", targetHandle: "b" });
    expect(wired.edges[0]?.extra["data"]).toMatchObject({ edgeLabel: "error" });
    const stopping = setEnvelope(wired, "a", { onError: undefined });
    expect([anchors(stopping), stopping.edges.length]).toEqual([["a-output-llmAgentflow"], 0]);
  });

  it("leaves the error's way out where a decision changes its ways", () => {
    const deciding = { ...GRAPH, nodes: [step("a", "conditionAgentflow", { outputAnchors: [{ id: "a-output-0" }, { id: "a-output-1" }] })] };
    const more = setInputs(setEnvelope(deciding, "a", { onError: "branch" }), "a", { conditions: [{}, {}] });
    expect(anchors(more)).toEqual(["a-output-0", "a-output-1", "a-output-2", "a-output-error"]);
  });

  it("holds what a run may spend", () => {
    const limited = setBudget(setBudget(GRAPH, "a", "tokens", 5000), "a", "cost", 0.25);
    expect(envelopeOf(limited.nodes[0] ?? step("x", "x")).budget).toEqual({ tokens: 5000, cost: 0.25, seconds: null });
    expect(envelopeSet(setBudget(setBudget(limited, "a", "tokens", null), "a", "cost", null).nodes[0] ?? step("x", "x"))).toBe(0);
  });
});
