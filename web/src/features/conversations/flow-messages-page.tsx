// `/flow/:id/messages`: what was said to one flow.
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { useTitle } from "~/lib/use-title";
import { PageHeader } from "~/ui/page";
import { FILTERS_IN_ROW, ONE_ROW } from "./filters";
import { MessagesActions, MessagesView } from "./messages-view";

export function FlowMessagesPage() {
  const { t } = useTranslation("conversations");
  const { id } = useParams({ from: "/signed-in/shell/flow/$id/messages" });
  const search = useSearch({ from: "/signed-in/shell/flow/$id/messages" });
  const navigate = useNavigate();
  useTitle(t("title"));
  return (
    <div className="mx-auto flex w-full max-w-7xl flex-col gap-5 px-4 py-6 sm:px-8">
      <PageHeader title={t("title")} lead={t("flowLead")} actions={<MessagesActions flowId={id} search={search} />} />
      <div className={cx(ONE_ROW, "[--above:26.75rem] min-[87.5rem]:grid-cols-[1.5fr_repeat(4,minmax(0,1fr))]")}>
        <MessagesView key={id} filtersClass={FILTERS_IN_ROW} flowId={id} search={search} onSearch={(more, replace) => void navigate({ to: ".", search: (before) => ({ ...before, ...more }), replace })} />
      </div>
    </div>
  );
}
