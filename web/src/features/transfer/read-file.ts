// What a file that somebody wants to import holds. Pure: no React, no DOM.
import type { FlowType } from "~/api/types";
import { typeOfGraph } from "~/features/chatflows";
import { asArray, asObject, asObjects, asText, type JsonObject, parseJson } from "~/lib/json";

/** A file larger than this is none of ours, in bytes. */
export const LARGEST_FILE = 50 * 1024 * 1024;

/** The lists that a workspace's file may hold, in the order they are shown. */
export const LISTS = [
  "ChatFlow",
  "AgentFlowV2",
  "AgentFlow",
  "AssistantCustom",
  "AssistantFlow",
  "AssistantOpenAI",
  "AssistantAzure",
  "Tool",
  "Variable",
  "CustomTemplate",
  "DocumentStore",
  "DocumentStoreFileChunk",
  "Execution",
  "ChatMessage",
  "ChatMessageFeedback",
] as const;
export type ListName = (typeof LISTS)[number];

export type Reading =
  | { kind: "flow"; fileName: string; name: string; type: FlowType; graph: JsonObject; settings: JsonObject }
  | { kind: "workspace"; fileName: string; file: JsonObject; lists: { list: ListName; rows: JsonObject[] }[] }
  | { kind: "problem"; fileName: string; reason: "notJson" | "notFlow" | "tooBig" | "empty" };

/** Settings of a flow that a record carries beside its graph. */
const SETTINGS = ["chatbotConfig", "category", "speechToText", "textToSpeech", "followUpPrompts"];

/** What `text` holds: one flow (its graph, or its whole record), or a workspace in lists. */
export function readImport(text: string, fileName: string): Reading {
  const value = asObject(parseJson(text));
  if (parseJson(text) === undefined) return { kind: "problem", fileName, reason: "notJson" };
  if (!value) return { kind: "problem", fileName, reason: "notFlow" };
  const lists = LISTS.flatMap((list) => {
    const rows = asObjects(value[list]);
    return rows.length > 0 ? [{ list, rows }] : [];
  });
  if (lists.length > 0) return { kind: "workspace", fileName, file: value, lists };
  if (LISTS.some((list) => Array.isArray(value[list]))) return { kind: "problem", fileName, reason: "empty" };
  const graph = graphIn(value);
  if (!graph) return { kind: "problem", fileName, reason: "notFlow" };
  const nodes = asObjects(graph["nodes"]);
  const settings = Object.fromEntries(SETTINGS.flatMap((key) => (typeof value[key] === "string" ? [[key, value[key]]] : [])));
  return { kind: "flow", fileName, name: asText(value["name"]) ?? nameOfFile(fileName), type: typeOfGraph(nodes), graph, settings };
}

/** The graph itself, or the one that stands as text inside a record. Everything in it is kept. */
function graphIn(value: JsonObject): JsonObject | null {
  const inner = typeof value["flowData"] === "string" ? asObject(parseJson(value["flowData"])) : value;
  return inner && Array.isArray(inner["nodes"]) ? { ...inner, edges: asArray(inner["edges"]) } : null;
}

/** "Support%20Bot Chatflow (2).json" becomes "Support Bot". */
export function nameOfFile(fileName: string): string {
  const bare = fileName
    .replace(/\.json$/i, "")
    .replace(/\s*\(\d+\)$/, "")
    .replace(/[\s_-]*(chatflow|agents|agentflow|assistant)$/i, "")
    .replace(/%20/g, " ")
    .trim();
  return bare || "Flow";
}
