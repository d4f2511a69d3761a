// The fields of one kind of credential. A stored secret is never shown: it is kept, or replaced.
import { Lock, RotateCcw } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { CredentialInput, CredentialKind } from "~/api/workbench";
import { Button } from "~/ui/button";
import { NumberField, SelectField, SwitchField, TextAreaField } from "~/ui/form";
import { Field, PasswordField } from "~/ui/input";
import { isKept, isSecret, keptValue, shownInputs, type Values } from "./model";

interface KindFieldsProps {
  kind: CredentialKind;
  values: Values;
  /** As the server sent them, when it is edited. */
  stored: Values | undefined;
  /** Names to mark as missing. */
  missing: readonly string[];
  onChange: (name: string, value: unknown) => void;
}

export function KindFields({ kind, missing, stored, values, onChange }: KindFieldsProps) {
  const { t } = useTranslation("credentials");
  return shownInputs(kind).map((input) => (
    <OneField
      key={input.name}
      input={input}
      value={values[input.name]}
      kept={keptValue(stored, input.name)}
      error={missing.includes(input.name) ? t("fieldMissing", { label: input.label }) : undefined}
      onChange={(value) => onChange(input.name, value)}
    />
  ));
}

interface OneFieldProps {
  input: CredentialInput;
  value: unknown;
  kept: unknown;
  error: string | undefined;
  onChange: (value: unknown) => void;
}

function OneField({ input, value, kept, error, onChange }: OneFieldProps) {
  const { t } = useTranslation();
  const frame = { label: input.label, hint: input.description, error, ...(input.optional ? { optional: t("optional") } : {}) };
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  const common = { name: input.name, placeholder: input.placeholder };
  if (isSecret(input)) return <SecretField input={input} value={value} kept={kept} error={error} onChange={onChange} />;
  if (input.type === "boolean") return <SwitchField label={input.label} hint={input.description} checked={value === true || value === "true"} onChange={onChange} />;
  if (input.type === "options" && input.options) {
    return <SelectField {...frame} value={text} onChange={onChange} choices={input.options.map((option) => ({ value: option.name, label: option.label }))} />;
  }
  if (input.type === "number") {
    const number = Number(text);
    return <NumberField {...frame} value={text === "" || Number.isNaN(number) ? null : number} onChange={onChange} step="any" />;
  }
  if (input.rows || input.type === "json") return <TextAreaField {...frame} {...common} value={text} onChange={onChange} rows={input.rows ?? 4} mono spellCheck={false} />;
  const { optional, ...plain } = frame;
  return (
    <Field
      {...plain}
      {...common}
      label={optional ? `${input.label} (${optional})` : input.label}
      type={input.type === "url" ? "url" : "text"}
      autoComplete="off"
      spellCheck={false}
      value={text}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

function SecretField({ input, value, kept, error, onChange }: OneFieldProps) {
  const { t } = useTranslation("credentials");
  if (isKept(value)) {
    return (
      <div className="flex flex-col gap-1.5">
        <span className="text-sm font-medium text-ink">{input.label}</span>
        <div className="flex h-10 items-center gap-2.5 rounded-md border border-line bg-sunken ps-3 pe-1.5">
          <Lock aria-hidden className="size-4 shrink-0 text-muted" />
          <span className="min-w-0 flex-1 truncate text-base text-muted">{t("secretKept")}</span>
          <Button size="sm" aria-label={t("replaceNamed", { label: input.label })} onClick={() => onChange("")}>
            {t("replace")}
          </Button>
        </div>
        {input.description && <p className="text-sm text-muted">{input.description}</p>}
      </div>
    );
  }
  const text = typeof value === "string" ? value : "";
  return (
    <div className="flex flex-col gap-1.5">
      {input.rows ? (
        <TextAreaField label={input.label} hint={input.description} error={error} value={text} onChange={onChange} rows={input.rows} mono spellCheck={false} placeholder={input.placeholder} />
      ) : (
        <PasswordField
          label={input.label}
          hint={input.description}
          error={error}
          name={input.name}
          autoComplete="off"
          placeholder={input.placeholder}
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
      {kept !== undefined && (
        <Button size="sm" variant="ghost" className="self-start" onClick={() => onChange(kept)}>
          <RotateCcw aria-hidden />
          {t("keepStored")}
        </Button>
      )}
    </div>
  );
}
