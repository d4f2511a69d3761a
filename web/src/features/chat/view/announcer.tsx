// Tells a screen reader once when an answer begins and once when it is there, not every word.
import { useTranslation } from "react-i18next";
import type { ChatMessage } from "../model/messages";

export function Announcer({ messages }: { messages: ChatMessage[] }) {
  const { t } = useTranslation("chat");
  const last = messages.at(-1);
  let said = "";
  if (last?.role === "answer" && last.fresh) {
    if (last.state === "waiting" || last.state === "writing") said = t("announceStart");
    else if (last.state === "failed") said = t("announceError", { text: last.failure?.message });
    else said = t("announceDone", { text: last.text });
  }
  return (
    <div aria-live="polite" className="sr-only">
      {said}
    </div>
  );
}
