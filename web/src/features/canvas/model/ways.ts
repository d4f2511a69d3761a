// What each way out of a step stands for, such as the condition behind it.
import type { FlowNode } from "./flow-data";
import { fieldsOf, plainText } from "./fields";
import { isErrorPort, nameOf, outputPortsOf, type Port } from "./node-data";

/** `case`: the step decides for this way when `text` holds; `port`: it is called as its port is. */
export type Way = { kind: "error" | "proceed" | "reject" | "else" | "next" } | { kind: "case"; text: string } | { kind: "port" };

/** What the way out at `port` of the step `node` stands for. */
export function wayOf(node: FlowNode, port: Port): Way {
  if (isErrorPort(port)) return { kind: "error" };
  const ways = outputPortsOf(node).filter((other) => !isErrorPort(other));
  const at = ways.findIndex((other) => other.id === port.id);
  if (at < 0) return { kind: "port" };
  switch (nameOf(node)) {
    case "humanInputAgentflow":
      return { kind: at === 0 ? "proceed" : "reject" };
    case "conditionAgentAgentflow":
      return { kind: "case", text: said(node, "conditionAgentScenarios", at) || String(at) };
    case "conditionAgentflow":
      if (at === ways.length - 1) return { kind: "else" };
      return { kind: "case", text: [String(at), said(node, "conditions", at)].filter(Boolean).join(": ") };
    default:
      return ways.length > 1 ? { kind: "case", text: String(at) } : { kind: "next" };
  }
}

/** What the item at `at` of the list `name` asks: how it compares and with what, in the words of its form. */
function said(node: FlowNode, name: string, at: number): string {
  const list = fieldsOf(node).find((field) => field.name === name)?.value;
  const item = list?.kind === "items" ? (list.items[at] ?? []) : [];
  const text = (field: string) => {
    const value = item.find((one) => one.name === field)?.value;
    return value?.kind === "text" || value?.kind === "block" ? (plainText(value.text).trim().split("\n")[0] ?? "") : "";
  };
  const compared = text("value2");
  // An operation that compares with nothing says all; one that has nothing to compare with yet says nothing.
  const isWhole = compared !== "" || !item.some((one) => one.name === "value2");
  return text("scenario") || (isWhole ? [text("operation").toLowerCase(), compared].filter(Boolean).join(" ") : "");
}
