// `/messages`: what was said to any flow; one chooses which.
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { MessagesSquare } from "lucide-react";
import { useTranslation } from "react-i18next";
import { flowNamesQuery } from "~/api/flow-record";
import { useTitle } from "~/lib/use-title";
import { SelectField } from "~/ui/form";
import { PageHeader } from "~/ui/page";
import { EmptyState, ErrorState, Skeleton } from "~/ui/states";
import { MessagesView } from "./messages-view";

export function MessagesPage() {
  const { t } = useTranslation("conversations");
  const search = useSearch({ from: "/signed-in/shell/messages" });
  const navigate = useNavigate();
  const flows = useQuery(flowNamesQuery());
  useTitle(t("title"));
  const chosen = search.flow ?? flows.data?.[0]?.id;
  return (
    <div className="mx-auto flex w-full max-w-7xl flex-col gap-5 px-4 py-6 sm:px-8 sm:py-8">
      <PageHeader title={t("title")} lead={t("lead")} />
      {flows.error && <ErrorState error={flows.error} onRetry={() => void flows.refetch()} />}
      {flows.isPending && <Skeleton className="h-96" />}
      {flows.data?.length === 0 && <EmptyState icon={<MessagesSquare />} title={t("noFlows.title")} body={t("noFlows.body")} />}
      {flows.data && chosen && (
        <>
          <SelectField
            className="max-w-md"
            label={t("flow")}
            value={chosen}
            onChange={(flow) => void navigate({ to: ".", search: { ...search, flow, session: undefined }, replace: false })}
            choices={flows.data.map((flow) => ({ value: flow.id, label: flow.name }))}
          />
          <MessagesView key={chosen} flowId={chosen} search={search} onSearch={(more, replace) => void navigate({ to: ".", search: (before) => ({ ...before, ...more }), replace })} />
        </>
      )}
    </div>
  );
}
