// Messages as runs keep them: in our own shape, and in those of vendors that agentflows hand on.
import { asArray, asObject, asText, parseJson } from "~/lib/json";

/** A tool that a model asked for. */
export interface Call {
  name: string;
  /** What it is given, as JSON; undefined where it is given nothing. */
  given: string | undefined;
}

export interface Said {
  role: string;
  text: string;
  /** What the model thought before. */
  thought: string | undefined;
  /** How many pictures came along. */
  pictures: number;
  calls: Call[];
}

/** What one message says; undefined when `value` is something else. An answer of a model need not say who speaks. */
export function saidBy(value: unknown): Said | undefined {
  const fields = asObject(value);
  const calls = asArray(fields?.["toolCalls"] ?? fields?.["tool_calls"]).flatMap(callIn);
  const thought = asText(fields?.["reasoning"]);
  const isAnswer = calls.length > 0 || thought !== undefined || asText(fields?.["finishReason"]) !== undefined;
  const role = asText(fields?.["role"]) ?? asText(fields?.["type"]) ?? (isAnswer ? "assistant" : undefined);
  const content = fields?.["content"] ?? fields?.["text"];
  if (!role || (content === undefined && !isAnswer)) return undefined;
  const text = typeof content === "string" ? content : content === undefined || content === null ? "" : JSON.stringify(content, null, 2);
  return { role, text, thought, pictures: typeof fields?.["images"] === "number" ? fields["images"] : 0, calls };
}

/** The messages of a list; none when one of its entries is something else. */
export function saidIn(value: unknown): Said[] {
  const list = asArray(value);
  const said = list.flatMap((entry) => saidBy(entry) ?? []);
  return said.length === list.length ? said : [];
}

/** A call as a run keeps it, or as OpenAI writes it, whose arguments are JSON within JSON. */
function callIn(entry: unknown): Call[] {
  const call = asObject(entry);
  const inner = asObject(call?.["function"]) ?? call;
  const name = asText(inner?.["name"]);
  if (!name) return [];
  const written = inner?.["args"] ?? inner?.["arguments"];
  const given = typeof written === "string" ? (parseJson(written) ?? written) : written;
  const isNothing = given === undefined || given === null || given === "" || (asObject(given) !== null && Object.keys(given).length === 0);
  return [{ name, given: isNothing ? undefined : typeof given === "string" ? given : JSON.stringify(given, null, 2) }];
}
