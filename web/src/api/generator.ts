// Agentflows out of a sentence, drawn by a model.
import type { JsonObject } from "~/lib/json";
import { api } from ".";

export interface Drawn {
  nodes?: unknown[];
  edges?: unknown[];
  /** Why there is no flow. */
  error?: string;
  /** What is wrong with the model's last draft, a line each. */
  rawResponse?: { error?: string };
}

/** Lets the model draw; it takes as long as its answers do. `model` is its node as the canvas holds it. */
export function drawFlow(question: string, model: JsonObject, signal: AbortSignal): Promise<Drawn> {
  return api.request("/agentflowv2-generator/generate", { method: "POST", body: { question, selectedChatModel: model }, signal });
}
