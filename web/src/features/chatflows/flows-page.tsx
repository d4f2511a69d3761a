// `/chatflows` and `/agentflows`: find a flow, open it, and do what needs no canvas. The server searches, sorts and pages.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Copy, Download, LayoutTemplate, MessageSquareText, Pencil, Plug, Plus, SlidersHorizontal, Sparkles, Tags, Trash2, Upload, X } from "lucide-react";
import { lazy, type ReactNode, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { flowCategoriesQuery, flowPath, type FlowSummary, flowSummariesQuery } from "~/api/flows";
import { nodesQuery } from "~/api/queries";
import { useMay } from "~/api/session";
import type { FlowType } from "~/api/types";
import { openDialog } from "~/app/dialogs";
import { type BulkAction, type ListColumn, ListPage, type ListSearch, useListState } from "~/features/list";
import { readStored, writeStored } from "~/lib/storage";
import { Button } from "~/ui/button";
import { Notice } from "~/ui/card";
import { FilePick } from "~/ui/file-pick";
import type { RowAction } from "~/ui/menu";
import { Segmented } from "~/ui/segmented";
import { type Catalog, FlowCard, FlowCardSkeleton, FlowChips, NodeTiles, Updated } from "./flow-card";
import type { FlowDialog } from "./flow-dialogs";
import { useFlowActions } from "./use-flow-actions";

const FlowDialogs = lazy(() => import("./flow-dialogs").then((part) => ({ default: part.FlowDialogs })));

const CATEGORY_FILTER = ["category"];
const NEWEST = { key: "updatedDate", descending: true };
const idOf = (flow: FlowSummary) => flow.id;
const nameOf = (flow: FlowSummary) => flow.name;

interface KindTexts {
  /** The part of the texts that speaks of this kind. */
  texts: "chatflows" | "agentflows";
  /** What permissions on this kind begin with. */
  area: "chatflows" | "agentflows";
  icon: ReactNode;
}

/** The list of the flows of one `type`. */
export function FlowsPage({ type, texts, area, icon, above }: { type: FlowType; above?: ReactNode } & KindTexts) {
  const { t } = useTranslation("flows");
  const list = useListState({ name: texts, sort: NEWEST, filters: CATEGORY_FILTER, view: "cards" });
  const category = list.filters["category"]?.[0];
  const query = useQuery(flowSummariesQuery({ type, q: list.q, category, sort: list.sort.key, descending: list.sort.descending, page: list.page, limit: list.limit }));
  const categories = useQuery(flowCategoriesQuery(type));
  // Labels and colours of the nodes: not worth waiting for.
  const nodes = useQuery({ ...nodesQuery(), enabled: query.isSuccess });
  const catalog: Catalog = useMemo(() => new Map((nodes.data ?? []).map((node) => [node.name, node])), [nodes.data]);
  const [dialog, setDialog] = useState<FlowDialog | null>(null);
  const known = useMemo(() => (categories.data ?? []).map(({ name }) => name), [categories.data]);
  const { rowActions, bulkActions } = useActions(area, setDialog);
  const may = useMay();
  const mayCreate = may(`${area}:create`);
  const importer = mayCreate && may(`${area}:import`) && (
    <FilePick accept="application/json,.json" multiple onPick={(files) => openDialog({ kind: "import", files })} label={t("import.action")} icon={<Upload aria-hidden />} />
  );

  const columns: ListColumn<FlowSummary>[] = [
    {
      key: "name",
      label: t("column.name"),
      sortable: true,
      fixed: true,
      cell: (flow) => (
        <Link to={flowPath(flow)} title={flow.name} className="line-clamp-2 font-medium text-ink [overflow-wrap:anywhere] hover:text-primary-ink hover:underline">
          {flow.name || t("untitled")}
        </Link>
      ),
    },
    { key: "category", label: t("column.category"), cell: (flow) => <span className="flex flex-wrap gap-1.5"><FlowChips flow={flow} most={3} /></span> },
    { key: "nodes", label: t("column.nodes"), cell: (flow) => <NodeTiles names={flow.nodeNames} catalog={catalog} /> },
    { key: "createdDate", label: t("column.created"), sortable: true, cell: (flow) => <Created at={flow.createdDate} /> },
    { key: "updatedDate", label: t("column.updated"), sortable: true, onPhone: true, cell: (flow) => <Updated bare at={flow.updatedDate} className="text-sm text-muted" /> },
  ];
  const create = mayCreate && (
    <>
      {importer}
      {type === "AGENTFLOW" && <DescribeButton />}
      <NewFlowLink texts={texts} />
    </>
  );
  return (
    <>
      <ListPage
        list={list}
        title={t(`${texts}.title`)}
        lead={t(`${texts}.lead`)}
        actions={create}
        above={above}
        query={query}
        rows={query.data?.data ?? []}
        total={query.data?.total ?? 0}
        idOf={idOf}
        nameOf={nameOf}
        columns={columns}
        card={(flow, tools) => <FlowCard flow={flow} catalog={catalog} {...tools} />}
        cardSkeleton={<FlowCardSkeleton />}
        searchLabel={t("search")}
        filters={[{ key: "category", label: t("column.category"), single: true, options: (categories.data ?? []).map(({ name, count }) => ({ value: name, label: `${name} (${count})` })) }]}
        countText={(count) => t(`${texts}.count`, { count })}
        rowActions={rowActions}
        bulkActions={bulkActions}
        empty={{ icon, title: t(`${texts}.emptyTitle`), body: t(`${texts}.emptyBody`), action: <EmptyActions describes={type === "AGENTFLOW"} texts={texts} mayCreate={mayCreate} importer={importer} /> }}
      />
      <Suspense>{dialog && <FlowDialogs dialog={dialog} onClose={() => setDialog(null)} categories={known} />}</Suspense>
    </>
  );
}

/** To an empty canvas; the flow is stored with its first node. The first engine makes no new flows. */
function NewFlowLink({ texts }: { texts: "chatflows" | "agentflows" }) {
  const { t } = useTranslation("flows");
  return (
    <Button asChild variant="primary">
      <Link to={texts === "chatflows" ? "/canvas" : "/v2/agentcanvas"}>
        <Plus aria-hidden />
        {t(`${texts}.add`)}
      </Link>
    </Button>
  );
}

/** Lets a model draw the flow. */
function DescribeButton() {
  const { t } = useTranslation("flows");
  return (
    <Button onClick={() => openDialog({ kind: "generate" })}>
      <Sparkles aria-hidden />
      {t("describe")}
    </Button>
  );
}

function EmptyActions({ describes, texts, mayCreate, importer }: { describes: boolean; texts: "chatflows" | "agentflows"; mayCreate: boolean; importer: ReactNode }) {
  const { t } = useTranslation("flows");
  const may = useMay();
  return (
    <>
      {mayCreate && <NewFlowLink texts={texts} />}
      {mayCreate && describes && <DescribeButton />}
      {may("templates:marketplace") && (
        <Button asChild>
          <Link to="/marketplaces">
            <LayoutTemplate aria-hidden />
            {t("fromTemplate")}
          </Link>
        </Button>
      )}
      {importer}
    </>
  );
}

function Created({ at }: { at: string }) {
  const { i18n } = useTranslation();
  return <span className="text-sm whitespace-nowrap text-muted">{new Intl.DateTimeFormat(i18n.language, { dateStyle: "medium" }).format(new Date(at))}</span>;
}

/** What can be done with one flow and with several, as far as the person may. */
function useActions(area: "chatflows" | "agentflows", setDialog: (dialog: FlowDialog) => void) {
  const { t } = useTranslation("flows");
  const { t: common } = useTranslation();
  const may = useMay();
  const { duplicate, exportAll, remove } = useFlowActions();
  const [mayUpdate, mayDelete, mayExport] = [may(`${area}:update`), may(`${area}:delete`), may(`${area}:export`)];
  const mayDuplicate = may(`${area}:create`) && may(`${area}:duplicate`);
  const mayTemplate = may("templates:flowexport");
  const navigate = useNavigate();
  const rowActions = (flow: FlowSummary): RowAction[] => [
    { key: "settings", label: t("action.settings"), icon: SlidersHorizontal, run: () => void navigate({ to: "/flow/$id/settings", params: { id: flow.id } }) },
    { key: "api", label: t("action.api"), icon: Plug, run: () => void navigate({ to: "/flow/$id/api", params: { id: flow.id } }) },
    { key: "messages", label: t("action.messages"), icon: MessageSquareText, run: () => void navigate({ to: "/flow/$id/messages", params: { id: flow.id } }) },
    ...(mayUpdate
      ? [
          { key: "rename", separated: true, label: t("action.rename"), icon: Pencil, run: () => setDialog({ kind: "rename", flow }) },
          { key: "categories", label: t("action.categories"), icon: Tags, run: () => setDialog({ kind: "categories", flows: [flow] }) },
        ]
      : []),
    ...(mayDuplicate ? [{ key: "duplicate", label: t("action.duplicate"), icon: Copy, run: () => duplicate(flow) }] : []),
    ...(mayExport ? [{ key: "export", label: t("action.export"), icon: Download, run: () => exportAll([flow]) }] : []),
    ...(mayTemplate ? [{ key: "template", label: t("action.template"), icon: LayoutTemplate, run: () => setDialog({ kind: "template", flow }) }] : []),
    ...(mayDelete ? [{ key: "delete", label: common("delete"), icon: Trash2, danger: true, separated: true, run: () => remove([flow]) }] : []),
  ];
  const bulkActions: BulkAction<FlowSummary>[] = [
    ...(mayExport ? [{ key: "export", label: t("action.export"), icon: Download, run: exportAll, keepsSelection: true }] : []),
    ...(mayUpdate ? [{ key: "categories", label: t("action.categorise"), icon: Tags, keepsSelection: true, run: (flows: FlowSummary[]) => setDialog({ kind: "categories", flows }) }] : []),
    ...(mayDelete ? [{ key: "delete", label: common("delete"), icon: Trash2, danger: true, run: remove }] : []),
  ];
  return { rowActions, bulkActions };
}

const DEPRECATION_KEY = "flowstone.v1-notice";

/** The switch between the two engines, and what is to be known of the older one. */
export function AgentflowKinds() {
  const { t } = useTranslation("flows");
  const { t: common } = useTranslation();
  const search = useSearch({ strict: false }) as ListSearch;
  const navigate = useNavigate();
  const [dismissed, setDismissed] = useState(() => readStored(DEPRECATION_KEY) === "dismissed");
  const kind = search["kind"] === "v1" ? "v1" : "v2";
  return (
    <div className="flex flex-col gap-3">
      <Segmented
        label={t("agentflows.kind")}
        value={kind}
        onChange={(next) => void navigate({ to: "/agentflows", search: { kind: next === "v1" ? "v1" : undefined } })}
        choices={[
          { value: "v2", label: t("agentflows.v2") },
          { value: "v1", label: t("agentflows.v1") },
        ]}
      />
      {kind === "v1" && !dismissed && (
        <Notice
          tone="warning"
          action={
            <Button
              variant="ghost"
              size="icon-sm"
              aria-label={common("close")}
              className="-m-1"
              onClick={() => {
                writeStored(DEPRECATION_KEY, "dismissed");
                setDismissed(true);
              }}
            >
              <X aria-hidden />
            </Button>
          }
        >
          {t("agentflows.v1Notice")}
        </Notice>
      )}
    </div>
  );
}

