// `/messages`: what was said to any flow, all in one list or one flow's own.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { MessagesSquare } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { flowNamesQuery } from "~/api/flow-record";
import { useTitle } from "~/lib/use-title";
import { Notice } from "~/ui/card";
import { SelectField } from "~/ui/form";
import { PageHeader } from "~/ui/page";
import { EmptyState, ErrorState, Skeleton } from "~/ui/states";
import { allFlowsQuery, type FlowName, merged, unread } from "./all-flows";
import { ConversationBrowser } from "./browser";
import { Filters, filterOf } from "./filters";
import { MessagesView, type MessagesViewProps } from "./messages-view";
import { findSessions } from "./sessions";

export function MessagesPage() {
  const { t } = useTranslation("conversations");
  const search = useSearch({ from: "/signed-in/shell/messages" });
  const navigate = useNavigate();
  const flows = useQuery(flowNamesQuery());
  useTitle(t("title"));
  const onSearch: MessagesViewProps["onSearch"] = (more, replace) => void navigate({ to: ".", search: (before) => ({ ...before, ...more }), replace });
  const chosen = flows.data?.find((flow) => flow.id === search.flow);
  const ofKind = useMemo(() => (flows.data ?? []).filter(({ type }) => !search.kind || (search.kind === "agent") === (type === "AGENTFLOW" || type === "MULTIAGENT")), [flows.data, search.kind]);
  return (
    <div className="mx-auto flex w-full max-w-7xl flex-col gap-5 px-4 py-6 sm:px-8 sm:py-8">
      <PageHeader title={t("title")} lead={t("lead")} />
      {flows.error && <ErrorState error={flows.error} onRetry={() => void flows.refetch()} />}
      {flows.isPending && <Skeleton className="h-96" />}
      {flows.data?.length === 0 && <EmptyState icon={<MessagesSquare />} title={t("noFlows.title")} body={t("noFlows.body")} />}
      {flows.data && flows.data.length > 0 && (
        <>
          <div className="grid gap-2 sm:flex sm:flex-wrap">
            <SelectField
              className="sm:w-80"
              label={t("flow")}
              value={chosen?.id ?? ""}
              placeholder={t("allFlows")}
              onChange={(flow) => onSearch({ flow: flow || undefined, session: undefined }, false)}
              choices={flows.data.map((flow) => ({ value: flow.id, label: flow.name || t("untitledFlow") }))}
            />
            {!chosen && (
              <SelectField
                className="sm:w-48"
                label={t("kind.label")}
                value={search.kind ?? ""}
                placeholder={t("filter.any")}
                onChange={(kind) => onSearch({ kind: kind === "chat" || kind === "agent" ? kind : undefined, session: undefined }, false)}
                choices={(["chat", "agent"] as const).map((value) => ({ value, label: t(`kind.${value}`) }))}
              />
            )}
          </div>
          {chosen ? <MessagesView key={chosen.id} flowId={chosen.id} search={search} onSearch={onSearch} /> : <AllFlows flows={ofKind} search={search} onSearch={onSearch} />}
        </>
      )}
    </div>
  );
}

function AllFlows({ flows, search, onSearch }: Omit<MessagesViewProps, "flowId"> & { flows: readonly FlowName[] }) {
  const { t } = useTranslation("conversations");
  const query = useInfiniteQuery(allFlowsQuery(flows, filterOf(search)));
  const pages = query.data?.pages;
  const sessions = useMemo(() => findSessions(merged(pages ?? []), search.q ?? ""), [pages, search.q]);
  const missing = unread(pages ?? []);
  return (
    <>
      <Filters search={search} onSearch={onSearch} />
      {search.q && query.hasNextPage && <p className="text-sm text-muted">{t("searchedSoFar")}</p>}
      {missing.length > 0 && <Notice tone="warning">{t("unread", { names: missing.map((flow) => flow.name || t("untitledFlow")).join(", ") })}</Notice>}
      <ConversationBrowser query={query} sessions={sessions} search={search} onSearch={onSearch} emptyBody={t("empty.all")} />
    </>
  );
}
