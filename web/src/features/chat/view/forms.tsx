// Forms inside a conversation: the one a flow starts with, the visitor's address, a decision.
import { Check, X } from "lucide-react";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Detail } from "~/features/evidence";
import { Button } from "~/ui/button";
import { Field } from "~/ui/input";
import type { HumanAction } from "~/api/human-action";
import type { FormField, LeadForm, StartForm } from "../model/config";
import type { LeadValues } from "../model/transport";

function FormCard({ title, text, children, onSubmit }: { title: string; text: string; children: ReactNode; onSubmit: () => void }) {
  const titleId = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form onSubmit={submit} aria-labelledby={titleId} className="flex w-full max-w-lg flex-col gap-4 self-center rounded-xl border border-line bg-surface p-5 shadow-sm">
      <div>
        <h2 id={titleId} className="text-lg font-semibold text-ink [overflow-wrap:anywhere]">
          {title}
        </h2>
        {text && <p className="mt-1 text-base whitespace-pre-wrap text-muted [overflow-wrap:anywhere]">{text}</p>}
      </div>
      {children}
    </form>
  );
}

/** The form that starts the flow. */
export function StartFormView({ form, busy, onSend }: { form: StartForm; busy: boolean; onSend: (values: Record<string, unknown>) => void }) {
  const { t } = useTranslation("chat");
  const [values, setValues] = useState<Record<string, unknown>>(() => Object.fromEntries(form.fields.map((field) => [field.name, field.type === "boolean" ? false : ""])));
  const set = (name: string, value: unknown) => setValues((before) => ({ ...before, [name]: value }));
  return (
    <FormCard title={form.title || t("formTitle")} text={form.description} onSubmit={() => onSend(values)}>
      {form.fields.map((field) => (
        <FormInput key={field.name} field={field} value={values[field.name]} onChange={(value) => set(field.name, value)} />
      ))}
      <Button type="submit" variant="primary" size="lg" busy={busy} className="self-start">
        {t("formSend")}
      </Button>
    </FormCard>
  );
}

function FormInput({ field, value, onChange }: { field: FormField; value: unknown; onChange: (value: unknown) => void }) {
  const { t } = useTranslation("chat");
  const id = useId();
  if (field.type === "boolean") {
    return (
      <label className="flex items-center gap-2.5 text-base text-ink">
        <input type="checkbox" checked={value === true} onChange={(event) => onChange(event.target.checked)} className="size-4 accent-primary" />
        {field.label}
      </label>
    );
  }
  if (field.type === "options") {
    return (
      <div className="flex flex-col gap-1.5">
        <label htmlFor={id} className="text-sm font-medium text-ink">
          {field.label}
        </label>
        <select id={id} value={String(value)} onChange={(event) => onChange(event.target.value)} className="h-10 w-full rounded-md border border-control bg-surface px-3 text-base text-ink">
          <option value="">{t("formChoose")}</option>
          {field.options.map((option) => (
            <option key={option}>{option}</option>
          ))}
        </select>
      </div>
    );
  }
  const isNumber = field.type === "number";
  return (
    <Field
      label={field.label}
      type={isNumber ? "number" : "text"}
      step={isNumber ? "any" : undefined}
      value={String(value)}
      onChange={(event) => onChange(isNumber && event.target.value !== "" ? Number(event.target.value) : event.target.value)}
    />
  );
}

export interface LeadFormViewProps {
  form: LeadForm;
  busy: boolean;
  error: string | undefined;
  onSend: (lead: LeadValues) => void;
}

/** Asks a visitor for an address before the conversation. */
export function LeadFormView({ form, busy, error, onSend }: LeadFormViewProps) {
  const { t } = useTranslation("chat");
  const [lead, setLead] = useState<LeadValues>({ name: "", email: "", phone: "" });
  const [tried, setTried] = useState(false);
  const email = lead.email.trim();
  const phone = lead.phone.trim();
  const wrong = {
    name: form.name && lead.name.trim() === "" ? t("leadNameMissing") : undefined,
    email: form.email && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email) ? t(email ? "leadEmailWrong" : "leadEmailMissing") : undefined,
    phone: form.phone && !/^[\d\s()+./-]{5,}$/.test(phone) ? t(phone ? "leadPhoneWrong" : "leadPhoneMissing") : undefined,
  };
  const submit = () => {
    setTried(true);
    if (wrong.name || wrong.email || wrong.phone) return;
    onSend({ name: lead.name.trim(), email, phone });
  };
  const input = (name: keyof LeadValues, more: { type?: string; autoComplete: string }) =>
    form[name] && (
      <Field label={t(`lead.${name}`)} value={lead[name]} error={tried ? wrong[name] : undefined} {...more} onChange={(event) => setLead({ ...lead, [name]: event.target.value })} />
    );
  return (
    <FormCard title={form.title || t("leadTitle")} text="" onSubmit={submit}>
      {input("name", { autoComplete: "name" })}
      {input("email", { type: "email", autoComplete: "email" })}
      {input("phone", { type: "tel", autoComplete: "tel" })}
      {error && (
        <p role="alert" className="text-sm text-danger">
          {error}
        </p>
      )}
      <Button type="submit" variant="primary" size="lg" busy={busy} className="self-start">
        {t("leadSend")}
      </Button>
    </FormCard>
  );
}

/** The buttons of a run that waits for a person. */
export function Decision({ action, onDecide }: { action: HumanAction; onDecide: (approved: boolean, feedback: string) => void }) {
  const { t } = useTranslation("chat");
  const [reason, setReason] = useState("");
  const id = useId();
  return (
    <section aria-label={t("decision")} className="flex flex-col gap-3 rounded-lg border border-warning bg-warning-soft p-3.5">
      <p className="text-sm font-medium text-warning">{t(action.breakpoint ? "decisionBreakpoint" : action.toolCalls.length > 0 ? "decisionTools" : "decisionWaits")}</p>
      {action.toolCalls.map((call, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- calls have no identity but their order
        <Detail key={index} label={call.name} value={call.input} />
      ))}
      {action.feedback && (
        <div className="flex flex-col gap-1.5">
          <label htmlFor={id} className="text-sm font-medium text-ink">
            {t("decisionReason")}
          </label>
          <textarea id={id} rows={2} value={reason} onChange={(event) => setReason(event.target.value)} className="w-full rounded-md border border-control bg-surface px-3 py-2 text-base text-ink" />
        </div>
      )}
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" onClick={() => onDecide(true, reason.trim())}>
          <Check aria-hidden />
          {action.breakpoint ? t("goOn") : action.approve}
        </Button>
        <Button onClick={() => onDecide(false, reason.trim())}>
          <X aria-hidden />
          {action.breakpoint ? t("stopHere") : action.reject}
        </Button>
      </div>
    </section>
  );
}
