// A flow that other systems start: the address, the secret, how to call it, and listening to calls.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { flowQuery } from "~/api/flow-record";
import { may, useSession } from "~/api/session";
import { clearWebhookSecret, makeWebhookSecret, webhookAddress } from "~/api/triggers";
import type { Flow } from "~/api/types/Flow";
import type { JsonObject } from "~/lib/json";
import { Button } from "~/ui/button";
import { Card, Chip, Notice } from "~/ui/card";
import { CopyButton } from "~/ui/copy-button";
import { ConfirmDialog } from "~/ui/dialog";
import { ErrorNotice } from "~/ui/states";
import { toast } from "~/ui/toast";
import { Listener } from "./listener";
import { curlOf, type Webhook, webhookOf } from "./model";
import { Address, Snippet, ToCanvas, TriggerFrame } from "./parts";

export function WebhookView({ flow, start }: { flow: Flow; start: JsonObject }) {
  const { t } = useTranslation("triggers");
  const hook = webhookOf(start);
  const address = webhookAddress(flow.id);
  return (
    <TriggerFrame title={t("webhook.title")} lead={t("webhook.lead")} actions={<ToCanvas flow={flow} />}>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-5">
          <Card className="flex min-w-0 flex-col gap-4 p-5">
            <h2 className="text-lg font-semibold">{t("webhook.address")}</h2>
            <div className="flex min-w-0 items-center gap-2">
              <Chip className="font-mono">{hook.method}</Chip>
              <div className="min-w-0 flex-1">
                <Address text={address} label={t("copyAddress")} />
              </div>
            </div>
            <Rules hook={hook} />
            <Snippet text={curlOf(address, hook)} label={t("webhook.example")} />
          </Card>
          <Secret flow={flow} hook={hook} />
        </div>
        <Listener flow={flow} hook={hook} />
      </div>
    </TriggerFrame>
  );
}

function Rules({ hook }: { hook: Webhook }) {
  const { t } = useTranslation("triggers");
  const needed = Object.entries(hook.rows).flatMap(([part, rows]) => rows.filter((row) => row.required).map((row) => ({ part: part as keyof Webhook["rows"], name: row.name })));
  return (
    <dl className="grid gap-x-6 gap-y-1.5 text-base max-sm:gap-y-0 max-sm:[&_dd]:mb-2 sm:grid-cols-[auto_1fr]">
      <dt className="text-muted">{t("webhook.mode")}</dt>
      <dd>{t(`webhook.modes.${hook.mode === "async" || hook.mode === "stream" ? hook.mode : "sync"}`)}</dd>
      {hook.method !== "GET" && (
        <>
          <dt className="text-muted">{t("webhook.contentType")}</dt>
          <dd className="font-mono text-sm">{hook.contentType}</dd>
        </>
      )}
      {hook.checked && needed.length > 0 && (
        <>
          <dt className="text-muted">{t("webhook.needed")}</dt>
          <dd>{needed.map(({ part, name }) => `${name} (${t(`webhook.part.${part}`)})`).join(", ")}</dd>
        </>
      )}
    </dl>
  );
}

function Secret({ flow, hook }: { flow: Flow; hook: Webhook }) {
  const { t } = useTranslation("triggers");
  const client = useQueryClient();
  const user = useSession((state) => state.user);
  const mayUpdate = may(user, "agentflows:update") || may(user, "chatflows:update");
  const [asking, setAsking] = useState<"renew" | "clear">();
  const known = flow.webhookSecretConfigured;
  const remember = (webhookSecretConfigured: boolean) => {
    setAsking(undefined);
    client.setQueryData(flowQuery(flow.id).queryKey, (before) => before && { ...before, webhookSecretConfigured });
  };
  const make = useMutation({ mutationFn: () => makeWebhookSecret(flow.id), onSuccess: () => remember(true), onError: () => setAsking(undefined) });
  const clear = useMutation({
    mutationFn: () => clearWebhookSecret(flow.id),
    onSuccess: () => {
      make.reset();
      remember(false);
      toast.success(t("secret.cleared"));
    },
    onError: () => setAsking(undefined),
  });
  return (
    <Card className="flex min-w-0 flex-col gap-4 p-5">
      <div>
        <h2 className="text-lg font-semibold">{t("secret.title")}</h2>
        <p className="mt-1 text-base text-muted">{t(hook.signed ? (hook.plainToken ? "secret.token" : "secret.signed") : "secret.unsigned", { header: hook.header })}</p>
      </div>
      <ErrorNotice error={make.error ?? clear.error} />
      {hook.signed && !known && <Notice tone="warning">{t("secret.missing")}</Notice>}
      {make.data && (
        <Notice tone="success" action={<CopyButton text={make.data} label={t("secret.copy")} size="icon-sm" className="-my-1" />}>
          <p>{t("secret.once")}</p>
          <code className="mt-1 block font-mono text-xs [overflow-wrap:anywhere]">{make.data}</code>
        </Notice>
      )}
      {known && !make.data && <p className="text-base">{t("secret.there")}</p>}
      {mayUpdate ? (
        <div className="flex flex-wrap gap-2">
          <Button busy={make.isPending} onClick={() => (known ? setAsking("renew") : make.mutate())}>
            <KeyRound aria-hidden />
            {t(known ? "secret.renew" : "secret.make")}
          </Button>
          {known && (
            <Button variant="ghost" busy={clear.isPending} onClick={() => setAsking("clear")}>
              <Trash2 aria-hidden />
              {t("secret.clear")}
            </Button>
          )}
        </div>
      ) : (
        <p className="text-sm text-muted">{t("mayNot")}</p>
      )}
      <ConfirmDialog
        open={asking !== undefined}
        onOpenChange={(open) => !open && setAsking(undefined)}
        title={t(asking === "clear" ? "secret.clearTitle" : "secret.renewTitle")}
        description={t(asking === "clear" ? (hook.signed ? "secret.clearSigned" : "secret.clearBody") : "secret.renewBody")}
        confirm={t(asking === "clear" ? "secret.clear" : "secret.renew")}
        busy={make.isPending || clear.isPending}
        onConfirm={() => (asking === "clear" ? clear.mutate() : make.mutate())}
      />
    </Card>
  );
}
