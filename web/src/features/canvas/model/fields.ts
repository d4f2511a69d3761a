// A node's settings as a person reads them: shown or hidden by the node's own rules, secrets never.
import { asArray, asObject, asText, type JsonObject, parseJson } from "~/lib/json";
import type { FlowNode } from "./flow-data";
import { inputsOf, type Param, paramsOf } from "./node-data";

export type FieldValue =
  | { kind: "unset"; fallback: string | undefined }
  | { kind: "text"; text: string }
  | { kind: "block"; text: string }
  | { kind: "switch"; on: boolean }
  | { kind: "secret" }
  | { kind: "credential" }
  | { kind: "file"; name: string | undefined; bytes: number | undefined }
  | { kind: "items"; items: FieldView[][] };

export interface FieldView {
  name: string;
  label: string;
  description: string | undefined;
  required: boolean;
  /** Belongs under "more settings". */
  additional: boolean;
  value: FieldValue;
}

const MASK = "••••••";

/** Names whose values are secrets, whatever their type says. */
const SECRET_NAME = /api[-_ ]?key|secret|passw|access[-_ ]?token|auth[-_ ]?token|bearer|authorization|private[-_ ]?key/i;

/** The visible settings of `node`, in the order of its form. */
export function fieldsOf(node: FlowNode): FieldView[] {
  const inputs = inputsOf(node);
  const holder = { ...inputs };
  // The chosen credential lies beside the inputs, not among them.
  const credential = asText(node.data["credential"]) ?? asText(inputs["FLOWISE_CREDENTIAL_ID"]);
  if (credential) holder["credential"] = credential;
  return viewsOf(paramsOf(node), holder, holder);
}

function viewsOf(params: Param[], values: JsonObject, root: JsonObject, index?: number): FieldView[] {
  const defaults = Object.fromEntries(params.map((param) => [param.name, param.definition["default"]]));
  const withDefaults = (name: string) => (isUnset(values[name]) ? defaults[name] : values[name]);
  return params
    .filter((param) => isShown(param.definition, (path) => lookUp(path, withDefaults, root, index)))
    .map((param) => ({
      name: param.name,
      label: param.label,
      description: asText(param.definition["description"]),
      required: param.definition["optional"] !== true && param.type !== "boolean",
      additional: param.definition["additionalParams"] === true,
      value: valueOf(param, values[param.name], root),
    }));
}

export function isUnset(value: unknown): boolean {
  return value === undefined || value === null || value === "";
}

function valueOf(param: Param, value: unknown, root: JsonObject): FieldValue {
  const { type, definition } = param;
  const isSecret = type === "password" || SECRET_NAME.test(param.name);
  if (isUnset(value)) return { kind: "unset", fallback: isSecret ? undefined : fallbackOf(param) };
  if (type === "credential") return { kind: "credential" };
  if (isSecret) return { kind: "secret" };
  switch (type) {
    case "boolean":
      return { kind: "switch", on: value === true || value === "true" };
    case "options":
    case "asyncOptions":
    case "tabs":
      return { kind: "text", text: optionLabel(definition, value) };
    case "multiOptions":
    case "asyncMultiOptions":
      return { kind: "text", text: listOf(value).map((entry) => optionLabel(definition, entry)).join(", ") };
    case "file":
    case "folder":
      return fileOf(value);
    case "array":
      return itemsOf(definition, value, root);
    case "json":
    case "datagrid":
      return { kind: "block", text: prettyJson(value) };
    case "code":
      return { kind: "block", text: plain(value) };
    default:
      return longOrShort(plain(value), definition);
  }
}

function longOrShort(text: string, definition: JsonObject): FieldValue {
  const isLong = text.includes("\n") || text.length > 60 || Number(definition["rows"] ?? 0) > 1;
  return isLong ? { kind: "block", text } : { kind: "text", text };
}

