// A made-up language for tests: English with marks around it and accents on it, which shows texts that are not translated, cut off, or glued together.
import { english as first } from ".";
import { later } from "./later";

const english = { ...first, ...later };

const ACCENTS: Record<string, string> = { a: "á", e: "é", i: "í", o: "ó", u: "ú", A: "Á", E: "É", I: "Í", O: "Ó", U: "Ú", n: "ñ", c: "ç" };

/** `text` with accents, marks and a third more length; what stands in braces stays. */
export function pseudo(text: string): string {
  const accented = text.replace(/\{\{.*?\}\}|[aeiouAEIOUnc]/g, (part) => ACCENTS[part] ?? part);
  return `⟦${accented}${"·".repeat(Math.ceil(text.length / 3))}⟧`;
}

function mapTexts(value: unknown): unknown {
  if (typeof value === "string") return pseudo(value);
  return Object.fromEntries(Object.entries(value as Record<string, unknown>).flatMap(([key, inner]) => formsOf(key).map((form) => [form, mapTexts(inner)])));
}

/** Arabic counts in six forms; what English says of many stands for all of them. */
function formsOf(key: string): string[] {
  if (!key.endsWith("_other")) return [key];
  const stem = key.slice(0, -"other".length);
  return [key, ...["zero", "two", "few", "many"].map((form) => stem + form)];
}

export function pseudoTexts(): Record<string, Record<string, unknown>> {
  return mapTexts(english) as Record<string, Record<string, unknown>>;
}
