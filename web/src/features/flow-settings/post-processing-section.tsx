// Code that has the last word on an answer.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { variablesQuery } from "~/api/workbench";
import { Button } from "~/ui/button";
import { CodeEditor } from "~/ui/code-editor";
import { SwitchField } from "~/ui/form";
import { Notice } from "~/ui/card";
import { getIn, postProcessingCode, setIn, withPostProcessingCode } from "./model";
import type { SectionProps } from "./section-body";

const VALUES = ["rawOutput", "input", "chatHistory", "sourceDocuments", "usedTools", "artifacts", "fileAnnotations", "chatId", "sessionId", "chatflowId"] as const;
const EXAMPLE = 'return $flow.rawOutput.trim() + "\\n\\n_Written by a machine._";\n';

export function PostProcessingSection({ draft, setPart }: SectionProps) {
  const { t } = useTranslation("flowSettings");
  const chatbot = draft.parts.chatbotConfig;
  const code = postProcessingCode(chatbot);
  const on = getIn(chatbot, ["postProcessing", "enabled"]) === true;
  const variables = useQuery(variablesQuery()).data;
  const completions = useMemo(
    () => [...VALUES.map((name) => ({ label: `$flow.${name}` })), ...(variables ?? []).map((variable) => ({ label: `$vars.${variable.name}`, detail: t("postProcessing.variable") }))],
    [variables, t],
  );
  return (
    <>
      <SwitchField label={t("postProcessing.on")} checked={on} onChange={(enabled) => setPart("chatbotConfig", setIn(chatbot, ["postProcessing", "enabled"], enabled))} />
      {on && (
        <>
          <Notice tone="info">{t("postProcessing.noStream")}</Notice>
          <div className="flex flex-col gap-1.5">
            <div className="flex items-center justify-between gap-2">
              <span className="text-sm font-medium">{t("postProcessing.code")}</span>
              {!code.trim() && (
                <Button size="sm" variant="ghost" onClick={() => setPart("chatbotConfig", withPostProcessingCode(chatbot, EXAMPLE))}>
                  {t("postProcessing.example")}
                </Button>
              )}
            </div>
            <CodeEditor label={t("postProcessing.code")} language="javascript" value={code} completions={completions} onChange={(next) => next !== code && setPart("chatbotConfig", withPostProcessingCode(chatbot, next))} className="h-56" />
            <p className="text-sm text-muted">{t("postProcessing.hint")}</p>
          </div>
          <dl className="grid gap-x-6 gap-y-1.5 text-sm sm:grid-cols-[auto_1fr]">
            {(["rawOutput", "input", "chatHistory", "sourceDocuments", "usedTools"] as const).map((name) => (
              <div key={name} className="contents">
                <dt className="font-mono text-xs leading-5 text-ink">$flow.{name}</dt>
                <dd className="text-muted max-sm:mb-1.5">{t(`postProcessing.values.${name}`)}</dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </>
  );
}
