// What a flow's owner configured for its chat, read from `chatbotConfig` and from the flow's start. Pure.
import { asArray, asObject, asText, type JsonObject, parseJson } from "~/lib/json";

export interface LeadForm {
  title: string;
  success: string;
  /** Which of the three are asked for. */
  name: boolean;
  email: boolean;
  phone: boolean;
}

export interface FormField {
  name: string;
  label: string;
  type: "string" | "number" | "boolean" | "options";
  options: string[];
}

/** The form that a flow starts with instead of a question. */
export interface StartForm {
  title: string;
  description: string;
  fields: FormField[];
}

/** Files of some kinds up to a size. */
export interface FileRule {
  /** Media types such as `image/png`, or endings such as `.pdf`. */
  types: string[];
  /** In megabytes; undefined when there is no limit. */
  limit: number | undefined;
}

export interface UploadRules {
  /** Pictures shown to the model. */
  images: FileRule | undefined;
  /** Documents: `full` puts their text into the question, `rag` into the flow's vector store. */
  documents: (FileRule & { way: "full" | "rag" }) | undefined;
  /** Questions may be spoken. */
  speech: boolean;
}

export interface ChatConfig {
  starterPrompts: string[];
  feedback: boolean;
  leads: LeadForm | undefined;
  form: StartForm | undefined;
  uploads: UploadRules;
}

const NO_UPLOADS: UploadRules = { images: undefined, documents: undefined, speech: false };

/**
 * `chatbotConfig` and `flowData` as JSON text or as what it says; `uploads` is the answer of
 * `chatflows-uploads`. Whatever is missing or broken counts as not configured.
 */
export function readChatConfig(chatbotConfig: unknown, flowData: unknown, uploads: unknown): ChatConfig {
  const config = objectOf(chatbotConfig);
  return {
    starterPrompts: readPrompts(config["starterPrompts"]),
    feedback: asObject(config["chatFeedback"])?.["status"] === true,
    leads: readLeads(asObject(config["leads"])),
    form: readForm(objectOf(flowData)),
    uploads: readUploads(asObject(uploads), asObject(config["fullFileUpload"])),
  };
}

function objectOf(value: unknown): JsonObject {
  return asObject(typeof value === "string" ? parseJson(value) : value) ?? {};
}

/** Saved as an object with number keys by some versions, as a list by others. */
function readPrompts(saved: unknown): string[] {
  const entries = typeof saved === "object" && saved !== null ? Object.values(saved) : [];
  return entries.flatMap((entry) => asText(asObject(entry)?.["prompt"])?.trim() || []);
}

function readLeads(leads: JsonObject | null): LeadForm | undefined {
  if (leads?.["status"] !== true) return undefined;
  const [name, email, phone] = [leads["name"] === true, leads["email"] === true, leads["phone"] === true];
  if (!name && !email && !phone) return undefined;
  return { title: asText(leads["title"]) ?? "", success: asText(leads["successMessage"]) ?? "", name, email, phone };
}

const FIELD_TYPES = ["string", "number", "boolean", "options"] as const;

function readForm(flow: JsonObject): StartForm | undefined {
  for (const node of asArray(flow["nodes"])) {
    const data = asObject(asObject(node)?.["data"]);
    const inputs = asObject(data?.["inputs"]);
    if (data?.["name"] !== "startAgentflow" || inputs?.["startInputType"] !== "formInput") continue;
    const fields = asArray(inputs["formInputTypes"]).flatMap((entry): FormField[] => {
      const saved = asObject(entry);
      const name = asText(saved?.["name"]);
      if (!name) return [];
      const type = FIELD_TYPES.find((known) => known === saved?.["type"]) ?? "string";
      const options = asArray(saved?.["addOptions"]).flatMap((option) => asText(asObject(option)?.["option"]) ?? []);
      return [{ name, label: asText(saved?.["label"]) ?? name, type, options }];
    });
    return { title: asText(inputs["formTitle"]) ?? "", description: asText(inputs["formDescription"]) ?? "", fields };
  }
  return undefined;
}

function readUploads(uploads: JsonObject | null, full: JsonObject | null): UploadRules {
  const base = uploads ?? {};
  const fullTypes = asText(full?.["allowedUploadFileTypes"]);
  const documents = ((): UploadRules["documents"] => {
    // With both ways on, the whole text wins.
    if (full?.["status"] === true) return { way: "full", types: split(fullTypes ?? ""), limit: undefined };
    if (base["isRAGFileUploadAllowed"] === true) return { way: "rag", ...ruleOf(base["fileUploadSizeAndTypes"]) };
    return undefined;
  })();
  return {
    ...NO_UPLOADS,
    images: base["isImageUploadAllowed"] === true ? ruleOf(base["imgUploadSizeAndTypes"]) : undefined,
    documents,
    speech: base["isSpeechToTextEnabled"] === true,
  };
}

/** Several rules as one: every type of any, the largest size. */
function ruleOf(value: unknown): FileRule {
  const rules = asArray(value).flatMap((entry): JsonObject[] => {
    const fields = asObject(entry);
    return fields ? [fields] : [];
  });
  const sizes = rules.flatMap((rule) => (typeof rule["maxUploadSize"] === "number" ? rule["maxUploadSize"] : []));
  const types = rules.flatMap((rule) => asArray(rule["fileTypes"]).flatMap((type) => split(String(type))));
  return { types: [...new Set(types)], limit: sizes.length > 0 ? Math.max(...sizes) : undefined };
}

function split(list: string): string[] {
  return list.split(",").map((type) => type.trim()).filter((type) => type !== "");
}

/** Whether `file` is of one of the rule's types; a rule without types takes all. */
export function matchesRule(rule: FileRule, file: { name: string; type: string }): boolean {
  if (rule.types.length === 0) return true;
  const name = file.name.toLowerCase();
  return rule.types.some((type) => {
    if (type === "*" || type === "*/*") return true;
    if (type.startsWith(".")) return name.endsWith(type.toLowerCase());
    if (type.endsWith("/*")) return file.type.startsWith(type.slice(0, -1));
    return file.type === type;
  });
}

export type FileRefusal = { why: "type"; name: string; types: string[] } | { why: "size"; name: string; limit: number };

/** How `file` may be sent, or why it may not. */
export function placeFile(rules: UploadRules, file: { name: string; type: string; size: number }): { way: "image" | "full" | "rag" } | FileRefusal {
  const candidates = [rules.images && { way: "image" as const, rule: rules.images as FileRule }, rules.documents && { way: rules.documents.way, rule: rules.documents as FileRule }];
  for (const candidate of candidates) {
    if (!candidate || !matchesRule(candidate.rule, file)) continue;
    if (candidate.way === "image" && !file.type.startsWith("image/")) continue;
    const { limit } = candidate.rule;
    if (limit !== undefined && file.size > limit * 1024 * 1024) return { why: "size", name: file.name, limit };
    return { way: candidate.way };
  }
  return { why: "type", name: file.name, types: acceptedTypes(rules) };
}

/** Everything a file dialog may offer. */
export function acceptedTypes(rules: UploadRules): string[] {
  return [...new Set([...(rules.images?.types ?? []), ...(rules.documents?.types ?? [])])];
}
