// `/messages`: what was said to any flow, all in one list or one flow's own.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { MessagesSquare } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { conversationsQuery } from "~/api/conversations";
import { flowNamesQuery } from "~/api/flow-record";
import { cx } from "~/lib/cx";
import { useTitle } from "~/lib/use-title";
import { SelectField } from "~/ui/form";
import { PageHeader } from "~/ui/page";
import { EmptyState, ErrorState, Skeleton } from "~/ui/states";
import { ConversationBrowser } from "./browser";
import { FILTERS_IN_ROW, Filters, filterOf, ONE_ROW } from "./filters";
import { MessagesActions, MessagesView, type MessagesViewProps } from "./messages-view";
import { headOf } from "./sessions";

/** Which types of flows a kind stands for. */
const KINDS = { chat: ["CHATFLOW", "ASSISTANT"], agent: ["AGENTFLOW", "MULTIAGENT"] } as const;


export function MessagesPage() {
  const { t } = useTranslation("conversations");
  const search = useSearch({ from: "/signed-in/shell/messages" });
  const navigate = useNavigate();
  const flows = useQuery(flowNamesQuery());
  useTitle(t("title"));
  const onSearch: MessagesViewProps["onSearch"] = (more, replace) => void navigate({ to: ".", search: (before) => ({ ...before, ...more }), replace });
  const chosen = flows.data?.find((flow) => flow.id === search.flow);
  return (
    <div className="mx-auto flex w-full max-w-7xl flex-col gap-5 px-4 py-6 sm:px-8 sm:py-8">
      <PageHeader title={t("title")} lead={t("lead")} actions={chosen && <MessagesActions flowId={chosen.id} search={search} />} />
      {flows.error && <ErrorState error={flows.error} onRetry={() => void flows.refetch()} />}
      {flows.isPending && <Skeleton className="h-96" />}
      {flows.data?.length === 0 && <EmptyState icon={<MessagesSquare />} title={t("noFlows.title")} body={t("noFlows.body")} />}
      {flows.data && flows.data.length > 0 && (
        <div className={cx(ONE_ROW, chosen ? "[--above:21.5rem] min-[87.5rem]:grid-cols-[1.4fr_1.5fr_repeat(4,minmax(0,1fr))]" : "[--above:17.5rem] min-[87.5rem]:grid-cols-[1.4fr_1fr_1.5fr_repeat(4,minmax(0,1fr))]")}>
          <div className={cx("grid gap-2 sm:flex sm:flex-wrap min-[87.5rem]:contents", !chosen && "grid-cols-2")}>
            <SelectField
              className="sm:w-80 min-[87.5rem]:w-auto"
              label={t("flow")}
              value={chosen?.id ?? ""}
              placeholder={t("allFlows")}
              onChange={(flow) => onSearch({ flow: flow || undefined, session: undefined }, false)}
              choices={flows.data.map((flow) => ({ value: flow.id, label: flow.name || t("untitledFlow") }))}
            />
            {!chosen && (
              <SelectField
                className="sm:w-48 min-[87.5rem]:w-auto"
                label={t("kind.label")}
                value={search.kind ?? ""}
                placeholder={t("filter.any")}
                onChange={(kind) => onSearch({ kind: kind === "chat" || kind === "agent" ? kind : undefined, session: undefined }, false)}
                choices={(["chat", "agent"] as const).map((value) => ({ value, label: t(`kind.${value}`) }))}
              />
            )}
          </div>
          {chosen ? <MessagesView key={chosen.id} flowId={chosen.id} search={search} onSearch={onSearch} filtersClass={FILTERS_IN_ROW} /> : <AllFlows search={search} onSearch={onSearch} />}
        </div>
      )}
    </div>
  );
}

function AllFlows({ search, onSearch }: Omit<MessagesViewProps, "flowId">) {
  const { t } = useTranslation("conversations");
  const query = useInfiniteQuery(conversationsQuery({ ...filterOf(search), type: search.kind && KINDS[search.kind], q: search.q }));
  const sessions = useMemo(() => (query.data?.pages ?? []).flatMap((page) => page.data.map(headOf)), [query.data]);
  return (
    <>
      <Filters search={search} onSearch={onSearch} className={FILTERS_IN_ROW} />
      <div className="col-span-full mt-3 flex flex-col gap-5">
        <ConversationBrowser query={query} sessions={sessions} search={search} onSearch={onSearch} emptyBody={t("empty.all")} />
      </div>
    </>
  );
}
