import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { CatalogNode } from "~/api/types";
import { align, distribute, tidy } from "./arrange";
import { copyText, fragmentIn, pasted, withoutStart } from "./clipboard";
import { candidates, checkWire, converters, couldJoin, joinTo } from "./connect";
import { diffOf } from "./diff";
import { type FlowGraph, parseFlowData, toFlowData } from "./flow-data";
import { indexOf } from "./graph-index";
import { makeNode, makeNote } from "./make-node";
import { inputsOf } from "./node-data";
import { addNodes, connect, disconnect, moveNodes, removeNodes, reorderList, setCredential, setInputs, setLabel, setOutput, setParent, togglePinned } from "./operations";
import { createEditor, edgeKeys } from "./store";
import { updateNode } from "./update-node";
import { viewOf } from "./view-graph";

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
const nodeIn = (graph: FlowGraph, id: string) => {
  const node = indexOf(graph).nodes.get(id);
  if (!node) throw new Error(id);
  return node;
};
const MODEL = { source: "chatLocal_0", sourceHandle: "chatLocal_0-output-chatLocal-ChatLocal|BaseChatModel|BaseLanguageModel|Runnable", target: "llmChain_0", targetHandle: "llmChain_0-input-model-BaseLanguageModel" };
const step = (source: string, target: string, way = source.split("_")[0] ?? "") => ({ source, sourceHandle: `${source}-output-${way}`, target, targetHandle: target });

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

describe("the log", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])("takes any sequence of edits back to the start, and does it again (seed %i)", (seed) => {
    const roll = dice(seed);
    const start = flow(["first", "agent", "retrieval", "iteration", "damaged"][seed % 5] ?? "first");
    let time = 0;
    const editor = createEditor(start, false, () => time);
    const anyId = () => {
      const { nodes } = editor.getState().graph;
      return nodes[roll(Math.max(1, nodes.length))]?.id ?? "none";
    };
    const edits: ((graph: FlowGraph) => FlowGraph)[] = [
      (graph) => addNodes(graph, [makeNode(catalog[roll(catalog.length)] ?? entry("llmChain"), graph, { x: roll(900), y: roll(900) })]),
      (graph) => addNodes(graph, [makeNote(undefined, graph, { x: 1, y: 2 }, "words", roll(2) ? { width: 300, height: 200 } : undefined)]),
      (graph) => removeNodes(graph, [anyId()], roll(2) === 1),
      (graph) => moveNodes(graph, new Map([[anyId(), { x: roll(900), y: roll(900) }]])),
      (graph) => setInputs(graph, anyId(), { systemMessagePrompt: `text ${roll(99)}`, conditions: [{}, {}] }),
      (graph) => setLabel(graph, anyId(), `name ${roll(99)}`),
      (graph) => setCredential(graph, anyId(), `c${roll(9)}`),
      (graph) => setOutput(graph, anyId(), roll(2) ? "vectorStore" : "retriever"),
      (graph) => togglePinned(graph, anyId(), "modelName"),
      (graph) => disconnect(graph, new Set([edgeKeys(graph)[roll(Math.max(1, graph.edges.length))] ?? ""])),
      (graph) => setParent(graph, anyId(), roll(2) ? "iterationAgentflow_0" : undefined, { x: 10, y: 80 }),
      (graph) => {
        const id = anyId();
        const node = indexOf(graph).nodes.get(id);
        const [first] = node ? candidates(graph, node, String((node.data["outputAnchors"] as { id?: unknown }[] | undefined)?.[0]?.id), "source") : [];
        return first ? connect(graph, first.wire) : graph;
      },
      (graph) => {
        const fragment = fragmentIn(copyText(graph, new Set([anyId(), anyId()])));
        const result = fragment && pasted(graph, fragment, { x: 5, y: 5 }, false);
        return result ? addNodes(graph, result.nodes, result.edges) : graph;
      },
    ];
    for (let turn = 0; turn < 120; turn += 1) {
      time += roll(900);
      const edit = edits[roll(edits.length)];
      if (edit) editor.edit("set", edit, roll(2) ? "same" : undefined);
      if (roll(9) === 0) editor.undo();
      if (roll(11) === 0) editor.redo();
    }
    const end = toFlowData(editor.getState().graph);
    let steps = 0;
    while (editor.undo()) steps += 1;
    expect(steps).toBeGreaterThan(10);
    expect(toFlowData(editor.getState().graph)).toEqual(toFlowData(start));
    // Back to where it was, through every step that was taken back.
    for (; steps > 0; steps -= 1) editor.redo();
    expect(toFlowData(editor.getState().graph)).toEqual(end);
  });

  it("joins what follows quickly under one key, and nothing else", () => {
    let time = 0;
    const editor = createEditor(flow("first"), false, () => time);
    const type = (text: string) => editor.edit("set", (graph) => setLabel(graph, "llmChain_0", text), "llmChain_0.label");
    type("A");
    time += 100;
    type("AB");
    time += 2000;
    type("ABC");
    expect(editor.getState().past).toHaveLength(2);
    editor.undo();
    expect(nodeIn(editor.getState().graph, "llmChain_0").data["label"]).toBe("AB");
    editor.undo();
    expect(nodeIn(editor.getState().graph, "llmChain_0").data["label"]).toBe("LLM Chain");
  });

  it("changes nothing on a flow that may only be looked at", () => {
    const start = flow("first");
    const editor = createEditor(start, true);
    editor.edit("delete", (graph) => removeNodes(graph, ["llmChain_0"]));
    expect(editor.getState().graph).toBe(start);
  });
});

