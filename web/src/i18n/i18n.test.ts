import { describe, expect, it } from "vitest";
import { english as first } from ".";
import { later } from "./later";
import { german } from "./de";
import { directionOf, preferredLanguage } from "./language";
import { pseudo, pseudoTexts } from "./pseudo";

const english = { ...first, ...later };

/** Every text with its path, such as `list.view.cards`. */
function flat(texts: unknown, path = ""): [string, string][] {
  if (typeof texts === "string") return [[path, texts]];
  return Object.entries(texts as Record<string, unknown>).flatMap(([key, inner]) => flat(inner, path ? `${path}.${key}` : key));
}

const holes = (text: string) => [...text.matchAll(/\{\{(\w+)/g)].map(([, name]) => name).toSorted();

/** What German says in the same words: names of things and of products, code, units, and gaps alone. */
const SHARED = new Set(
  ("API|JSON|Ada Lovelace|Agent|Agentflow|Agentflows|Chat|Chatflow|Chatflows|Code|cURL|Editor|Experiment|Flow|Flows|Flowstone|Framework|Graph|Id|In JavaScript|JavaScript (Node)|live|Name|Prompt|Python|Text|Version|TypeScript (SDK)|" +
    "Variable|Variable {{name}}|Version 1|Version 2|Version {{number}}|Version {{version}}|ada@example.com|city|{{count}} ms|{{time}} ms|{{seconds}} s|{{kilobytes}} kB|$name|$vars.name|$flow.sessionId|return|console.log|throw").split("|"),
);
const saysSomething = (text: string) => /\p{Letter}/u.test(text.replaceAll(/\{\{.*?\}\}/g, ""));

describe("German", () => {
  const source = new Map(flat(english));
  const texts = flat(german);

  it("knows no text that English does not", () => expect(texts.map(([path]) => path).filter((path) => !source.has(path))).toEqual([]));

  it("has every text of English", () => {
    const known = new Set(texts.map(([path]) => path));
    expect([...source.keys()].filter((path) => !known.has(path))).toEqual([]);
  });

  it("leaves nothing in English", () => {
    const copies = texts.filter(([path, text]) => text === source.get(path) && saysSomething(text) && !SHARED.has(text));
    expect(copies).toEqual([]);
  });

  it("fills the same gaps", () => {
    for (const [path, text] of texts) expect(holes(text), path).toEqual(holes(source.get(path) ?? ""));
  });

  it("says something everywhere", () => expect(texts.filter(([, text]) => text.trim() === "")).toEqual([]));
});

describe("preferredLanguage", () => {
  it("takes the choice, else what the browser asks for, else English", () => {
    expect(preferredLanguage("de", ["en-US"])).toBe("de");
    expect(preferredLanguage(null, ["fr-FR", "de-AT", "en"])).toBe("de");
    expect(preferredLanguage("klingon", ["fr"])).toBe("en");
    expect(preferredLanguage("ar-XB", [])).toBe("ar-XB");
  });
});

describe("the made-up language", () => {
  it("runs from right to left, keeps gaps, and covers every text", () => {
    expect(directionOf("ar-XB")).toBe("rtl");
    expect(directionOf("de")).toBe("ltr");
    expect(pseudo("Open {{name}}")).toMatch(/^⟦Ópéñ \{\{name\}\}·+⟧$/);
    const covered = new Set(flat(pseudoTexts()).map(([path]) => path));
    expect(flat(english).filter(([path]) => !covered.has(path))).toEqual([]);
    expect(pseudoTexts()).toMatchObject({ list: { found_few: expect.stringContaining("⟦") } });
  });
});
