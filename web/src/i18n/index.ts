// Every sentence of the page comes through here; English is the source.
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import type { LaterTexts } from "./later";
import auth from "./en/auth.json";
import canvas from "./en/canvas.json";
import chat from "./en/chat.json";
import common from "./en/common.json";
import flows from "./en/flows.json";
import list from "./en/list.json";
import run from "./en/run.json";
import templates from "./en/templates.json";
import transfer from "./en/transfer.json";

/** What the first pages say; other pages bring their sentences along by `addTexts`. */
export const english = { common, auth, flows, list, templates, transfer, canvas, chat, run };

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: typeof english & LaterTexts;
  }
}

/** Readies the English texts; `startLanguage` then speaks what is wanted. */
export function startI18n(): void {
  void i18next.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    defaultNS: "common",
    ns: Object.keys(english),
    resources: { en: english },
    // React escapes already.
    interpolation: { escapeValue: false },
    initAsync: false,
  });
}
