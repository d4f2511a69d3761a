// `/organization-setup`: the first account of a new installation.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Navigate } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { asksOldLogin, giveOldLogin, type NewAccount, type OldLogin, registerAccount, resolveEntry, signIn } from "~/api/auth";
import { isApiError } from "~/api/errors";
import { useSession } from "~/api/session";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { Notice } from "~/ui/card";
import { Field, PasswordField } from "~/ui/input";
import { useErrorText } from "~/ui/states";
import { AuthFrame } from "./auth-frame";
import { isStrong, looksLikeEmail } from "./password";
import { PasswordRules } from "./password-rules";

export function SetupPage() {
  const { t } = useTranslation("auth");
  const user = useSession((state) => state.user);
  const entry = useQuery({ queryKey: ["entry"], queryFn: resolveEntry, staleTime: 0, gcTime: 0 });
  useTitle(t("setup.title"));
  if (user) return <Navigate to="/chatflows" replace />;
  // A server that has its administrator wants a sign-in instead; one that cannot be asked is met when the form is sent.
  if (entry.data === "/signin") return <Navigate to="/signin" replace />;
  return (
    <AuthFrame title={t("setup.title")} lead={t("setup.lead")}>
      <SetupForm />
    </AuthFrame>
  );
}

type Fields = NewAccount & OldLogin & { confirm: string };

function SetupForm() {
  const { t } = useTranslation("auth");
  const errorText = useErrorText();
  const queryClient = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const [fields, setFields] = useState<Fields>({ oldUser: "", oldPassword: "", name: "", email: "", password: "", confirm: "" });
  const [checked, setChecked] = useState(false);
  // An installation that had one user name and password before asks for them once.
  const hasOldLogin = useQuery({ queryKey: ["old-login"], queryFn: asksOldLogin, retry: false, staleTime: 0, gcTime: 0 }).data === true;
  const register = useMutation({
    mutationFn: async (account: NewAccount) => {
      if (hasOldLogin) await giveOldLogin({ oldUser: fields.oldUser, oldPassword: fields.oldPassword });
      await registerAccount(account);
      await signIn(account.email, account.password);
    },
    // Somebody else may have been faster: the page then turns into the sign-in.
    onError: () => void queryClient.refetchQueries({ queryKey: ["entry"] }),
  });

  const problems: Partial<Record<keyof Fields, string>> = {};
  if (hasOldLogin && !fields.oldUser) problems.oldUser = t("setup.oldUserMissing");
  if (hasOldLogin && !fields.oldPassword) problems.oldPassword = t("setup.oldPasswordMissing");
  if (!fields.name.trim()) problems.name = t("setup.nameMissing");
  if (!looksLikeEmail(fields.email)) problems.email = t("setup.emailWrong");
  if (!isStrong(fields.password)) problems.password = t("setup.passwordWeak");
  if (fields.confirm !== fields.password) problems.confirm = t("setup.confirmDiffers");

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    const [first] = Object.keys(problems);
    if (first) form.current?.querySelector<HTMLInputElement>(`[name="${first}"]`)?.focus();
    else register.mutate({ name: fields.name.trim(), email: fields.email.trim(), password: fields.password });
  };

  const bind = (name: keyof Fields) => ({
    name,
    value: fields[name],
    onChange: (event: { target: HTMLInputElement }) => setFields({ ...fields, [name]: event.target.value }),
    error: checked ? problems[name] : undefined,
  });

  return (
    <form ref={form} noValidate onSubmit={submit} className="flex flex-col gap-4">
      {register.isError && <Notice tone="danger">{isApiError(register.error) && register.error.status === 401 ? t("setup.oldLoginWrong") : errorText(register.error)}</Notice>}
      {hasOldLogin && (
        <>
          <Notice tone="info">{t("setup.oldLogin")}</Notice>
          <Field label={t("setup.oldUser")} autoComplete="off" {...bind("oldUser")} />
          <PasswordField label={t("setup.oldPassword")} autoComplete="off" {...bind("oldPassword")} />
        </>
      )}
      <Field label={t("name")} autoComplete="name" placeholder={t("setup.namePlaceholder")} {...bind("name")} />
      <Field label={t("email")} type="email" autoComplete="username" placeholder={t("setup.emailPlaceholder")} {...bind("email")} />
      <PasswordField label={t("password")} autoComplete="new-password" hint={<PasswordRules password={fields.password} />} {...bind("password")} />
      <PasswordField label={t("setup.confirm")} autoComplete="new-password" {...bind("confirm")} />
      <Button type="submit" variant="primary" size="lg" busy={register.isPending} className="mt-2 w-full">
        {t(register.isPending ? "setup.working" : "setup.submit")}
      </Button>
    </form>
  );
}
