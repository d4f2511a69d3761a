import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Chatflow } from "~/api/types";
import { asObject, parseJson } from "~/lib/json";
import { fileOfFlow, fileOfFlows } from "./export-flow";
import { credentialKindsOf, graphOf, nodesOf, typeOfGraph, withoutSecrets } from "./graph";

const fixture = (name: string) => readFileSync(new URL(`../../../tests/fixtures/${name}.flow.json`, import.meta.url), "utf8");
const flow = (more: Partial<Chatflow>): Chatflow => ({ id: "7b1c", name: "Weather", createdDate: "", updatedDate: "", type: "CHATFLOW", ...more });

describe("graphOf", () => {
  it.each(["{", "[]", '{"nodes":4}', "null", "", null])("says that %s is no graph", (text) => expect(graphOf(text)).toBeNull());

  it("names what does something and leaves notes out", () => {
    const graph = graphOf(fixture("first"));
    expect(nodesOf(graph?.nodes ?? []).map((node) => node.name)).toEqual(["chatLocal", "promptTemplate", "llmChain"]);
  });
});

describe("typeOfGraph", () => {
  it("tells the engines apart by their nodes", () => {
    expect(typeOfGraph(graphOf(fixture("agent"))?.nodes ?? [])).toBe("CHATFLOW");
    expect(typeOfGraph([{ type: "agentFlow" }])).toBe("AGENTFLOW");
    expect(typeOfGraph([{ data: { name: "seqStart", category: "Sequential Agents" } }])).toBe("MULTIAGENT");
  });
});

describe("withoutSecrets", () => {
  const node = {
    id: "a",
    data: {
      name: "chatOpenAI",
      credential: "c1",
      inputParams: [
        { name: "basepath", type: "string" },
        { name: "token", type: "password" },
        { name: "pdf", type: "file" },
        { name: "credential", type: "credential", credentialNames: ["openAIApi"] },
      ],
      inputs: { basepath: "x", token: "secret", pdf: "FILE-STORAGE::a.pdf", modelConfig: { credential: "c2", list: [{ FLOWISE_CREDENTIAL_ID: "c3", keep: 1 }] } },
    },
    position: { x: 1, y: 2 },
  };

  it("takes credentials, passwords and files out at any depth, and nothing else", () => {
    const graph = { nodes: [node, "odd"], edges: [{ id: "e" }], viewport: { zoom: 1 } };
    const before = structuredClone(graph);
    expect(withoutSecrets(graph)).toEqual({
      nodes: [{ ...node, data: { name: "chatOpenAI", inputParams: node.data.inputParams, inputs: { basepath: "x", modelConfig: { list: [{ keep: 1 }] } } } }, "odd"],
      edges: [{ id: "e" }],
      viewport: { zoom: 1 },
    });
    expect(graph).toEqual(before);
  });

  it("leaves a flow without secrets as it is", () => {
    const graph = asObject(parseJson(fixture("first")));
    expect(withoutSecrets(graph ?? {})).toEqual(graph);
  });

  it("tells which credentials are asked for", () => expect(credentialKindsOf([node, node])).toEqual(["openAIApi"]));
});

describe("files of flows", () => {
  it("holds the graph of one, named after it", () => {
    expect(fileOfFlow(flow({ flowData: fixture("first") }))).toEqual({ name: "Weather Chatflow.json", content: parseJson(fixture("first")) });
    expect(() => fileOfFlow(flow({ flowData: "{" }))).toThrow("unreadable");
  });

  it("holds several in the lists of a workspace's file, an unreadable one as it is", () => {
    const file = fileOfFlows([flow({ flowData: '{"nodes":[]}' }), flow({ id: "2", type: "AGENTFLOW", flowData: "{" })]);
    expect(file).toMatchObject({ ChatFlow: [{ id: "7b1c", name: "Weather", flowData: '{"nodes":[]}' }], AgentFlowV2: [{ id: "2", flowData: "{" }] });
  });
});
