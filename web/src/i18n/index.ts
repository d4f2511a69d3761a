// Every sentence of the page comes through here; English is the source.
import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import apiKeys from "./en/apiKeys.json";
import auth from "./en/auth.json";
import canvas from "./en/canvas.json";
import chat from "./en/chat.json";
import common from "./en/common.json";
import conversations from "./en/conversations.json";
import credentials from "./en/credentials.json";
import flowApi from "./en/flowApi.json";
import flowPages from "./en/flowPages.json";
import flowSettings from "./en/flowSettings.json";
import flows from "./en/flows.json";
import leads from "./en/leads.json";
import list from "./en/list.json";
import run from "./en/run.json";
import templates from "./en/templates.json";
import tools from "./en/tools.json";
import transfer from "./en/transfer.json";
import upserts from "./en/upserts.json";
import usage from "./en/usage.json";
import variables from "./en/variables.json";

export const english = { common, auth, flows, list, templates, transfer, canvas, chat, credentials, variables, apiKeys, tools, flowPages, flowSettings, flowApi, conversations, leads, upserts, usage, run };

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: typeof english;
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
