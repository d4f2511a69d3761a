// What can be written between {{ }} in a field of a node.
import { asArray, asObject, asText } from "~/lib/json";
import { isStep } from "./connect";
import type { FlowGraph } from "./flow-data";
import { indexOf, reachable } from "./graph-index";
import { inputsOf, labelOf, nameOf, parentOf } from "./node-data";

export interface Variable {
  /** What is put between the braces. */
  text: string;
  /** Key of `canvas:variables.about` that says what it is, or the label of a node. */
  about: string;
  group: "chat" | "flow" | "state" | "form" | "vars" | "nodes" | "own";
}

const CHAT = ["question", "chat_history", "file_attachment"] as const;
const CHAT_IN_STEPS = ["current_date_time", "runtime_messages_length", "loop_count"] as const;
const FLOW = ["$flow.sessionId", "$flow.chatId", "$flow.chatflowId", "$flow.input"] as const;

/** The variables that the node `id` may use; `workspace` are the names of stored variables. */
export function variablesFor(graph: FlowGraph, id: string, workspace: readonly string[]): Variable[] {
  const { nodes } = indexOf(graph);
  const node = nodes.get(id);
  if (!node) return [];
  const step = isStep(node);
  const chat = [...CHAT, ...(step ? CHAT_IN_STEPS : [])].map((text): Variable => ({ text, about: text, group: "chat" }));
  const flow = FLOW.map((text): Variable => ({ text, about: text.slice(6), group: "flow" }));
  const vars = workspace.map((name): Variable => ({ text: `$vars.${name}`, about: "vars", group: "vars" }));
  const above = [...reachable(graph, id, "up")].filter((other) => other !== id);
  const holder = parentOf(node);
  const aboveHolder = holder ? [...reachable(graph, holder, "up")] : [];
  const upstream = [...new Set([...above, ...aboveHolder])].flatMap((other): Variable[] => {
    const source = nodes.get(other);
    if (!source) return [];
    const text = step ? other : `${other}.data.instance`;
    return nameOf(source) === "startAgentflow" ? [] : [{ text, about: labelOf(source), group: "nodes" }];
  });
  const own: Variable[] = step ? [{ text: "output", about: "output", group: "own" }] : [];
  const iteration: Variable[] = holder ? [{ text: "$iteration", about: "iteration", group: "flow" }] : [];
  return [...upstream, ...chat, ...stateOf(graph), ...iteration, ...flow, ...vars, ...own];
}

/** What Start declares: its state and the fields of its form. */
function stateOf(graph: FlowGraph): Variable[] {
  const start = graph.nodes.find((node) => nameOf(node) === "startAgentflow");
  if (!start) return [];
  const inputs = inputsOf(start);
  const names = (list: unknown, key: string) => asArray(list).flatMap((row) => asText(asObject(row)?.[key]) ?? []);
  return [
    ...names(inputs["startState"], "key").map((name): Variable => ({ text: `$flow.state.${name}`, about: "state", group: "state" })),
    ...(inputs["startInputType"] === "formInput" ? names(inputs["formInputTypes"], "name").map((name): Variable => ({ text: `$form.${name}`, about: "form", group: "form" })) : []),
  ];
}

/** Names between braces in `text` that are none of `known`: a person should look at them again. */
export function unknownVariables(text: string, known: readonly Variable[]): string[] {
  const names = new Set(known.map((variable) => variable.text));
  const roots = [...names];
  return [...new Set([...text.matchAll(/\{\{\s*([^{}]+?)\s*\}\}/g)].map((match) => match[1] ?? ""))].filter((name) => {
    if (names.has(name) || /^\$(vars|webhook|form|iteration|flow\.state)\b/.test(name) || name.endsWith(".data.instance")) return false;
    return !roots.some((root) => name.startsWith(`${root}.`) || name.startsWith(`${root}[`));
  });
}
