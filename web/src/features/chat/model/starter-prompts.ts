// The suggestions that a flow's owner configured.
import { asObject, asText, parseJson } from "~/lib/json";

/** The starter prompts in `chatbotConfig` (JSON text); none when there is none or it is broken. */
export function starterPrompts(chatbotConfig: string | null | undefined): string[] {
  const config = asObject(parseJson(chatbotConfig ?? ""));
  // Saved as an object with number keys by some versions, as a list by others.
  const saved = config?.["starterPrompts"];
  const entries = typeof saved === "object" && saved !== null ? Object.values(saved) : [];
  return entries.flatMap((entry) => asText(asObject(entry)?.["prompt"])?.trim() || []);
}
