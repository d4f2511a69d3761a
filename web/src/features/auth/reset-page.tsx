// `/reset-password`: a new password by the link of a mail.
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { resetPassword } from "~/api/auth";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { Notice } from "~/ui/card";
import { useErrorText } from "~/ui/states";
import { AuthFrame } from "./auth-frame";
import { isChosen, NewPasswordFields, NO_PASSWORD } from "./new-password";
import { tokenIn } from "./reset-token";

const LINK = "rounded-sm text-sm font-medium text-primary-ink hover:underline";

export function ResetPage() {
  const { t } = useTranslation("auth");
  const errorText = useErrorText();
  const [token] = useState(() => tokenIn(window.location));
  const [value, setValue] = useState(NO_PASSWORD);
  const [checked, setChecked] = useState(false);
  const reset = useMutation({ mutationFn: (known: string) => resetPassword(known, value.password) });
  useTitle(t("reset.title"));
  // The token stays in this page only: neither the history nor a bookmark needs it.
  useEffect(() => window.history.replaceState(window.history.state, "", window.location.pathname), []);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (token && isChosen(value)) reset.mutate(token);
  };

  if (reset.isSuccess) {
    return (
      <AuthFrame title={t("reset.doneTitle")} lead={t("reset.done")}>
        <Link to="/signin" className={LINK}>
          {t("reset.toSignIn")}
        </Link>
      </AuthFrame>
    );
  }
  return (
    <AuthFrame title={t("reset.title")} lead={t("reset.lead")}>
      {token ? (
        <form noValidate onSubmit={submit} className="flex flex-col gap-4">
          {reset.isError && <Notice tone="danger">{errorText(reset.error)}</Notice>}
          <NewPasswordFields value={value} onChange={setValue} checked={checked} />
          <Button type="submit" variant="primary" size="lg" busy={reset.isPending} className="mt-2 w-full">
            {t(reset.isPending ? "reset.working" : "reset.submit")}
          </Button>
        </form>
      ) : (
        <Notice tone="warning">{t("reset.noToken")}</Notice>
      )}
      <Link to="/forgot-password" className={`${LINK} mt-5 inline-block`}>
        {t("reset.ask")}
      </Link>
    </AuthFrame>
  );
}
