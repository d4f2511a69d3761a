// The sentences of a page that loads on demand join the others.
import i18next from "i18next";
import type { LaterTexts } from "./later";

/** Called once by a feature's `index.ts`, before anything of it is drawn. */
export function addTexts<Name extends keyof LaterTexts>(name: Name, texts: LaterTexts[Name]): void {
  const add = () => void i18next.addResourceBundle("en", name, texts, true, true);
  if (i18next.isInitialized) add();
  else i18next.on("initialized", add);
}
