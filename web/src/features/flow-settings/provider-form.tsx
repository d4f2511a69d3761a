// The settings of one service: its credential and a few fields.
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { modelsQuery, voicesQuery } from "~/api/flow-record";
import { CredentialField } from "~/features/credentials";
import { asText, type JsonObject } from "~/lib/json";
import { NumberField, SelectField, TextAreaField } from "~/ui/form";
import { Field } from "~/ui/input";
import { useErrorText } from "~/ui/states";
import type { Provider, ProviderField } from "./providers";

export interface ProviderFormProps {
  provider: Provider;
  values: JsonObject;
  onChange: (values: JsonObject) => void;
  /** Sentences under fields, by the field's name. */
  hints?: Readonly<Record<string, string>>;
}

const NO_HINTS: Readonly<Record<string, string>> = {};

export function ProviderForm({ provider, values, onChange, hints = NO_HINTS }: ProviderFormProps) {
  const { t } = useTranslation("flowSettings");
  const credentialId = asText(values["credentialId"]) ?? "";
  const set = (name: string, value: unknown) => onChange({ ...values, [name]: value });
  return (
    <>
      {provider.credentials.length > 0 && <CredentialField label={t("credential")} kinds={provider.credentials} value={credentialId} onChange={(id) => set("credentialId", id)} />}
      {provider.fields.map((field) => (
        <OneField key={field.name} provider={provider.name} field={field} credentialId={credentialId} value={values[field.name]} hint={hints[field.name]} onChange={(value) => set(field.name, value)} />
      ))}
    </>
  );
}

interface OneFieldProps {
  provider: string;
  field: ProviderField;
  credentialId: string;
  value: unknown;
  hint: string | undefined;
  onChange: (value: unknown) => void;
}

function OneField({ provider, field, credentialId, value, hint, onChange }: OneFieldProps) {
  const { t } = useTranslation("flowSettings");
  const label = t(`fields.${field.label}`);
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  switch (field.kind) {
    case "long":
      return <TextAreaField label={label} hint={hint} value={text} onChange={onChange} rows={4} />;
    case "number": {
      const number = Number(text);
      return <NumberField label={label} hint={hint} step={0.1} min={0} max={2} value={text === "" || Number.isNaN(number) ? null : number} onChange={(next) => onChange(next ?? "")} />;
    }
    case "options":
      return <SelectField label={label} hint={hint} value={text || String(field.initial ?? "")} onChange={onChange} choices={(field.options ?? []).map((option) => ({ value: option, label: option }))} />;
    case "voice":
      return <VoiceField provider={provider} credentialId={credentialId} label={label} value={text} onChange={onChange} />;
    case "model":
      return <ModelField node={provider} credentialId={credentialId} label={label} value={text} onChange={onChange} />;
    case "text":
      return <Field label={label} hint={hint} placeholder={field.placeholder} value={text} onChange={(event) => onChange(event.target.value)} autoComplete="off" spellCheck={false} />;
  }
}

interface AskedFieldProps {
  credentialId: string;
  label: string;
  value: string;
  onChange: (value: string) => void;
}

function VoiceField({ provider, credentialId, label, value, onChange }: AskedFieldProps & { provider: string }) {
  const { t } = useTranslation("flowSettings");
  const errorText = useErrorText();
  const voices = useQuery({ ...voicesQuery(provider, credentialId), enabled: credentialId !== "" });
  const choices = (voices.data ?? []).map((voice) => ({ value: voice.id, label: voice.name }));
  if (value && !choices.some((choice) => choice.value === value)) choices.unshift({ value, label: value });
  return (
    <SelectField
      label={label}
      value={value}
      onChange={onChange}
      placeholder={t("choose")}
      choices={choices}
      hint={credentialId ? undefined : t("voicesNeedCredential")}
      error={voices.error ? t("voicesFailed", { reason: errorText(voices.error) }) : undefined}
    />
  );
}

/** Any name may be typed; those that the service offers are suggested. */
function ModelField({ node, credentialId, label, value, onChange }: AskedFieldProps & { node: string }) {
  const list = useId();
  const models = useQuery(modelsQuery(node, credentialId));
  return (
    <>
      <Field label={label} value={value} onChange={(event) => onChange(event.target.value)} list={list} autoComplete="off" spellCheck={false} />
      <datalist id={list}>
        {(Array.isArray(models.data) ? models.data : []).map((model) => (
          <option key={model.name} value={model.name}>
            {model.label}
          </option>
        ))}
      </datalist>
    </>
  );
}
