// `/marketplaces`: start from something that works, ours or one's own.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { LayoutTemplate, Play, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { applyTemplate, customTemplatesQuery, deleteTemplate, type Template, templatesQuery } from "~/api/templates";
import { flowPath } from "~/api/flows";
import { useMay } from "~/api/session";
import { arrange, deleteWithUndo, type ListColumn, type ListFilter, ListPage, type ListRules, type ListSearch, useListState } from "~/features/list";
import { Button } from "~/ui/button";
import type { RowAction } from "~/ui/menu";
import { Segmented } from "~/ui/segmented";
import { useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { TemplateCard, TemplateCardSkeleton, TemplateChips } from "./template-card";

const FILTERS = ["type", "framework", "usecase", "badge"];
const BY_NAME = { key: "name", descending: false };
const RULES: ListRules<Template> = {
  text: (row) => [row.name, row.description, ...row.usecases, ...row.categories, ...row.frameworks],
  filters: { type: (row) => row.kind, framework: (row) => row.frameworks, usecase: (row) => row.usecases, badge: (row) => row.badges },
  sorts: { name: (row) => row.name, kind: (row) => row.kind },
};
const idOf = (row: Template) => row.id;
const nameOf = (row: Template) => row.name;

export function TemplatesPage() {
  const { t, i18n } = useTranslation("templates");
  const may = useMay();
  const search = useSearch({ strict: false }) as ListSearch;
  const navigate = useNavigate();
  const [seesOurs, seesOwn] = [may("templates:marketplace"), may("templates:custom")];
  const tab = (search["tab"] === "mine" && seesOwn) || !seesOurs ? "mine" : "ours";
  const list = useListState({ name: "templates", sort: BY_NAME, filters: FILTERS, view: "cards" });
  const ours = useQuery({ ...templatesQuery(), enabled: seesOurs });
  const own = useQuery({ ...customTemplatesQuery(), enabled: seesOwn });
  const query = tab === "mine" ? own : ours;
  const all = query.data ?? [];
  const { rows, total } = arrange(all, list, RULES, i18n.language);
  const actions = useTemplateActions();

  const columns: ListColumn<Template>[] = [
    {
      key: "name",
      label: t("column.name"),
      sortable: true,
      fixed: true,
      cell: (row) => (
        <Link to="/marketplace/$id" params={{ id: row.id }} className="font-medium text-ink hover:text-primary-ink hover:underline">
          {row.name}
        </Link>
      ),
    },
    { key: "kind", label: t("column.type"), sortable: true, cell: (row) => <span className="whitespace-nowrap text-muted">{t(`kind.${row.kind}`)}</span> },
    { key: "description", label: t("column.description"), cell: (row) => <p className="line-clamp-2 max-w-md text-sm text-muted">{row.description}</p> },
    { key: "usecases", label: t("column.usecases"), cell: (row) => <span className="flex flex-wrap gap-1.5"><TemplateChips template={row} most={3} /></span> },
  ];
  return (
    <ListPage
      list={list}
      title={t("title")}
      lead={t("lead")}
      above={
        seesOurs && seesOwn ? (
          <Segmented
            label={t("tabs")}
            value={tab}
            onChange={(next) => void navigate({ to: "/marketplaces", search: { tab: next === "mine" ? "mine" : undefined } })}
            choices={[
              { value: "ours", label: t("ours"), count: ours.data?.length },
              { value: "mine", label: t("mine"), count: own.data?.length },
            ]}
          />
        ) : undefined
      }
      query={query}
      rows={rows}
      total={total}
      idOf={idOf}
      nameOf={nameOf}
      columns={columns}
      card={(row, tools) => <TemplateCard template={row} {...tools} />}
      cardSkeleton={<TemplateCardSkeleton />}
      searchLabel={t("search")}
      filters={useFilters(all)}
      countText={(count) => t("count", { count })}
      rowActions={(row) => actions(row)}
      empty={
        tab === "mine"
          ? {
              icon: <LayoutTemplate />,
              title: t("emptyMine.title"),
              body: t("emptyMine.body"),
              action: (
                <Button asChild variant="primary">
                  <Link to="/chatflows">{t("emptyMine.action")}</Link>
                </Button>
              ),
            }
          : { icon: <LayoutTemplate />, title: t("emptyOurs.title"), body: t("emptyOurs.body") }
      }
    />
  );
}

/** Only filters that part the templates there are. */
function useFilters(templates: readonly Template[]): ListFilter[] {
  const { t, i18n } = useTranslation("templates");
  const options = (read: (row: Template) => readonly string[]) =>
    [...new Set(templates.flatMap(read))].toSorted(new Intl.Collator(i18n.language).compare).map((value) => ({ value, label: value }));
  const kinds = [...new Set(templates.map((row) => row.kind))].map((kind) => ({ value: kind as string, label: t(`kind.${kind}`) }));
  const filters = [
    { key: "type", label: t("column.type"), options: kinds },
    { key: "framework", label: t("column.framework"), options: options((row) => row.frameworks) },
    { key: "usecase", label: t("column.usecases"), options: options((row) => row.usecases) },
    { key: "badge", label: t("column.badge"), options: options((row) => row.badges) },
  ];
  return filters.filter((filter) => filter.options.length > 1);
}

/** Makes a flow or a tool of a template and goes to it. */
export function useApplyTemplate() {
  const { t } = useTranslation("templates");
  const errorText = useErrorText();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: applyTemplate,
    onSuccess: async (made, template) => {
      void queryClient.invalidateQueries({ queryKey: [made ? "chatflows" : "tools"] });
      toast.success(t(made ? "used" : "usedTool", { name: template.name }));
      if (made) await navigate({ to: flowPath(made) });
    },
    onError: (error) => toast.error(t("useFailed", { reason: errorText(error) })),
  });
}

function useTemplateActions(): (row: Template) => RowAction[] {
  const { t } = useTranslation("templates");
  const { t: list } = useTranslation("list");
  const { t: common } = useTranslation();
  const may = useMay();
  const apply = useApplyTemplate();
  const errorText = useErrorText();
  const queryClient = useQueryClient();
  const remove = (row: Template) =>
    deleteWithUndo({
      ids: [row.id],
      done: list("deleted", { name: row.name }),
      undo: list("undo"),
      remove: deleteTemplate,
      settled: () => queryClient.invalidateQueries({ queryKey: ["templates", "custom"] }),
      failed: (error) => toast.error(list("deleteFailed", { reason: errorText(error) })),
    });
  return (row) => [
    ...(mayApply(row, may) ? [{ key: "use", label: t("use"), icon: Play, run: () => apply.mutate(row) }] : []),
    ...(row.custom && may("templates:custom-delete") ? [{ key: "delete", label: common("delete"), icon: Trash2, danger: true, separated: true, run: () => remove(row) }] : []),
  ];
}

/** Whether the person may make of `row` what it is a template of. */
export function mayApply(row: Template, may: (permission: string) => boolean): boolean {
  if (row.kind === "Tool") return may("tools:create");
  return may(row.kind === "Chatflow" ? "chatflows:create" : "agentflows:create");
}
