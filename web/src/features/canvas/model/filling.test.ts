import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fillable, partsOfFilling } from "./filling";
import { parseFlowData } from "./flow-data";

const graph = parseFlowData(readFileSync(new URL("../../../../tests/fixtures/retrieval.flow.json", import.meta.url), "utf8"));

describe("filling a vector store", () => {
  it("is possible where documents are wired to it", () => {
    expect(fillable(graph).map((node) => node.id)).toEqual(["memoryVectorStore_0"]);
    expect(fillable({ ...graph, edges: graph.edges.filter((edge) => edge.source !== "textFile_0") })).toEqual([]);
    expect(fillable({ ...graph, nodes: [] })).toEqual([]);
  });
  it("takes what leads to it, in order, and nothing behind it", () =>
    expect(partsOfFilling(graph, "memoryVectorStore_0").map((node) => node.id)).toEqual(["textFile_0", "recursiveCharacterTextSplitter_0", "localEmbeddings_0", "memoryVectorStore_0"]));
});
