// `/logs`: the server keeps its log out of the browser, for everybody; bookmarks lead here and learn where it is.
import { Link } from "@tanstack/react-router";
import { Activity, ListTree } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useMay } from "~/api/session";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { Card, Notice } from "~/ui/card";
import { CopyButton } from "~/ui/copy-button";
import { PageHeader } from "~/ui/page";

/** How the log is read where the server runs, by what it was started with. */
const WAYS = [
  ["Docker", "docker logs --follow flowstone"],
  ["Kubernetes", "kubectl logs --follow deploy/flowstone"],
  ["systemd", "journalctl --follow --unit flowstone"],
] as const;

const VARIABLES = ["LOG_LEVEL", "LOG_FORMAT"] as const;

export function LogsPage() {
  const { t } = useTranslation("logs");
  const may = useMay();
  useTitle(t("title"));
  return (
    <div className="mx-auto flex w-full max-w-4xl flex-col gap-5 px-4 py-6 sm:px-8 sm:py-8">
      <PageHeader title={t("title")} lead={t("lead")} />
      <Notice tone="info">{t("notHere")}</Notice>
      <Card className="flex min-w-0 flex-col gap-4 p-5 sm:p-6">
        <div>
          <h2 className="text-lg font-semibold">{t("where.title")}</h2>
          <p className="mt-1 text-base text-muted">{t("where.body")}</p>
        </div>
        <ul className="flex flex-col gap-3">
          {WAYS.map(([name, command]) => (
            <li key={name} className="grid min-w-0 items-center gap-x-4 gap-y-1 sm:grid-cols-[7rem_minmax(0,1fr)]">
              <span className="text-base font-medium">{name}</span>
              <span className="flex min-w-0 items-center gap-1 rounded-md border border-line bg-sunken ps-3 pe-1">
                <code className="min-w-0 flex-1 py-2 font-mono text-xs [overflow-wrap:anywhere]">{command}</code>
                <CopyButton text={command} label={t("copy", { name })} size="icon-sm" />
              </span>
            </li>
          ))}
        </ul>
      </Card>
      <Card className="flex flex-col gap-4 p-5 sm:p-6">
        <h2 className="text-lg font-semibold">{t("what.title")}</h2>
        <dl className="grid gap-x-6 gap-y-2 text-base max-sm:gap-y-0 sm:grid-cols-[auto_1fr]">
          {VARIABLES.map((name) => (
            <div key={name} className="contents">
              <dt className="font-mono text-sm leading-6">{name}</dt>
              <dd className="text-muted max-sm:mb-2">{t(`what.${name}`)}</dd>
            </div>
          ))}
        </dl>
        <p className="text-base text-muted">{t("what.request")}</p>
      </Card>
      {may("executions:view") && (
        <Card className="flex flex-col gap-4 p-5 sm:p-6">
          <div>
            <h2 className="text-lg font-semibold">{t("flows.title")}</h2>
            <p className="mt-1 text-base text-muted">{t("flows.body")}</p>
          </div>
          <div className="flex flex-wrap gap-2">
            <Button asChild>
              <Link to="/runs">
                <Activity aria-hidden />
                {t("flows.runs")}
              </Link>
            </Button>
            <Button asChild>
              <Link to="/executions">
                <ListTree aria-hidden />
                {t("flows.executions")}
              </Link>
            </Button>
          </div>
        </Card>
      )}
    </div>
  );
}
