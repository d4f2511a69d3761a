// `/forgot-password`: asks for a link by mail. What it says is the same for every address.
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { askForLink } from "~/api/auth";
import { isApiError } from "~/api/errors";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { Notice } from "~/ui/card";
import { Field } from "~/ui/input";
import { useErrorText } from "~/ui/states";
import { AuthFrame } from "./auth-frame";
import { looksLikeEmail } from "./password";

export function ForgotPage() {
  const { t } = useTranslation("auth");
  const errorText = useErrorText();
  const [email, setEmail] = useState("");
  const [checked, setChecked] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const ask = useMutation({ mutationFn: () => askForLink(email.trim()) });
  useTitle(t("forgot.title"));
  useEffect(() => field.current?.focus(), []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (looksLikeEmail(email)) ask.mutate();
    else field.current?.focus();
  };

  if (ask.isSuccess) {
    return (
      <AuthFrame title={t("forgot.sentTitle")} lead={t("forgot.sent", { email: email.trim() })}>
        <p className="text-sm text-muted">{t("forgot.again")}</p>
        <BackToSignIn />
      </AuthFrame>
    );
  }
  return (
    <AuthFrame title={t("forgot.title")} lead={t("forgot.lead")}>
      <form noValidate onSubmit={submit} className="flex flex-col gap-4">
        {ask.isError && <Notice tone="danger">{isApiError(ask.error) && ask.error.status === 429 ? t("forgot.tooMany") : errorText(ask.error)}</Notice>}
        <Field
          ref={field}
          label={t("email")}
          type="email"
          name="email"
          autoComplete="username"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          error={checked && !looksLikeEmail(email) ? t("setup.emailWrong") : undefined}
        />
        <Button type="submit" variant="primary" size="lg" busy={ask.isPending} className="mt-2 w-full">
          {t(ask.isPending ? "forgot.working" : "forgot.submit")}
        </Button>
      </form>
      <BackToSignIn />
    </AuthFrame>
  );
}

function BackToSignIn() {
  const { t } = useTranslation("auth");
  return (
    <Link to="/signin" className="mt-5 inline-block rounded-sm text-sm font-medium text-primary-ink hover:underline">
      {t("forgot.back")}
    </Link>
  );
}
