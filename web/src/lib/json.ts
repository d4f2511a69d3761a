// Reading JSON that came from outside, where any shape is possible.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = Record<string, unknown>;

/** `value` as an object, or null for arrays and everything else. */
export function asObject(value: unknown): JsonObject | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
}

/** `value` as a list, or an empty one. */
export function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The objects among the entries of `value`. */
export function asObjects(value: unknown): JsonObject[] {
  return asArray(value).filter((entry): entry is JsonObject => asObject(entry) !== null);
}

/** `value` as text when it is text that says something, else undefined. */
export function asText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** What `text` holds as JSON, or undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
