// `/account`: one's own name, e-mail, password and language.
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { changeProfile, type ProfileChange } from "~/api/auth";
import { useSession } from "~/api/session";
import { chooseLanguage, LANGUAGES, useLanguage } from "~/i18n/language";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { Card, Notice } from "~/ui/card";
import { SelectField } from "~/ui/form";
import { Field, PasswordField } from "~/ui/input";
import { useErrorText } from "~/ui/states";
import { isChosen, NewPasswordFields, NO_PASSWORD } from "./new-password";
import { looksLikeEmail } from "./password";

export function AccountPage() {
  const { t } = useTranslation("auth");
  const user = useSession((state) => state.user);
  useTitle(t("account.title"));
  if (!user) return null;
  return (
    <div className="mx-auto flex w-full max-w-2xl flex-col gap-6 px-4 py-6 sm:px-6 sm:py-8">
      <h1 className="text-2xl font-semibold tracking-tight">{t("account.title")}</h1>
      <ProfileForm key={user.id} name={user.name} email={user.email} />
      <PasswordForm />
      <LanguageForm />
    </div>
  );
}

function ProfileForm(known: { name: string; email: string }) {
  const { t } = useTranslation("auth");
  const [name, setName] = useState(known.name);
  const [email, setEmail] = useState(known.email);
  const [present, setPresent] = useState("");
  const [checked, setChecked] = useState(false);
  const save = useMutation({
    mutationFn: (change: ProfileChange) => changeProfile(change),
    onSuccess: () => {
      setPresent("");
      setChecked(false);
    },
  });
  const moves = email.trim().toLowerCase() !== known.email.toLowerCase();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (!name.trim() || !looksLikeEmail(email) || (moves && !present)) return;
    save.mutate({ name: name.trim(), ...(moves && { email: email.trim(), oldPassword: present }) });
  };

  return (
    <Section title={t("account.profile")}>
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        <Outcome save={save} saved={t("account.profileSaved")} />
        <Field
          label={t("name")}
          name="name"
          autoComplete="name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={checked && !name.trim() ? t("setup.nameMissing") : undefined}
        />
        <Field
          label={t("email")}
          type="email"
          name="email"
          autoComplete="email"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          error={checked && !looksLikeEmail(email) ? t("setup.emailWrong") : undefined}
        />
        {moves && (
          <PasswordField
            label={t("account.present")}
            name="presentForEmail"
            autoComplete="current-password"
            value={present}
            onChange={(event) => setPresent(event.target.value)}
            hint={t("account.presentForEmail")}
            error={checked && !present ? t("account.presentMissing") : undefined}
          />
        )}
        <Button type="submit" variant="primary" busy={save.isPending} className="self-start">
          {t(save.isPending ? "account.working" : "account.profileSubmit")}
        </Button>
      </form>
    </Section>
  );
}

function PasswordForm() {
  const { t } = useTranslation("auth");
  const [present, setPresent] = useState("");
  const [value, setValue] = useState(NO_PASSWORD);
  const [checked, setChecked] = useState(false);
  const save = useMutation({
    mutationFn: (change: ProfileChange) => changeProfile(change),
    onSuccess: () => {
      setPresent("");
      setValue(NO_PASSWORD);
      setChecked(false);
    },
  });

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (present && isChosen(value)) save.mutate({ oldPassword: present, newPassword: value.password });
  };

  return (
    <Section title={t("account.password")} lead={t("account.passwordLead")}>
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        <Outcome save={save} saved={t("account.passwordSaved")} />
        <PasswordField
          label={t("account.present")}
          name="present"
          autoComplete="current-password"
          value={present}
          onChange={(event) => setPresent(event.target.value)}
          error={checked && !present ? t("account.presentMissing") : undefined}
        />
        <NewPasswordFields value={value} onChange={setValue} checked={checked} />
        <Button type="submit" variant="primary" busy={save.isPending} className="self-start">
          {t(save.isPending ? "account.working" : "account.passwordSubmit")}
        </Button>
      </form>
    </Section>
  );
}

function LanguageForm() {
  const { t } = useTranslation("auth");
  const { t: common } = useTranslation();
  const language = useLanguage((state) => state.language);
  return (
    <Section title={common("user.language")} lead={t("account.languageLead")}>
      <SelectField
        label={common("user.language")}
        className="max-w-xs"
        value={language}
        onChange={(code) => {
          const wanted = LANGUAGES.find((entry) => entry.code === code);
          if (wanted) void chooseLanguage(wanted.code);
        }}
        choices={LANGUAGES.map(({ code, name }) => ({ value: code, label: name }))}
      />
    </Section>
  );
}

function Section({ title, lead, children }: { title: string; lead?: string; children: ReactNode }) {
  return (
    <Card className="p-5 sm:p-6">
      <h2 className="text-lg font-semibold">{title}</h2>
      {lead && <p className="mt-1 text-base text-muted">{lead}</p>}
      <div className="mt-4">{children}</div>
    </Card>
  );
}

/** How saving went, once it has. */
function Outcome({ save, saved }: { save: { isError: boolean; isSuccess: boolean; error: unknown }; saved: string }) {
  const errorText = useErrorText();
  if (save.isError) return <Notice tone="danger">{errorText(save.error)}</Notice>;
  return save.isSuccess ? <Notice tone="success">{saved}</Notice> : null;
}
