// What callers of a flow may set, out of its settings, and the values entered for it.
import { asArray, asObject, asText, parseJson } from "~/lib/json";

export interface Settable {
  /** Key of the value in the call. */
  name: string;
  label: string;
  type: string;
  /** Node it belongs to; undefined for a variable. */
  node: string | undefined;
}

/** The switched-on rows of `apiConfig`; each name once, as one value sets it on every node that has it. */
export function settableOf(apiConfig: string | null): Settable[] {
  const config = asObject(asObject(parseJson(apiConfig ?? ""))?.["overrideConfig"]);
  if (config?.["status"] !== true) return [];
  const found = new Map<string, Settable>();
  for (const [node, rows] of Object.entries(asObject(config["nodes"]) ?? {})) {
    for (const entry of asArray(rows)) {
      const row = asObject(entry);
      const name = asText(row?.["name"]);
      if (row?.["enabled"] !== true || !name || found.has(name)) continue;
      found.set(name, { name, label: asText(row["label"]) ?? name, type: asText(row["type"]) ?? "string", node });
    }
  }
  for (const entry of asArray(config["variables"])) {
    const row = asObject(entry);
    const name = asText(row?.["name"]);
    if (row?.["enabled"] === true && name) found.set(`vars.${name}`, { name: `vars.${name}`, label: name, type: "string", node: undefined });
  }
  return [...found.values()];
}

/** `texts` by name as they go into a call: numbers, truths and JSON as what they are. */
export function overridesOf(settable: readonly Settable[], texts: Readonly<Record<string, string>>): Record<string, unknown> {
  const own: Record<string, unknown> = {};
  const vars: Record<string, unknown> = {};
  for (const { name, type } of settable) {
    const text = texts[name];
    if (text === undefined || text === "") continue;
    if (name.startsWith("vars.")) vars[name.slice("vars.".length)] = text;
    else own[name] = valueOf(text, type);
  }
  return Object.keys(vars).length > 0 ? { ...own, vars } : own;
}

function valueOf(text: string, type: string): unknown {
  if (type === "number") return Number.isNaN(Number(text)) ? text : Number(text);
  if (type === "boolean") return text === "true";
  if (type === "json" || type === "array") return parseJson(text) ?? text;
  return text;
}