describe("new nodes", () => {
  it("have the shape in which a saved one of the same kind is", () => {
    const saved = nodeIn(flow("first"), "chatLocal_0");
    const made = makeNode(entry("chatLocal"), EMPTY, { x: 0, y: 0 });
    expect(made.id).toBe("chatLocal_0");
    expect(made.type).toBe("customNode");
    expect(made.data["outputAnchors"]).toEqual([expect.objectContaining({ id: (saved.data["outputAnchors"] as { id: string }[])[0]?.id })]);
    expect(Object.keys(inputsOf(made))).toEqual(expect.arrayContaining(["modelName", "temperature", "streaming"]));
  });

  it("offer a choice where the node gives several things", () => {
    const made = makeNode(entry("memoryVectorStore"), EMPTY, { x: 0, y: 0 });
    expect(made.data["outputs"]).toEqual({ output: "retriever" });
  });

  it("are steps in agentflows, with numbered labels and one port each", () => {
    const graph = withNodes("startAgentflow", "llmAgentflow", "llmAgentflow", "conditionAgentflow", "iterationAgentflow", "directReplyAgentflow");
    expect(graph.nodes.map((node) => [node.id, node.type, node.data["label"]])).toEqual([
      ["startAgentflow_0", "agentFlow", "Start"],
      ["llmAgentflow_0", "agentFlow", "LLM 0"],
      ["llmAgentflow_1", "agentFlow", "LLM 1"],
      ["conditionAgentflow_0", "agentFlow", "Condition 0"],
      ["iterationAgentflow_0", "iteration", "Iteration 0"],
      ["directReplyAgentflow_0", "agentFlow", "Direct Reply 0"],
    ]);
    expect(nodeIn(graph, "conditionAgentflow_0").data["outputAnchors"]).toHaveLength(2);
    expect(nodeIn(graph, "directReplyAgentflow_0").data["outputAnchors"]).toEqual([]);
  });
});

