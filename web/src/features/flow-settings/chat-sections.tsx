// What the chat offers: prompts to start with and to go on with, thumbs, a form for leads.
import { useTranslation } from "react-i18next";
import { asObject, asText } from "~/lib/json";
import { CheckboxField, SelectField, SwitchField, TextAreaField } from "~/ui/form";
import { getIn, setIn, starterPrompts, withStarterPrompts } from "./model";
import { ProviderForm } from "./provider-form";
import { FOLLOW_UPS, initialsOf } from "./providers";
import type { SectionProps } from "./section-body";
import { TextList } from "./text-list";

export function StartersSection({ draft, setPart }: SectionProps) {
  const { t } = useTranslation("flowSettings");
  const chatbot = draft.parts.chatbotConfig;
  return (
    <TextList
      label={t("starters.list")}
      itemLabel={(number) => t("starters.item", { number })}
      add={t("starters.add")}
      remove={(number) => t("starters.remove", { number })}
      placeholder={t("starters.placeholder")}
      values={starterPrompts(chatbot)}
      onChange={(prompts) => setPart("chatbotConfig", withStarterPrompts(chatbot, prompts))}
    />
  );
}

export function FeedbackSection({ draft, setPart }: SectionProps) {
  const { t } = useTranslation("flowSettings");
  const chatbot = draft.parts.chatbotConfig;
  return (
    <SwitchField
      label={t("feedback.on")}
      hint={t("feedback.hint")}
      checked={getIn(chatbot, ["chatFeedback", "status"]) === true}
      onChange={(status) => setPart("chatbotConfig", setIn(chatbot, ["chatFeedback", "status"], status))}
    />
  );
}

export function LeadsSection({ draft, setPart }: SectionProps) {
  const { t } = useTranslation("flowSettings");
  const chatbot = draft.parts.chatbotConfig;
  const leads = asObject(chatbot["leads"]) ?? {};
  const set = (key: string, value: unknown) => setPart("chatbotConfig", setIn(chatbot, ["leads", key], value));
  return (
    <>
      <SwitchField label={t("leads.on")} checked={leads["status"] === true} onChange={(status) => set("status", status)} />
      {leads["status"] === true && (
        <>
          <TextAreaField label={t("leads.form")} value={asText(leads["title"]) ?? ""} onChange={(value) => set("title", value)} rows={2} placeholder={t("leads.formPlaceholder")} />
          <TextAreaField label={t("leads.after")} value={asText(leads["successMessage"]) ?? ""} onChange={(value) => set("successMessage", value)} rows={2} placeholder={t("leads.afterPlaceholder")} />
          <fieldset className="flex flex-col gap-2.5">
            <legend className="pb-2 text-sm font-medium text-ink">{t("leads.fields")}</legend>
            {(["name", "email", "phone"] as const).map((field) => (
              <CheckboxField key={field} label={t(`leads.${field}`)} checked={leads[field] === true} onChange={(on) => set(field, on)} />
            ))}
          </fieldset>
        </>
      )}
    </>
  );
}

export function FollowUpsSection({ draft, onChange }: SectionProps) {
  const { t } = useTranslation("flowSettings");
  const { followUpPrompts, chatbotConfig } = draft.parts;
  const chosen = asText(followUpPrompts["selectedProvider"]) ?? "";
  const provider = FOLLOW_UPS.find((entry) => entry.name === chosen);
  const on = followUpPrompts["status"] === true;
  // Whether it is on stands in two places; readers look at either.
  const setStatus = (status: boolean) =>
    onChange({ ...draft, parts: { ...draft.parts, followUpPrompts: { ...followUpPrompts, status }, chatbotConfig: { ...chatbotConfig, followUpPrompts: { status } } } });
  const set = (next: Record<string, unknown>) => onChange({ ...draft, parts: { ...draft.parts, followUpPrompts: next } });
  const choose = (name: string) => {
    const next = FOLLOW_UPS.find((entry) => entry.name === name);
    const known = asObject(followUpPrompts[name]);
    set({ ...followUpPrompts, selectedProvider: name, ...(next && !known ? { [name]: initialsOf(next) } : {}) });
  };
  return (
    <>
      <SwitchField label={t("followUps.on")} checked={on} onChange={setStatus} />
      {on && (
        <>
          <SelectField
            label={t("provider")}
            value={provider ? chosen : ""}
            onChange={choose}
            placeholder={t("choose")}
            choices={FOLLOW_UPS.map((entry) => ({ value: entry.name, label: entry.label }))}
          />
          {provider && (
            <ProviderForm
              provider={provider}
              values={asObject(followUpPrompts[provider.name]) ?? {}}
              onChange={(values) => set({ ...followUpPrompts, [provider.name]: values })}
              hints={{ prompt: t("followUps.promptHint") }}
            />
          )}
        </>
      )}
    </>
  );
}
