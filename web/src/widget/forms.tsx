/** @jsxImportSource preact */
// Forms in the widget: the visitor's address, the one a flow starts with, a decision.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { HumanAction } from "~/api/human-action";
import type { LeadForm, StartForm } from "~/features/chat/model/config";
import { say } from "./texts";
import type { Bot } from "./use-bot";

function Card({ title, text, children, onSubmit }: { title: string; text?: string; children: ComponentChildren; onSubmit: () => void }) {
  return (
    <form
      class="card"
      noValidate
      aria-label={title}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <h3>{title}</h3>
      {text && <p>{text}</p>}
      {children}
    </form>
  );
}

const INPUTS: Record<string, object> = { name: { type: "text", autoComplete: "name" }, email: { type: "email", autoComplete: "email" }, phone: { type: "tel", autoComplete: "tel" } };
const NUMBER: object = { type: "number", step: "any" };

export function LeadCard({ form, bot }: { form: LeadForm; bot: Bot }) {
  const [values, setValues] = useState({ name: "", email: "", phone: "" });
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<string>();
  const asked = (["name", "email", "phone"] as const).filter((name) => form[name]);
  const isWrong = (name: (typeof asked)[number]) => (name === "email" ? !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(values.email.trim()) : values[name].trim() === "");
  const submit = () => {
    setTried(true);
    if (asked.some(isWrong)) return;
    void bot.leave(values).catch((cause: unknown) => setError(cause instanceof Error ? cause.message : say("failed")));
  };
  return (
    <Card title={form.title || say("leadTitle")} onSubmit={submit}>
      {asked.map((name) => (
        <label key={name}>
          {say(name)}
          <input
            {...INPUTS[name]}
            value={values[name]}
            aria-invalid={tried && isWrong(name)}
            onInput={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
          />
          {tried && isWrong(name) && <span class="wrong">{say("required")}</span>}
        </label>
      ))}
      {error && (
        <span class="wrong" role="alert">
          {error}
        </span>
      )}
      <div class="choices">
        <button type="submit" class="main">
          {say("begin")}
        </button>
      </div>
    </Card>
  );
}

export function StartCard({ form, bot, onSent }: { form: StartForm; bot: Bot; onSent: () => void }) {
  const [values, setValues] = useState<Record<string, unknown>>(() => Object.fromEntries(form.fields.map((field) => [field.name, field.type === "boolean" ? false : ""])));
  const set = (name: string, value: unknown) => setValues((before) => ({ ...before, [name]: value }));
  return (
    <Card
      title={form.title || say("start")}
      text={form.description}
      onSubmit={() => {
        onSent();
        void bot.sendForm(values);
      }}
    >
      {form.fields.map(({ name, label, type, options }) =>
        type === "boolean" ? (
          <label key={name} class="check">
            <input type="checkbox" checked={values[name] === true} onChange={(event) => set(name, event.currentTarget.checked)} />
            {label}
          </label>
        ) : (
          <label key={name}>
            {label}
            {type === "options" ? (
              <select value={String(values[name])} onChange={(event) => set(name, event.currentTarget.value)}>
                <option value="">{say("choose")}</option>
                {options.map((option) => (
                  <option key={option}>{option}</option>
                ))}
              </select>
            ) : (
              <input
                {...(type === "number" ? NUMBER : {})}
                value={String(values[name])}
                onInput={({ currentTarget: { value } }) => set(name, type === "number" && value !== "" ? Number(value) : value)}
              />
            )}
          </label>
        ),
      )}
      <div class="choices">
        <button type="submit" class="main" disabled={bot.running}>
          {say("start")}
        </button>
      </div>
    </Card>
  );
}

export function DecisionCard({ action, bot }: { action: HumanAction; bot: Bot }) {
  const [reason, setReason] = useState("");
  const decide = (approved: boolean) => void bot.decide(action, approved, reason.trim());
  return (
    <div class="card">
      {action.toolCalls.map((call, index) => (
        <div key={index}>
          <strong>{call.name}</strong>
          <div class="inside">{JSON.stringify(call.input)}</div>
        </div>
      ))}
      {action.feedback && (
        <label>
          {say("reason")}
          <textarea rows={2} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        </label>
      )}
      <div class="choices">
        <button type="button" class="main" onClick={() => decide(true)}>
          {action.approve}
        </button>
        <button type="button" class="plain" onClick={() => decide(false)}>
          {action.reject}
        </button>
      </div>
    </div>
  );
}
