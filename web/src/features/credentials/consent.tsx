// Credentials that stand for somebody's account: the service asks for consent in a window of its own.
import { useMutation } from "@tanstack/react-query";
import { ExternalLink } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { authorizeCredential, type Credential } from "~/api/workbench";
import { asObject, asText } from "~/lib/json";
import { Button } from "~/ui/button";
import { Notice } from "~/ui/card";
import { CopyButton } from "~/ui/copy-button";
import { ErrorNotice } from "~/ui/states";

type Answer = { granted: true } | { granted: false; message: string };

/** What the window told about `credentialId` when it was done; undefined for messages about anything else. */
export function consentAnswer(data: unknown, credentialId: string): Answer | undefined {
  const message = asObject(data);
  if (message?.["type"] === "OAUTH2_SUCCESS") return message["credentialId"] === credentialId ? { granted: true } : undefined;
  if (message?.["type"] === "OAUTH2_ERROR") return { granted: false, message: asText(message["message"]) ?? "" };
  return undefined;
}

export function Consent({ settle }: { settle: () => Promise<Credential | undefined> }) {
  const { t } = useTranslation("credentials");
  const [waitingFor, setWaitingFor] = useState<string>();
  const [answer, setAnswer] = useState<Answer>();
  const redirect = `${window.location.origin}/api/v1/oauth2-credential/callback`;

  useEffect(() => {
    if (!waitingFor) return undefined;
    const onMessage = (event: MessageEvent) => {
      if (event.origin !== window.location.origin) return;
      const told = consentAnswer(event.data, waitingFor);
      if (told) setAnswer(told);
    };
    window.addEventListener("message", onMessage);
    return () => window.removeEventListener("message", onMessage);
  }, [waitingFor]);

  const begin = useMutation({
    mutationFn: async () => {
      setAnswer(undefined);
      // Opened at once, by the click itself: a window that opens later is blocked.
      const popup = window.open("", "_blank", "popup,width=600,height=720");
      try {
        const credential = await settle();
        if (!credential) {
          popup?.close();
          return;
        }
        const address = await authorizeCredential(credential.id);
        setWaitingFor(credential.id);
        if (popup) popup.location.href = address;
        else window.location.assign(address);
      } catch (error) {
        popup?.close();
        throw error;
      }
    },
  });
  return (
    <div className="flex flex-col gap-3 rounded-lg border border-line p-4">
      <div>
        <p className="text-sm font-medium text-ink">{t("consent.redirect")}</p>
        <p className="text-sm text-muted">{t("consent.redirectHint")}</p>
        <div className="mt-1.5 flex items-center gap-1 rounded-md bg-sunken ps-3">
          <code className="min-w-0 flex-1 truncate font-mono text-xs">{redirect}</code>
          <CopyButton text={redirect} label={t("consent.copyRedirect")} size="icon-sm" />
        </div>
      </div>
      <Button className="self-start" busy={begin.isPending} onClick={() => begin.mutate()}>
        <ExternalLink aria-hidden />
        {t("consent.action")}
      </Button>
      <ErrorNotice error={begin.error} />
      {answer?.granted === true && <Notice tone="success">{t("consent.granted")}</Notice>}
      {answer?.granted === false && <Notice tone="danger">{t("consent.refused", { reason: answer.message })}</Notice>}
    </div>
  );
}
