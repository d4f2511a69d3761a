// `/signin`: e-mail and password.
import { useMutation } from "@tanstack/react-query";
import { Link, Navigate, useRouter, useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { signIn } from "~/api/auth";
import { isApiError } from "~/api/errors";
import { useSession } from "~/api/session";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { Notice } from "~/ui/card";
import { Field, PasswordField } from "~/ui/input";
import { useErrorText } from "~/ui/states";
import { AuthFrame } from "./auth-frame";

export function SignInPage() {
  const { t } = useTranslation("auth");
  const search = useSearch({ from: "/signin" });
  const { user, expired } = useSession();
  useTitle(t("signIn.title"));
  if (user) return <Landing target={search.redirect} />;
  return (
    <AuthFrame title={t("signIn.title")} lead={t("signIn.lead")}>
      {expired && (
        <Notice tone="info" className="mb-5">
          {t("signIn.expired")}
        </Notice>
      )}
      <SignInForm />
    </AuthFrame>
  );
}

/** Goes where the person was headed, which may carry search parameters of its own. */
function Landing({ target }: { target: string | undefined }) {
  const router = useRouter();
  useEffect(() => {
    if (target) router.history.replace(target);
  }, [router, target]);
  return target ? null : <Navigate to="/chatflows" replace />;
}

function SignInForm() {
  const { t } = useTranslation("auth");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [checked, setChecked] = useState(false);
  const emailField = useRef<HTMLInputElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);
  const login = useMutation({ mutationFn: () => signIn(email.trim(), password), onError: () => passwordField.current?.select() });
  const problem = useSignInProblem(login.error);

  useEffect(() => emailField.current?.focus(), []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (!email.trim()) emailField.current?.focus();
    else if (!password) passwordField.current?.focus();
    else login.mutate();
  };

  return (
    <form noValidate onSubmit={submit} className="flex flex-col gap-4">
      {problem && <Notice tone="danger">{problem}</Notice>}
      <Field
        ref={emailField}
        label={t("email")}
        type="email"
        name="email"
        autoComplete="username"
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        error={checked && !email.trim() ? t("signIn.emailMissing") : undefined}
      />
      <PasswordField
        ref={passwordField}
        label={t("password")}
        name="password"
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        error={checked && !password ? t("signIn.passwordMissing") : undefined}
      />
      <Link to="/forgot-password" className="self-end rounded-sm text-sm font-medium text-primary-ink hover:underline">
        {t("signIn.forgot")}
      </Link>
      <Button type="submit" variant="primary" size="lg" busy={login.isPending} className="mt-2 w-full">
        {t(login.isPending ? "signIn.working" : "signIn.submit")}
      </Button>
    </form>
  );
}

/** Why signing in failed; never whether the account exists. */
function useSignInProblem(error: unknown): string | undefined {
  const { t } = useTranslation("auth");
  const errorText = useErrorText();
  if (!error) return undefined;
  const status = isApiError(error) ? error.status : 0;
  if (status === 400 || status === 401 || status === 404) return t("signIn.wrong");
  if (status === 429) return t("signIn.tooMany");
  return errorText(error);
}