describe("wires", () => {
  const graph = withNodes("chatLocal", "llmChain", "promptTemplate", "chatOpenAI");

  it("are saved as Flowise saves them, with the mark in the input", () => {
    const wired = connect(graph, MODEL);
    expect(wired.edges).toEqual([{ id: `${MODEL.source}-${MODEL.sourceHandle}-${MODEL.target}-${MODEL.targetHandle}`, ...MODEL, extra: { type: "buttonedge" } }]);
    expect(inputsOf(nodeIn(wired, "llmChain_0"))["model"]).toBe("{{chatLocal_0.data.instance}}");
    const cut = disconnect(wired, new Set(edgeKeys(wired)));
    expect(inputsOf(nodeIn(cut, "llmChain_0"))["model"]).toBe("");
  });

  it("replace the one at a socket that takes one, and add up at a list", () => {
    const other = { ...MODEL, source: "chatOpenAI_0", sourceHandle: String((nodeIn(graph, "chatOpenAI_0").data["outputAnchors"] as { id: string }[])[0]?.id) };
    const wired = connect(connect(graph, MODEL), other);
    expect(wired.edges.map((edge) => edge.source)).toEqual(["chatOpenAI_0"]);
    const tools = withNodes("toolAgent", "calculator", "customTool");
    const toolHandle = "toolAgent_0-input-tools-Tool";
    const give = (id: string) => ({ source: id, sourceHandle: String((nodeIn(tools, id).data["outputAnchors"] as { id: string }[])[0]?.id), target: "toolAgent_0", targetHandle: toolHandle });
    const both = connect(connect(tools, give("calculator_0")), give("customTool_0"));
    expect(inputsOf(nodeIn(both, "toolAgent_0"))["tools"]).toEqual(["{{calculator_0.data.instance}}", "{{customTool_0.data.instance}}"]);
    expect(inputsOf(nodeIn(reorderList(both, "toolAgent_0", "tools", 0, 1), "toolAgent_0"))["tools"]).toEqual(["{{customTool_0.data.instance}}", "{{calculator_0.data.instance}}"]);
    expect(inputsOf(nodeIn(removeNodes(both, ["calculator_0"]), "toolAgent_0"))["tools"]).toEqual(["{{customTool_0.data.instance}}"]);
  });

  it("are refused with the reason", () => {
    const prompt = { ...MODEL, targetHandle: "llmChain_0-input-prompt-BasePromptTemplate" };
    expect(checkWire(graph, prompt)).toEqual({ ok: false, refusal: { code: "type", gives: "ChatLocal", needs: "BasePromptTemplate", at: "Prompt" } });
    expect(checkWire(graph, { ...MODEL, target: "chatLocal_0", targetHandle: "x" })).toMatchObject({ refusal: { code: "self" } });
    expect(checkWire(connect(graph, MODEL), MODEL)).toMatchObject({ refusal: { code: "same" } });
    expect(checkWire(graph, { ...MODEL, target: "gone" })).toMatchObject({ refusal: { code: "missing" } });
  });

  it("find what fits, and what goes between two that do not", () => {
    const end = { nodeId: "llmChain_0", handle: MODEL.targetHandle, side: "target" } as const;
    expect(catalog.filter((one) => couldJoin(one, graph, end)).map((one) => one.name)).toEqual(["chatLocal", "chatOpenAI"]);
    expect(joinTo(graph, nodeIn(graph, "chatLocal_0"), end)).toEqual(MODEL);
    expect(converters(catalog, ["Embeddings"], ["BaseRetriever"]).map((one) => one.name)).toEqual(["memoryVectorStore"]);
  });

  it("of agentflows say what comes next: never back, never into Start or out of an end", () => {
    const steps = withNodes("startAgentflow", "llmAgentflow", "directReplyAgentflow", "humanInputAgentflow");
    const wired = connect(connect(steps, step("startAgentflow_0", "llmAgentflow_0")), step("llmAgentflow_0", "humanInputAgentflow_0"));
    expect(wired.edges[0]).toMatchObject({ targetHandle: "llmAgentflow_0", extra: { type: "agentFlow", data: { isHumanInput: false } } });
    expect(checkWire(wired, step("humanInputAgentflow_0", "llmAgentflow_0", "0"))).toMatchObject({ refusal: { code: "loop" } });
    expect(checkWire(wired, step("llmAgentflow_0", "startAgentflow_0"))).toMatchObject({ refusal: { code: "intoStart" } });
    expect(checkWire(wired, step("directReplyAgentflow_0", "llmAgentflow_0"))).toMatchObject({ refusal: { code: "fromEnd" } });
    const replied = connect(wired, step("humanInputAgentflow_0", "directReplyAgentflow_0", "1"));
    expect(replied.edges.at(-1)).toMatchObject({ extra: { data: { edgeLabel: "reject", isHumanInput: true } } });
    expect(removeNodes(wired, ["llmAgentflow_0"], true).edges).toMatchObject([{ source: "startAgentflow_0", target: "humanInputAgentflow_0" }]);
  });

  it("leave a condition when its list of conditions shrinks", () => {
    const steps = withNodes("conditionAgentflow", "llmAgentflow");
    const three = setInputs(steps, "conditionAgentflow_0", { conditions: [{}, {}] });
    expect(nodeIn(three, "conditionAgentflow_0").data["outputAnchors"]).toHaveLength(3);
    const wired = connect(three, step("conditionAgentflow_0", "llmAgentflow_0", "2"));
    expect(wired.edges).toHaveLength(1);
    expect(setInputs(wired, "conditionAgentflow_0", { conditions: [{}] }).edges).toEqual([]);
  });
});

