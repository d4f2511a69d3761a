// Puts a template's nodes into the open flow, beside what is there.
import { useQuery } from "@tanstack/react-query";
import { LayoutTemplate } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "~/api/session";
import { customTemplatesQuery, type Template, templatesQuery } from "~/api/templates";
import { SketchPicture, TemplateChips } from "~/features/templates";
import { Dialog } from "~/ui/dialog";
import { SearchField } from "~/ui/input";
import { EmptyState, ErrorState, Skeleton } from "~/ui/states";
import { useParts } from "./editor-context";
import type { Actions } from "./use-actions";

export function TemplateDialog({ actions, onClose }: { actions: Actions; onClose: () => void }) {
  const { t } = useTranslation("canvas");
  const { kind } = useParts();
  const may = useMay();
  const ours = useQuery({ ...templatesQuery(), enabled: may("templates:marketplace") });
  const own = useQuery({ ...customTemplatesQuery(), enabled: may("templates:custom") });
  const [query, setQuery] = useState("");
  const failed = [ours, own].find((one) => one.isError);
  const isLoading = ours.isLoading || own.isLoading;
  const fitting = [...(own.data ?? []), ...(ours.data ?? [])].filter((row) => row.flowData !== null && row.kind === (kind === "agent" ? "AgentflowV2" : "Chatflow"));
  const wanted = query.trim().toLowerCase();
  const rows = fitting.filter((row) => [row.name, row.description, ...row.usecases].join(" ").toLowerCase().includes(wanted));
  const insert = (row: Template) => {
    onClose();
    actions.insertFlow(row.flowData ?? "");
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("template.title")} description={t("template.body")} size="lg">
      <SearchField value={query} onChange={setQuery} label={t("template.search")} clearLabel={t("picker.clear")} className="mb-3" />
      {isLoading && <Skeleton className="h-64" />}
      {failed && <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />}
      {!isLoading && !failed && rows.length === 0 && <EmptyState icon={<LayoutTemplate />} title={t(fitting.length === 0 ? "template.none" : "template.nothing")} body={fitting.length === 0 ? t("template.noneBody") : undefined} />}
      <ul aria-label={t("template.list")} className="grid gap-3 sm:grid-cols-2">
        {rows.map((row) => (
          <li key={row.id}>
            <button type="button" onClick={() => insert(row)} className="flex size-full flex-col overflow-hidden rounded-lg border border-line text-start hover:border-line-strong hover:shadow-md">
              <SketchPicture flowData={row.flowData} className="h-24 w-full border-b border-line" />
              <span className="flex flex-1 flex-col gap-1 p-3">
                <span className="text-sm font-medium text-ink [overflow-wrap:anywhere]">{row.name}</span>
                {row.description && <span className="line-clamp-2 text-xs text-muted">{row.description}</span>}
                <span className="mt-auto flex flex-wrap gap-1 pt-1 empty:hidden">
                  <TemplateChips template={row} most={2} />
                </span>
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
