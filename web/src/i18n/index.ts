// English, the source of every sentence. `start.ts` begins with what the first pages say; the rest of this list comes right after, and pages bring their own by `addTexts`.
import auth from "./en/auth.json";
import canvas from "./en/canvas.json";
import common from "./en/common.json";
import flows from "./en/flows.json";
import list from "./en/list.json";
import templates from "./en/templates.json";
import transfer from "./en/transfer.json";
import type { LaterTexts } from "./later";
import { startTexts } from "./start";

/** What the shell, the lists and the canvas say. */
export const english = { common, auth, flows, list, templates, transfer, canvas };

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: typeof english & LaterTexts;
  }
}

/** Readies all of these at once, for tests; the page itself begins with `startTexts`. */
export function startI18n(): void {
  startTexts(english);
}