function fallbackOf(param: Param): string | undefined {
  const fallback = param.definition["default"];
  if (isUnset(fallback)) return undefined;
  if (param.type === "options") return optionLabel(param.definition, fallback);
  const text = plain(fallback);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function plain(value: unknown): string {
  return typeof value === "object" ? prettyJson(value) : String(value);
}

/** A list, also when it was saved as JSON text. */
export function listOf(value: unknown): unknown[] {
  const parsed = typeof value === "string" ? (parseJson(value) ?? value) : value;
  return Array.isArray(parsed) ? parsed : [parsed];
}

function optionLabel(definition: JsonObject, value: unknown): string {
  const option = asArray(definition["options"]).map(asObject).find((candidate) => candidate?.["name"] === value);
  return asText(option?.["label"]) ?? plain(value);
}

function itemsOf(definition: JsonObject, value: unknown, root: JsonObject): FieldValue {
  const params = paramsIn(definition["array"]);
  const items = listOf(value).map(asObject).filter((item) => item !== null);
  return { kind: "items", items: items.map((item, index) => viewsOf(params, item, root, index)) };
}

/** `data:…;base64,…,filename:NAME`, a list of these, or the name of a stored file. */
function fileOf(value: unknown): FieldValue {
  const [first] = listOf(value);
  const text = typeof first === "string" ? first : "";
  if (!text.startsWith("data:")) return { kind: "text", text: text.replace(/^FILE-STORAGE::/, "") };
  const base64 = text.split(",")[1] ?? "";
  return { kind: "file", name: /filename:([^,]+)/.exec(text)?.[1], bytes: Math.floor((base64.length * 3) / 4) };
}

/** JSON laid out for reading, with the values of secret keys masked. */
function prettyJson(value: unknown): string {
  const parsed = typeof value === "string" ? (parseJson(value) ?? value) : value;
  return typeof parsed === "string" ? parsed : JSON.stringify(maskSecrets(parsed), null, 2);
}

function maskSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(maskSecrets);
  const fields = asObject(value);
  if (!fields) return value;
  return Object.fromEntries(Object.entries(fields).map(([key, inner]) => [key, SECRET_NAME.test(key) && !isUnset(inner) ? MASK : maskSecrets(inner)]));
}

type Lookup = (path: string) => unknown;

/** Whether a setting's `show` and `hide` rules let it be seen. */
export function isShown(definition: JsonObject, lookup: Lookup): boolean {
  if (definition["hidden"] === true) return false;
  const show = asObject(definition["show"]) ?? {};
  const hide = asObject(definition["hide"]) ?? {};
  const holds = ([path, wanted]: [string, unknown]) => agrees(lookup(path), wanted);
  return Object.entries(show).every(holds) && !(Object.keys(hide).length > 0 && Object.entries(hide).every(holds));
}

/** The settings of `node` that its rules show now, in the order of its form. */
export function visibleParams(node: FlowNode): Param[] {
  const inputs = inputsOf(node);
  return visibleOf(paramsOf(node), inputs, inputs);
}

/** Of `params`, those that the rules show beside `values`; `root` is what paths start from and `index` the place in a list. */
export function visibleOf(params: readonly Param[], values: JsonObject, root: JsonObject, index?: number): Param[] {
  // Of several fields under one name the first that is shown lends its default.
  const defaults = new Map<string, unknown>();
  for (const param of params) if (!defaults.has(param.name)) defaults.set(param.name, param.definition["default"]);
  const withDefaults = (name: string) => (isUnset(values[name]) ? defaults.get(name) : values[name]);
  return params.filter((param) => isShown(param.definition, (path) => lookUp(path, withDefaults, root, index)));
}

/** The fields that stand inside `param`: of its list's items, of its tabs. */
export function innerOf(param: Param): Param[] {
  return [...paramsIn(param.definition["array"]), ...paramsIn(param.definition["tabs"])];
}

/** Whether `wanted`, in small letters, is part of what names or describes `param`. */
export function isNamed({ name, label, definition }: Param, wanted: string): boolean {
  return `${label} ${name} ${asText(definition["description"]) ?? ""}`.toLowerCase().includes(wanted);
}

