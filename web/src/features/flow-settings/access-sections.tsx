// Who may call the flow, how often, and from which pages.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { useTranslation } from "react-i18next";
import { may, useSession } from "~/api/session";
import { apiKeysQuery } from "~/api/workbench";
import { asText } from "~/lib/json";
import { Notice } from "~/ui/card";
import { CopyButton } from "~/ui/copy-button";
import { NumberField, SelectField, SwitchField } from "~/ui/form";
import { Field } from "~/ui/input";
import { allowedOrigins, getIn, isOrigin, setIn } from "./model";
import type { SectionProps } from "./section-body";
import { TextList } from "./text-list";

export function AccessSection({ flow, draft, onChange }: SectionProps) {
  const { t } = useTranslation("flowSettings");
  const user = useSession((state) => state.user);
  const maySeeKeys = may(user, "apikeys:view");
  const keys = useQuery({ ...apiKeysQuery(), enabled: maySeeKeys });
  const address = `${window.location.origin}/chatbot/${flow.id}`;
  const choices = (keys.data ?? []).map((key) => ({ value: key.id, label: key.keyName }));
  if (draft.apikeyid && keys.isSuccess && !choices.some((choice) => choice.value === draft.apikeyid)) choices.unshift({ value: draft.apikeyid, label: t("access.keyGone") });
  return (
    <>
      <SwitchField label={t("access.public")} hint={t("access.publicHint")} checked={draft.isPublic} onChange={(isPublic) => onChange({ ...draft, isPublic })} />
      {draft.isPublic && (
        <div className="flex items-center gap-1 rounded-md border border-line bg-sunken ps-3 pe-1">
          <a href={address} target="_blank" rel="noreferrer" className="flex min-w-0 flex-1 items-center gap-2 py-2 font-mono text-xs text-primary-ink hover:underline">
            <span className="truncate">{address}</span>
            <ExternalLink aria-hidden className="size-3.5 shrink-0" />
          </a>
          <CopyButton text={address} label={t("access.copyAddress")} size="icon-sm" />
        </div>
      )}
      {maySeeKeys ? (
        <SelectField
          label={t("access.key")}
          value={draft.apikeyid}
          onChange={(apikeyid) => onChange({ ...draft, apikeyid })}
          placeholder={t("access.noKey")}
          choices={choices}
          hint={
            <>
              {t(draft.apikeyid ? "access.keyHint" : "access.noKeyHint")}{" "}
              <Link to="/apikey" className="font-medium text-primary-ink hover:underline">
                {t("access.keys")}
              </Link>
            </>
          }
        />
      ) : (
        <p className="text-sm text-muted">{t("access.keysForbidden")}</p>
      )}
      {draft.apikeyid && draft.isPublic && <Notice tone="warning">{t("access.both")}</Notice>}
      <Field label={t("access.category")} hint={t("access.categoryHint")} value={draft.category} onChange={(event) => onChange({ ...draft, category: event.target.value })} autoComplete="off" />
    </>
  );
}

export function RateLimitSection({ draft, setPart }: SectionProps) {
  const { t } = useTranslation("flowSettings");
  const api = draft.parts.apiConfig;
  const read = (key: string) => getIn(api, ["rateLimit", key]);
  const set = (key: string, value: unknown) => setPart("apiConfig", setIn(api, ["rateLimit", key], value));
  // Kept as texts, as every client of this record writes them.
  const number = (key: string) => {
    const value = Number(read(key));
    return read(key) === undefined || read(key) === "" || Number.isNaN(value) ? null : value;
  };
  const on = read("status") === true;
  return (
    <>
      <SwitchField label={t("rateLimit.on")} checked={on} onChange={(status) => set("status", status)} />
      {on && (
        <>
          <div className="grid gap-4 sm:grid-cols-2">
            <NumberField label={t("rateLimit.calls")} min={1} step={1} placeholder="5" value={number("limitMax")} onChange={(value) => set("limitMax", value === null ? "" : String(value))} />
            <NumberField label={t("rateLimit.seconds")} min={1} step={1} placeholder="60" value={number("limitDuration")} onChange={(value) => set("limitDuration", value === null ? "" : String(value))} />
          </div>
          <Field
            label={t("rateLimit.message")}
            hint={t("rateLimit.messageHint")}
            placeholder={t("rateLimit.messagePlaceholder")}
            value={asText(read("limitMsg")) ?? ""}
            onChange={(event) => set("limitMsg", event.target.value)}
          />
        </>
      )}
    </>
  );
}

export function DomainsSection({ draft, setPart }: SectionProps) {
  const { t } = useTranslation("flowSettings");
  const chatbot = draft.parts.chatbotConfig;
  return (
    <>
      <TextList
        label={t("domains.list")}
        itemLabel={(number) => t("domains.item", { number })}
        add={t("domains.add")}
        remove={(number) => t("domains.remove", { number })}
        placeholder="https://example.com"
        values={allowedOrigins(chatbot)}
        problem={(value) => (value.trim() && !isOrigin(value) ? t("domains.wrong") : undefined)}
        onChange={(values) => setPart("chatbotConfig", { ...chatbot, allowedOrigins: values })}
      />
      <Field
        label={t("domains.error")}
        hint={t("domains.errorHint")}
        value={asText(chatbot["allowedOriginsError"]) ?? ""}
        onChange={(event) => setPart("chatbotConfig", { ...chatbot, allowedOriginsError: event.target.value })}
      />
    </>
  );
}
