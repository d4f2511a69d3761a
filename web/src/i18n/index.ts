// Every sentence of the page comes through here; English is the source.
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import apiKeys from "./en/apiKeys.json";
import auth from "./en/auth.json";
import canvas from "./en/canvas.json";
import chat from "./en/chat.json";
import common from "./en/common.json";
import credentials from "./en/credentials.json";
import flows from "./en/flows.json";
import list from "./en/list.json";
import tools from "./en/tools.json";
import usage from "./en/usage.json";
import variables from "./en/variables.json";

export const english = { common, auth, flows, list, canvas, chat, credentials, variables, apiKeys, tools, usage };

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: typeof english;
  }
}

/** Right-to-left languages among those a locale may name. */
const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur"]);

/** Readies the texts and marks the document with language and direction. */
export function startI18n(language = "en"): void {
  void i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: "en",
    defaultNS: "common",
    ns: Object.keys(english),
    resources: { en: english },
    // React escapes already.
    interpolation: { escapeValue: false },
    initAsync: false,
  });
  document.documentElement.lang = language;
  document.documentElement.dir = RIGHT_TO_LEFT.has(language.split("-")[0] ?? "") ? "rtl" : "ltr";
}
