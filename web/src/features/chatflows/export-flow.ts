// Writing flows as files, in the form every Flowise reads.
import { fetchAsEdited } from "~/api/flow-drafts";
import type { FlowSummary } from "~/api/flows";
import type { Chatflow, FlowType } from "~/api/types";
import { saveJson } from "~/lib/save-file";
import { graphOf, withoutSecrets } from "./graph";

/** The end of a file's name, by the kind of flow. */
const SUFFIX: Record<string, string> = { CHATFLOW: "Chatflow", AGENTFLOW: "Agents", MULTIAGENT: "Agents", ASSISTANT: "Assistant" };
/** The list of a workspace's file that holds this kind of flow. */
const LISTS: Record<string, string> = { CHATFLOW: "ChatFlow", AGENTFLOW: "AgentFlowV2", MULTIAGENT: "AgentFlow" };

/** The graph of a flow alone; throws when what is saved is no graph. */
export function fileOfFlow(flow: Chatflow): { name: string; content: unknown } {
  const graph = graphOf(flow.flowData);
  if (!graph) throw new Error("unreadable");
  return { name: `${flow.name} ${SUFFIX[flow.type ?? "CHATFLOW"] ?? "Flow"}.json`, content: withoutSecrets(graph.whole) };
}

/** Several flows with their names and settings in one file, which the import reads with a plan. */
export function fileOfFlows(flows: readonly Chatflow[]): Record<string, unknown[]> {
  const file: Record<string, unknown[]> = {};
  for (const flow of flows) {
    const graph = graphOf(flow.flowData);
    const list = LISTS[flow.type ?? "CHATFLOW"];
    if (!list) continue;
    const { id, name, type, category, chatbotConfig, createdDate, updatedDate } = flow;
    const flowData = graph ? JSON.stringify(withoutSecrets(graph.whole)) : flow.flowData;
    (file[list] ??= []).push({ id, name, flowData, type: type ?? ("CHATFLOW" satisfies FlowType), category, chatbotConfig, createdDate, updatedDate });
  }
  return file;
}

/** Saves one flow, or several together, in the person's downloads. */
export async function exportFlows(chosen: readonly FlowSummary[]): Promise<void> {
  const flows = await Promise.all(chosen.map((flow) => fetchAsEdited(flow.id)));
  const [first] = flows;
  if (!first) return;
  if (flows.length === 1) {
    const { name, content } = fileOfFlow(first);
    saveJson(name, content);
  } else {
    saveJson(`Flows ${new Date().toISOString().slice(0, 10)}.json`, fileOfFlows(flows));
  }
}
