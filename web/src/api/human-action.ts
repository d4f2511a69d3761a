// A decision that a run waits for: the buttons it offers and what each sends.
import { asArray, asObject, asText } from "~/lib/json";

export interface HumanAction {
  id: string;
  /** What to say yes and no with, in the flow's own words. */
  approve: string;
  reject: string;
  /** The node that asks; absent in the older agent flows. */
  nodeId: string | undefined;
  /** Whether a reason may be given with the decision. */
  feedback: boolean;
  /** Nobody is asked for leave: the run stands before a node that has a breakpoint. */
  breakpoint: boolean;
  /** The tool calls that are to be allowed, when that is the question. */
  toolCalls: { name: string; input: unknown }[];
  /** As sent, for the older agent flows, which want it back. */
  raw: Record<string, unknown>;
}

/** The decision in `value`, or undefined when it is none. */
export function readAction(value: unknown): HumanAction | undefined {
  const raw = asObject(value);
  if (!raw || typeof raw["id"] !== "string") return undefined;
  const mapping = asObject(raw["mapping"]);
  const data = asObject(raw["data"]);
  const input = asObject(data?.["input"]);
  const elements = asArray(raw["elements"]).flatMap((entry): Record<string, unknown>[] => {
    const fields = asObject(entry);
    return fields ? [fields] : [];
  });
  const labelOf = (kind: string) => elements.flatMap((element) => (String(element["type"]).includes(kind) ? (asText(element["label"]) ?? []) : []))[0];
  if (elements.length === 0) return undefined;
  return {
    id: raw["id"],
    approve: labelOf("approve") ?? asText(mapping?.["approve"]) ?? "Proceed",
    reject: labelOf("reject") ?? asText(mapping?.["reject"]) ?? "Reject",
    nodeId: asText(data?.["nodeId"]),
    feedback: input?.["humanInputEnableFeedback"] === true,
    breakpoint: raw["breakpoint"] === true,
    toolCalls: toolCallsOf(raw, input),
    raw,
  };
}

/** The calls that wait: named by the action itself, or asked for by the model's last message. */
function toolCallsOf(raw: Record<string, unknown>, input: Record<string, unknown> | null): HumanAction["toolCalls"] {
  const named = asObject(raw["data"])?.["toolCalls"] ?? asObject(raw["mapping"])?.["toolCalls"];
  const last = asObject(asArray(input?.["messages"]).at(-1));
  return asArray(named ?? last?.["tool_calls"]).flatMap((entry) => {
    const fields = asObject(entry);
    const name = asText(fields?.["name"]);
    return name ? [{ name, input: fields?.["args"] ?? fields?.["input"] }] : [];
  });
}

/** The part of a prediction's body that tells the decision. */
export function decisionBody(action: HumanAction, approved: boolean, feedback: string): Record<string, unknown> {
  if (!action.nodeId) return { question: approved ? action.approve : action.reject, action: action.raw };
  return { question: "", humanInput: { type: approved ? "proceed" : "reject", startNodeId: action.nodeId, feedback } };
}
