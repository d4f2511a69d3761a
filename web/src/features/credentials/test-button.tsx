// Tries a credential at its service and says how that went.
import { useMutation } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, Info, PlugZap } from "lucide-react";
import { useTranslation } from "react-i18next";
import { isApiError } from "~/api/errors";
import { type Credential, testCredential } from "~/api/workbench";
import { Button } from "~/ui/button";
import { useErrorText } from "~/ui/states";

export interface TestButtonProps {
  /** Saves what was entered, if needed; undefined where the form is not right yet. */
  settle: () => Promise<Credential | undefined>;
  /** Something was entered since the last test. */
  changed: boolean;
}

export function TestButton({ settle, changed }: TestButtonProps) {
  const { t } = useTranslation("credentials");
  const test = useMutation({
    mutationFn: async () => {
      const credential = await settle();
      return credential ? await testCredential(credential.id) : null;
    },
  });
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <Button busy={test.isPending} onClick={() => test.mutate()}>
        <PlugZap aria-hidden />
        {t("test.action")}
      </Button>
      <div role="status" className="text-sm">
        {!changed && !test.isPending && <Outcome test={test} />}
      </div>
    </div>
  );
}

function Outcome({ test }: { test: { data: Awaited<ReturnType<typeof testCredential>> | null | undefined; error: unknown } }) {
  const { t } = useTranslation("credentials");
  const errorText = useErrorText();
  if (test.error) {
    const reason = isApiError(test.error) && test.error.status === 404 ? t("test.untested") : errorText(test.error);
    return <Line icon={CircleAlert} tone="text-danger" text={reason} />;
  }
  if (!test.data) return null;
  if (!test.data.tested) return <Line icon={Info} tone="text-muted" text={test.data.message || t("test.untested")} />;
  if (!test.data.ok) return <Line icon={CircleAlert} tone="text-danger" text={test.data.message} />;
  return <Line icon={CircleCheck} tone="text-success" text={t("test.works", { milliseconds: test.data.milliseconds })} />;
}

function Line({ icon: Icon, tone, text }: { icon: typeof Info; tone: string; text: string }) {
  return (
    <span className={`flex items-start gap-1.5 ${tone}`}>
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <span className="[overflow-wrap:anywhere]">{text}</span>
    </span>
  );
}
