import { describe, expect, it } from "vitest";
import { bodyOf, type Call, EMBEDS, embed, LANGUAGES, snippet } from "./snippets";

const PLAIN: Call = { origin: "https://flows.example.com", flowId: "00000000-0000-4000-8000-00000000f101", needsKey: false, streaming: false, overrides: {}, question: "Hey, how's it going?" };
const FULL: Call = { ...PLAIN, needsKey: true, streaming: true, overrides: { temperature: 0.5, vars: { city: "Graz" }, on: true } };

describe("snippets", () => {
  it.each(LANGUAGES)("in %s, plain", (language) => expect(snippet(language, PLAIN)).toMatchSnapshot("plain"));
  it.each(LANGUAGES)("in %s, with a key, a stream and overrides", (language) => expect(snippet(language, FULL)).toMatchSnapshot("full"));
  it.each(EMBEDS)("that embed: %s", (kind) => expect(embed(kind, FULL)).toMatchSnapshot("embed"));
  it("leave out what is not asked for", () => expect(bodyOf(PLAIN)).toEqual({ question: PLAIN.question }));
  it("hold JavaScript that can be read", () => {
    const AsyncFunction = (async () => undefined).constructor as new (code: string) => () => Promise<unknown>;
    for (const call of [PLAIN, FULL]) expect(() => new AsyncFunction(snippet("javascript", call))).not.toThrow();
  });
});