describe("copied fragments", () => {
  it("get new ids everywhere, keep inner wires, and lose marks of what stayed behind", () => {
    const graph = flow("first");
    const fragment = fragmentIn(copyText(graph, new Set(["llmChain_0", "promptTemplate_0"])));
    expect(fragment?.edges).toHaveLength(1);
    const result = pasted(graph, fragment ?? EMPTY, { x: 1000, y: 500 }, false);
    expect(result.nodes.map((node) => node.id)).toEqual(["promptTemplate_1", "llmChain_1"]);
    const chain = result.nodes[1];
    expect(chain && inputsOf(chain)).toMatchObject({ prompt: "{{promptTemplate_1.data.instance}}", model: "" });
    expect(JSON.stringify(result)).not.toMatch(/(promptTemplate|llmChain)_0/);
    expect(Math.min(...result.nodes.map((node) => node.position?.x ?? 0))).toBe(1000);
  });

  it("tell of the wires that led into them, so that these can be laid again", () => {
    const graph = flow("first");
    const fragment = fragmentIn(copyText(graph, new Set(["llmChain_0"])));
    const { incoming, edges } = pasted(graph, fragment ?? EMPTY, { x: 0, y: 0 }, false);
    expect(edges).toEqual([]);
    expect(incoming.map(({ source, target }) => [source, target]).toSorted()).toEqual([["chatLocal_0", "llmChain_1"], ["promptTemplate_0", "llmChain_1"]]);
    for (const { targetHandle } of incoming) expect(targetHandle).toMatch(/^llmChain_1-input-/);
  });

  it("of the other kind of flow are left out, and said so", () => {
    const result = pasted(EMPTY, flow("iteration"), { x: 0, y: 0 }, false);
    expect(result.nodes).toEqual([]);
    expect(result.leftOut).toContain("Start");
  });

  it("leave their Start out where there is one, which leads where theirs led while it leads nowhere", () => {
    const whole = connect(withNodes("startAgentflow", "llmAgentflow"), step("startAgentflow_0", "llmAgentflow_0"));
    const bare = withNodes("startAgentflow", "llmAgentflow");
    const result = pasted(bare, withoutStart(whole, bare), { x: 0, y: 0 }, true);
    expect(result.nodes.map((node) => [node.id, node.data["label"]])).toEqual([["llmAgentflow_1", "LLM 1"]]);
    expect(result.incoming).toMatchObject([{ source: "startAgentflow_0", target: "llmAgentflow_1", targetHandle: "llmAgentflow_1" }]);
    expect(result.leftOut).toEqual([]);
    expect(pasted(whole, withoutStart(whole, whole), { x: 0, y: 0 }, true).incoming).toEqual([]);
  });

  it("may be a whole export, wrapped or not, but not any text", () => {
    expect(fragmentIn(fixture("first.flow.json"))?.nodes).toHaveLength(4);
    expect(fragmentIn(JSON.stringify({ flowData: fixture("first.flow.json") }))?.nodes).toHaveLength(4);
    expect(fragmentIn("hello {")).toBeNull();
    expect(fragmentIn('{"nodes":[]}')).toBeNull();
  });
});

