// What a list shows of a flow, read from the graph or, when the server sends none, from its node names.
import type { Chatflow } from "~/api/types";
import { asArray, asObject, asText, parseJson } from "~/lib/json";

export interface NodeSummary {
  name: string;
  label: string;
  category: string | undefined;
}

export interface FlowSummary {
  /** One entry per kind of node, in the order of the graph; notes are left out. */
  kinds: NodeSummary[];
  nodeCount: number;
  /** The graph is no JSON of the right shape. */
  unreadable: boolean;
}

export function summaryOf(flow: Chatflow): FlowSummary {
  if (typeof flow.flowData !== "string" || flow.flowData === "") {
    const names = flow.nodeNames ?? [];
    return summarise(names.map((name) => ({ name, label: name, category: undefined })));
  }
  const graph = asObject(parseJson(flow.flowData));
  if (!graph || !Array.isArray(graph["nodes"])) return { kinds: [], nodeCount: 0, unreadable: true };
  return summarise(asArray(graph["nodes"]).flatMap(nodeSummary));
}

function nodeSummary(node: unknown): NodeSummary[] {
  const data = asObject(asObject(node)?.["data"]);
  const name = asText(data?.["name"]);
  if (!data || !name) return [];
  return [{ name, label: asText(data["label"]) ?? name, category: asText(data["category"]) }];
}

function summarise(nodes: NodeSummary[]): FlowSummary {
  const shown = nodes.filter((node) => !node.name.startsWith("stickyNote"));
  const kinds = [...new Map(shown.map((node) => [node.name, node])).values()];
  return { kinds, nodeCount: shown.length, unreadable: false };
}

/** Whether `flow` has `query` in its name, category or id. */
export function matches(flow: Chatflow, query: string): boolean {
  const wanted = query.trim().toLocaleLowerCase();
  return [flow.name, flow.category, flow.id].some((text) => text?.toLocaleLowerCase().includes(wanted));
}

/** A flow's categories: one text with semicolons between, as Flowise stores them. */
export function categoriesOf(flow: Chatflow): string[] {
  return (flow.category ?? "")
    .split(";")
    .map((category) => category.trim())
    .filter(Boolean);
}
