// A flow's settings: JSON texts inside its record, read and written without losing what we do not know.
import type { Flow } from "~/api/types/Flow";
import { asArray, asObject, asText, type JsonObject, parseJson } from "~/lib/json";
import type { SectionName } from "./names";

/** The columns of a flow that hold the text of JSON. */
export const PARTS = ["chatbotConfig", "apiConfig", "analytic", "speechToText", "textToSpeech", "followUpPrompts"] as const;
export type Part = (typeof PARTS)[number];

export interface Draft {
  isPublic: boolean;
  /** Id of the key that callers need, or "". */
  apikeyid: string;
  category: string;
  parts: Record<Part, JsonObject>;
}

export type FlowRecord = Pick<Flow, Part | "isPublic" | "apikeyid" | "category">;
export type Path = readonly (string | number)[];

export function readDraft(flow: FlowRecord): Draft {
  const parts = Object.fromEntries(PARTS.map((part) => [part, asObject(parseJson(flow[part] ?? "")) ?? {}])) as Record<Part, JsonObject>;
  return { isPublic: flow.isPublic === true, apikeyid: flow.apikeyid ?? "", category: flow.category ?? "", parts };
}

/** Whether the flow is an MCP server; that is saved apart from the draft. */
export function servesMcp(flow: Pick<Flow, "mcpServerConfig">): boolean {
  return asObject(parseJson(flow.mcpServerConfig ?? ""))?.["enabled"] === true;
}

/** Parts whose stored text is no JSON object; saving one of them would replace it. */
export function unreadableParts(flow: FlowRecord): Part[] {
  return PARTS.filter((part) => Boolean(flow[part]) && asObject(parseJson(flow[part] ?? "")) === null);
}

/** What has to be sent: only the columns that differ. */
export function changesOf(before: Draft, after: Draft): Partial<Record<Part | "apikeyid" | "category", string | null>> & { isPublic?: boolean } {
  const changed = PARTS.filter((part) => JSON.stringify(before.parts[part]) !== JSON.stringify(after.parts[part]));
  return {
    ...Object.fromEntries(changed.map((part) => [part, JSON.stringify(after.parts[part])])),
    ...(before.isPublic === after.isPublic ? {} : { isPublic: after.isPublic }),
    ...(before.apikeyid === after.apikeyid ? {} : { apikeyid: after.apikeyid || null }),
    ...(before.category === after.category ? {} : { category: after.category || null }),
  };
}

export function getIn(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => (Array.isArray(inner) ? (inner[Number(key)] as unknown) : asObject(inner)?.[String(key)]), value);
}

/** `object` with `value` at `path`; undefined takes the entry away. What stands beside it stays. */
export function setIn(object: JsonObject, path: Path, value: unknown): JsonObject {
  const [key, ...rest] = path;
  if (key === undefined) return object;
  const next: JsonObject = { ...object };
  const inner = rest.length === 0 ? value : setIn(asObject(object[key]) ?? {}, rest, value);
  if (inner === undefined) delete next[key];
  else next[key] = inner;
  return next;
}

/** Starter prompts are kept as an object with numbers for names. */
export function starterPrompts(chatbot: JsonObject): string[] {
  const stored = chatbot["starterPrompts"];
  return Object.values(asObject(stored) ?? Object.fromEntries(asArray(stored).entries())).map((entry) => asText(asObject(entry)?.["prompt"]) ?? "");
}

export function withStarterPrompts(chatbot: JsonObject, prompts: readonly string[]): JsonObject {
  return { ...chatbot, starterPrompts: Object.fromEntries(prompts.map((prompt, index) => [String(index), { prompt }])) };
}

/** The code is kept as a JSON text inside the JSON. */
export function postProcessingCode(chatbot: JsonObject): string {
  const saved = asText(getIn(chatbot, ["postProcessing", "customFunction"])) ?? "";
  const inner = parseJson(saved);
  return typeof inner === "string" ? inner : saved;
}

export function withPostProcessingCode(chatbot: JsonObject, code: string): JsonObject {
  return setIn(chatbot, ["postProcessing", "customFunction"], JSON.stringify(code));
}