describe("arranging", () => {
  const rects = [
    { id: "chatLocal_0", x: 0, y: 10, width: 100, height: 50 },
    { id: "promptTemplate_0", x: 130, y: 40, width: 100, height: 70 },
    { id: "llmChain_0", x: 500, y: 90, width: 100, height: 60 },
  ];
  it("lays the first way of a fork above the second, and leaves no two over each other", async () => {
    let graph = withNodes("startAgentflow", "conditionAgentflow", "directReplyAgentflow", "llmAgentflow", "loopAgentflow");
    for (const wire of [step("startAgentflow_0", "conditionAgentflow_0"), step("conditionAgentflow_0", "llmAgentflow_0", "1"), step("conditionAgentflow_0", "directReplyAgentflow_0", "0"), step("llmAgentflow_0", "loopAgentflow_0")]) graph = connect(graph, wire);
    const laid = (await tidy(graph, graph.nodes.map(({ id }) => ({ id, x: 0, y: 0, width: 264, height: 116 }))))(graph);
    const at = (id: string) => nodeIn(laid, id).position ?? { x: 0, y: 0 };
    expect(at("directReplyAgentflow_0").y + 116).toBeLessThan(at("llmAgentflow_0").y);
    expect(at("startAgentflow_0").x).toBeLessThan(at("conditionAgentflow_0").x);
  });

  it("aligns edges and evens gaps", () => {
    const places = (graph: FlowGraph) => rects.map(({ id }) => nodeIn(graph, id).position);
    expect(places(align(flow("first"), rects, "top")).map((place) => place?.y)).toEqual([10, 10, 10]);
    expect(places(distribute(flow("first"), rects, "x")).map((place) => place?.x)).toEqual([0, 250, 500]);
  });
});

describe("differences", () => {
  it("name changed fields with both values, secrets hidden, and wires by their ends", () => {
    const before = flow("first");
    const after = setCredential(setInputs(disconnect(before, new Set([edgeKeys(before)[0] ?? ""])), "chatLocal_0", { temperature: 0.9 }), "chatLocal_0", "secret-id");
    const diff = diffOf(before, after);
    expect(diff.nodes.find((node) => node.id === "chatLocal_0")).toMatchObject({ kind: "changed", fields: [{ label: "Temperature", before: "0.2", after: "0.9" }, { name: "credential", after: "••••••" }] });
    expect(diff.wiresRemoved).toHaveLength(1);
    expect(JSON.stringify(diff)).not.toContain("secret-id");
    expect(diffOf(before, flow("first")).nodes).toEqual([]);
  });
});

describe("problems", () => {
  it("are found in the settings of a chosen model and in the items of a list", () => {
    const graph = setInputs(withNodes("startAgentflow", "llmAgentflow"), "llmAgentflow_0", { llmModel: "chatOpenAI", llmMessages: [{ role: "", content: "" }] });
    const problems = viewOf(graph, catalog).problems.filter((problem) => problem.code === "inField");
    expect(problems.map((problem) => [problem.name, problem.place, problem.field])).toEqual(
      expect.arrayContaining([
        ["llmModel", entry("chatOpenAI").label, "Connect Credential"],
        ["llmMessages", "Messages 1", "Content"],
      ]),
    );
    const fine = setInputs(graph, "llmAgentflow_0", { llmModelConfig: { llmModel: "chatOpenAI", modelName: "gpt-4o-mini", FLOWISE_CREDENTIAL_ID: "one" }, llmMessages: [{ role: "system", content: "Be brief." }] });
    expect(viewOf(fine, catalog).problems.filter((problem) => problem.code === "inField")).toEqual([]);
  });
});

describe("an outdated node", () => {
  it("keeps the values and wires that still exist", () => {
    const graph = connect(setInputs(withNodes("chatLocal", "llmChain"), "llmChain_0", { chainName: "Ours" }), MODEL);
    const newer: CatalogNode = { ...entry("llmChain"), version: 9, inputs: [...(entry("llmChain").inputs ?? []).filter((input) => input["name"] !== "model"), { label: "Fresh", name: "fresh", type: "string", default: "new" }] };
    const updated = updateNode(graph, "llmChain_0", newer);
    expect(nodeIn(updated, "llmChain_0").data["version"]).toBe(9);
    expect(inputsOf(nodeIn(updated, "llmChain_0"))).toMatchObject({ chainName: "Ours", fresh: "new" });
    expect(updated.edges).toEqual([]);
  });
});
