// `/execution/:id`: a run that its owner shared, for anybody who has the address.
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Lock } from "lucide-react";
import { useTranslation } from "react-i18next";
import { isApiError } from "~/api/errors";
import { ThemeMenu } from "~/app/header-menus";
import { LoadingPage } from "~/app/layouts/root";
import { absoluteTime } from "~/lib/time";
import { useTitle } from "~/lib/use-title";
import { LogoMark } from "~/ui/logo";
import { EmptyState, ErrorState } from "~/ui/states";
import { executionQuery } from "../model/runs-api";
import { ExecutionSteps } from "./run-drawer";
import { stateKey } from "./figures";
import { StatusIcon } from "./status-icon";

export function PublicExecutionPage() {
  const { t, i18n } = useTranslation("run");
  const { id } = useParams({ from: "/execution/$id" });
  const execution = useQuery(executionQuery(id, "public"));
  useTitle(t("execution"));
  if (execution.isPending) return <LoadingPage />;
  if (execution.isError) {
    const closed = isApiError(execution.error) && [400, 401, 403, 404].includes(execution.error.status);
    return (
      <main id="main" tabIndex={-1} className="flex min-h-dvh flex-col items-center justify-center outline-none">
        {closed ? <EmptyState heading="h1" icon={<Lock />} title={t("notShared")} body={t("notSharedBody")} /> : <ErrorState heading="h1" error={execution.error} onRetry={() => void execution.refetch()} />}
      </main>
    );
  }
  const { data } = execution;
  return (
    <div className="flex h-dvh flex-col bg-surface">
      <header className="flex h-14 shrink-0 items-center gap-3 border-b border-line px-4">
        <LogoMark className="size-7" />
        <h1 className="text-lg font-semibold">{t("execution")}</h1>
        <p className="flex min-w-0 items-center gap-1.5 text-sm text-muted max-sm:hidden">
          <StatusIcon status={data.state} />
          {t(stateKey(data.state))} · {absoluteTime(data.createdDate, i18n.language)}
        </p>
        <span className="ms-auto">
          <ThemeMenu />
        </span>
      </header>
      <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
        <h2 className="sr-only">{t("steps")}</h2>
        <ExecutionSteps execution={data} />
      </main>
    </div>
  );
}