/** Whether `param` or a field inside it is named so; `partsOf` gives the fields of what was chosen in it. */
export function isFound(param: Param, wanted: string, partsOf: (param: Param) => readonly Param[]): boolean {
  return isNamed(param, wanted) || [...innerOf(param), ...partsOf(param)].some((inner) => isFound(inner, wanted, () => []));
}

/** Whether `value` was set to something else than the field's own default; false for fields that have none. */
export function isChanged({ definition }: Param, value: unknown): boolean {
  const fallback = definition["default"];
  if (isUnset(value) || fallback === undefined || fallback === null) return false;
  const text = (one: unknown) => (typeof one === "object" ? JSON.stringify(one) : String(one));
  return text(value) !== text(fallback);
}

/** The fields of a list's items, of a tab, or of a form, as `paramsOf` reads a node's. */
export function paramsIn(definitions: unknown): Param[] {
  return asArray(definitions).flatMap((entry) => {
    const inner = asObject(entry);
    const name = asText(inner?.["name"]);
    return inner && name ? [{ name, label: asText(inner["label"]) ?? name, type: asText(inner["type"]) ?? "string", definition: inner }] : [];
  });
}

/** Texts that Flowise's editor saved as HTML, as the plain text they mean; others as they are. */
export function plainText(text: string): string {
  if (!/^\s*<(p|h[1-6]|ul|ol|pre|blockquote|div)\b/i.test(text)) return text;
  return text
    .replace(/<br\s*\/?>/gi, "\n")
    .replace(/<li[^>]*>/gi, "- ")
    .replace(/<\/(p|h[1-6]|li|pre|blockquote|div|ul|ol)>\s*/gi, "\n")
    .replace(/<[^>]+>/g, "")
    .replace(/&nbsp;/g, " ")
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, "&")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** Longer patterns are not tried: a flow comes from anywhere, and matching must not hang the page. */
const LONGEST_PATTERN = 200;

/** Whether `value` is `wanted`, one of its entries, or matches it as a pattern. */
function agrees(value: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) return wanted.some((entry) => agrees(value, entry));
  if (Array.isArray(value)) return value.some((entry) => agrees(entry, wanted));
  if (typeof wanted === "string" && typeof value === "string") {
    if (value === wanted) return true;
    if (wanted === "" || value === "" || wanted.length > LONGEST_PATTERN || value.length > LONGEST_PATTERN) return false;
    try {
      return new RegExp(`^(?:${wanted})$`).test(value);
    } catch {
      return false;
    }
  }
  if (typeof wanted === "object" || typeof value === "object") return JSON.stringify(value) === JSON.stringify(wanted);
  return value === wanted || (isUnset(value) && wanted === false);
}

/** The value at `path`: a neighbour's name, or a path from the root such as `conditions[$index].type`. */
function lookUp(path: string, neighbours: (name: string) => unknown, root: JsonObject, index: number | undefined): unknown {
  if (/^\w+$/.test(path)) return neighbours(path);
  const steps = path.replace("$index", String(index ?? 0)).split(/[.[\]]+/).filter(Boolean);
  return steps.reduce<unknown>((value, step) => (Array.isArray(value) ? value[Number(step)] : asObject(value)?.[step]), root);
}

/** A setting's label and value in one short line, for the card; secrets never. */
export function shortValue(node: FlowNode, name: string): { label: string; text: string } | undefined {
  const field = fieldsOf(node).find((candidate) => candidate.name === name);
  if (!field) return undefined;
  const { value, label } = field;
  switch (value.kind) {
    case "text":
    case "block":
      return { label, text: plainText(value.text).split("\n")[0]?.slice(0, 80) ?? "" };
    case "switch":
      return { label, text: value.on ? "✓" : "✗" };
    case "unset":
      return { label, text: value.fallback ?? "" };
    case "items":
      return { label, text: String(value.items.length) };
    case "file":
      return { label, text: value.name ?? "" };
    case "secret":
    case "credential":
      return { label, text: MASK };
  }
}