/** Whether `text` is a whole origin, such as `https://example.com`: others never match. */
export function isOrigin(text: string): boolean {
  try {
    const url = new URL(text.trim());
    return (url.protocol === "https:" || url.protocol === "http:") && (url.pathname === "/" || url.pathname === "") && !url.search && !url.hash;
  } catch {
    return false;
  }
}

export function allowedOrigins(chatbot: JsonObject): string[] {
  return asArray(chatbot["allowedOrigins"]).filter((entry): entry is string => typeof entry === "string");
}

/** The provider whose `status` is on, or "none". */
export function chosenProvider(part: JsonObject, names: readonly string[]): string {
  return names.find((name) => asObject(part[name])?.["status"] === true) ?? "none";
}

/** Turns one provider on and every other off; their settings stay. */
export function withProvider(part: JsonObject, names: readonly string[], chosen: string): JsonObject {
  const next: JsonObject = { ...part };
  for (const name of names) {
    if (name !== chosen && part[name] !== undefined) next[name] = { ...asObject(part[name]), status: false };
  }
  if (chosen === "none") return { ...next, none: { ...asObject(part["none"]), status: true } };
  if (part["none"] !== undefined) next["none"] = { ...asObject(part["none"]), status: false };
  return { ...next, [chosen]: { ...asObject(part[chosen]), status: true } };
}


/** What keeps the draft from being saved, by section. */
export function problemsOf(draft: Draft): Partial<Record<SectionName, "rateLimit" | "domains" | "leads" | "followUps">> {
  const { chatbotConfig, apiConfig, followUpPrompts } = draft.parts;
  const limit = asObject(apiConfig["rateLimit"]);
  const leads = asObject(chatbotConfig["leads"]);
  const isFollowing = followUpPrompts["status"] === true;
  const provider = asText(followUpPrompts["selectedProvider"]);
  const lacksLimit = limit?.["status"] === true && ["limitMax", "limitDuration", "limitMsg"].some((key) => !limit[key]);
  const hasBadDomain = allowedOrigins(chatbotConfig).some((origin) => origin.trim() !== "" && !isOrigin(origin));
  const asksNothing = leads?.["status"] === true && !leads["name"] && !leads["email"] && !leads["phone"];
  const lacksModel = isFollowing && (!provider || !asText(getIn(followUpPrompts, [provider, "modelName"])));
  return {
    ...(lacksLimit ? { rateLimit: "rateLimit" as const } : {}),
    ...(hasBadDomain ? { domains: "domains" as const } : {}),
    ...(asksNothing ? { leads: "leads" as const } : {}),
    ...(lacksModel ? { followUps: "followUps" as const } : {}),
  };
}

/** Sections that do something in `draft`. */
export function sectionsOn(draft: Draft): Set<SectionName> {
  const { chatbotConfig, apiConfig, analytic, speechToText, textToSpeech, followUpPrompts } = draft.parts;
  const isOn = (value: unknown) => asObject(value)?.["status"] === true;
  const anyOn = (part: JsonObject) => Object.entries(part).some(([name, value]) => name !== "none" && isOn(value));
  const states: [SectionName, boolean][] = [
    ["access", draft.isPublic || draft.apikeyid !== ""],
    ["rateLimit", isOn(apiConfig["rateLimit"])],
    ["domains", allowedOrigins(chatbotConfig).some((origin) => origin.trim() !== "")],
    ["leads", isOn(chatbotConfig["leads"])],
    ["starters", starterPrompts(chatbotConfig).some((prompt) => prompt.trim() !== "")],
    ["followUps", followUpPrompts["status"] === true],
    ["feedback", isOn(chatbotConfig["chatFeedback"])],
    ["speechToText", anyOn(speechToText)],
    ["textToSpeech", anyOn(textToSpeech)],
    ["fileUpload", isOn(chatbotConfig["fullFileUpload"])],
    ["analytics", anyOn(analytic)],
    ["postProcessing", asObject(chatbotConfig["postProcessing"])?.["enabled"] === true],
    ["overrides", isOn(apiConfig["overrideConfig"])],
  ];
  return new Set(states.filter(([, on]) => on).map(([name]) => name));
}
