// Readies i18next: the texts of the first pages at once, all others as one part of their own that comes while those are looked at.
import i18next, { type BackendModule, type ResourceKey } from "i18next";
import { initReactI18next } from "react-i18next";
import auth from "./en/auth.json";
import common from "./en/common.json";
import flows from "./en/flows.json";
import list from "./en/list.json";

type Texts = Record<string, ResourceKey>;

/** What the way from sign-in to the first list needs. */
const FIRST: Texts = { common, auth, flows, list };

const WHOLE: Record<string, () => Promise<Texts>> = {
  en: async () => (await import(".")).english,
  de: async () => (await import("./de")).german as Texts,
  "ar-XB": async () => (await import("./pseudo")).pseudoTexts() as Texts,
};

/** A page that uses texts which are not here yet waits for them like for its code. */
const backend: BackendModule = {
  type: "backend",
  init: () => undefined,
  read: (language, namespace, callback) => {
    const whole = WHOLE[language];
    if (!whole) return callback(null, {});
    whole().then(
      (texts) => callback(null, texts[namespace] ?? {}),
      (error: unknown) => callback(error instanceof Error ? error : String(error), null),
    );
  },
};

/** Readies the English texts; `startLanguage` then speaks what is wanted. `texts` other than the first pages' are for tests. */
export function startTexts(texts: Texts = FIRST): void {
  void i18next
    .use(initReactI18next)
    .use(backend)
    .init({
      lng: "en",
      fallbackLng: "en",
      defaultNS: "common",
      ns: Object.keys(texts),
      resources: { en: texts },
      partialBundledLanguages: true,
      // React escapes already.
      interpolation: { escapeValue: false },
      initAsync: false,
    });
}

/** Fetches what later pages need, so that they open without waiting for it. */
export async function fetchLaterTexts(): Promise<void> {
  const { english } = await import(".");
  await i18next.loadNamespaces(Object.keys(english));
}
