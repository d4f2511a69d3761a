// Which language the page speaks: chosen by the person, else what the browser asks for; kept in this browser.
import i18next from "i18next";
import { create } from "zustand";
import { readStored, writeStored } from "~/lib/storage";

/** The languages one can choose, each by its own name. */
export const LANGUAGES = [
  { code: "en", name: "English" },
  { code: "de", name: "Deutsch" },
] as const;

/** `ar-XB` is no language: English with marks, from right to left, for tests. */
export type Language = (typeof LANGUAGES)[number]["code"] | "ar-XB";

const KEY = "flowstone.language";

/** Languages written from right to left, by the part before the hyphen. */
const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur"]);

export type Direction = "ltr" | "rtl";

export function directionOf(language: string): Direction {
  return RIGHT_TO_LEFT.has(language.split("-")[0] ?? "") ? "rtl" : "ltr";
}

function isLanguage(code: string | null | undefined): code is Language {
  return code === "ar-XB" || LANGUAGES.some((language) => language.code === code);
}

/** The stored choice, else the first of the browser's languages that there is, else English. */
export function preferredLanguage(stored: string | null, wanted: readonly string[]): Language {
  if (isLanguage(stored)) return stored;
  const offered = wanted.map((code) => code.split("-")[0]).find((code) => LANGUAGES.some((language) => language.code === code));
  return isLanguage(offered) ? offered : "en";
}

export const useLanguage = create<{ language: Language; direction: Direction }>(() => ({ language: "en", direction: "ltr" }));

/** Speaks `language` from now on, once its texts are here. */
async function speak(language: Language): Promise<void> {
  await i18next.changeLanguage(language);
  const direction = directionOf(language);
  document.documentElement.lang = language;
  document.documentElement.dir = direction;
  useLanguage.setState({ language, direction });
}

/** The person's choice; kept. */
export async function chooseLanguage(language: Language): Promise<void> {
  await speak(language);
  writeStored(KEY, language);
}

/** Speaks what is preferred; English where its texts cannot be had. Follows other tabs. */
export async function startLanguage(): Promise<void> {
  await speak(preferredLanguage(readStored(KEY), navigator.languages)).catch(() => speak("en"));
  window.addEventListener("storage", (event) => {
    if (event.key === KEY && isLanguage(event.newValue)) void speak(event.newValue);
  });
}
