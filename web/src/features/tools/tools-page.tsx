// `/tools`: JavaScript of one's own that agents may call.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Copy, Download, LayoutTemplate, Pencil, Plus, Trash2, Upload, Wrench } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { may, useSession } from "~/api/session";
import { type CustomTool, deleteTool, saveTool, toolsQuery } from "~/api/workbench";
import { arrange, deleteWithUndo, ListPage, useListState } from "~/features/list";
import { ToolsTabs } from "~/features/mcp-servers";
import { DeleteUsedDialog } from "~/features/usage";
import { download } from "~/lib/download";
import { absoluteTime, relativeTime } from "~/lib/time";
import { Button } from "~/ui/button";
import { IconTile } from "~/ui/icon-tile";
import { useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { parseSchema } from "./schema";
import { TemplateDialog } from "./template-dialog";
import { readToolFile, toolFile } from "./tool-file";
import { NEW_TOOL } from "./tool-page";

const LOOK = { hue: "tool", icon: Wrench } as const;
/** Larger files are no tools. */
const LARGEST = 2_000_000;

export function ToolsPage() {
  const { t, i18n } = useTranslation("tools");
  const { t: common } = useTranslation();
  const { t: listText } = useTranslation("list");
  const errorText = useErrorText();
  const navigate = useNavigate();
  const user = useSession((state) => state.user);
  const queryClient = useQueryClient();
  const query = useQuery(toolsQuery());
  const list = useListState({ name: "tools", sort: { key: "updatedDate", descending: true } });
  const [doomed, setDoomed] = useState<CustomTool | null>(null);
  const [template, setTemplate] = useState<CustomTool | null>(null);
  const reload = () => queryClient.invalidateQueries({ queryKey: ["tools"] });
  const { rows, total } = arrange(
    query.data ?? [],
    list,
    { text: (row) => [row.name, row.description], sorts: { name: (row) => row.name, updatedDate: (row) => row.updatedDate, arguments: (row) => parseSchema(row.schema).length } },
    i18n.language,
  );
  const mayCreate = may(user, "tools:create");
  const mayDelete = may(user, "tools:delete");
  const open = (id: string) => void navigate({ to: "/tools/$id", params: { id } });
  const duplicate = useMutation({
    mutationFn: ({ name, description, color, iconSrc, schema, func }: CustomTool) => saveTool({ name: `${name}_copy`, description, color, iconSrc, schema, func }),
    onSuccess: async (copy) => {
      await reload();
      toast.success(t("duplicated", { name: copy.name }));
    },
    onError: (error) => toast.error(errorText(error)),
  });
  const addButton = mayCreate && (
    <Button asChild variant="primary">
      <Link to="/tools/$id" params={{ id: NEW_TOOL }}>
        <Plus aria-hidden />
        {t("add")}
      </Link>
    </Button>
  );
  return (
    <>
      <ListPage
        list={list}
        title={t("title")}
        lead={t("lead")}
        actions={
          mayCreate && (
            <>
              <ImportButton />
              {addButton}
            </>
          )
        }
        above={<ToolsTabs />}
        query={query}
        rows={rows}
        total={total}
        idOf={(row) => row.id}
        nameOf={(row) => row.name}
        searchLabel={t("search")}
        countText={(count) => t("count", { count })}
        columns={[
          {
            key: "name",
            label: t("name"),
            fixed: true,
            sortable: true,
            onPhone: true,
            cell: (row) => (
              <span className="flex min-w-0 items-center gap-3">
                <IconTile look={LOOK} />
                <span className="min-w-0">
                  <Link to="/tools/$id" params={{ id: row.id }} title={row.name} dir="auto" className="block truncate rounded-sm font-mono text-sm font-medium text-ink hover:underline rtl:text-right">
                    {row.name}
                  </Link>
                  <span dir="auto" className="line-clamp-2 text-sm text-muted sm:hidden rtl:text-right">{row.description}</span>
                </span>
              </span>
            ),
          },
          { key: "description", label: t("description"), cell: (row) => <span dir="auto" className="line-clamp-2 max-w-xl text-muted rtl:text-right">{row.description}</span> },
          { key: "arguments", label: t("arguments"), sortable: true, cell: (row) => <span className="text-muted tabular-nums">{parseSchema(row.schema).length}</span> },
          {
            key: "updatedDate",
            label: t("updated"),
            sortable: true,
            cell: (row) => (
              <time dateTime={row.updatedDate} title={absoluteTime(row.updatedDate, i18n.language)} className="whitespace-nowrap text-muted">
                {relativeTime(row.updatedDate, i18n.language)}
              </time>
            ),
          },
        ]}
        rowActions={(row) => [
          { key: "open", label: common("edit"), icon: Pencil, run: () => open(row.id) },
          ...(mayCreate ? [{ key: "duplicate", label: t("duplicate"), icon: Copy, run: () => duplicate.mutate(row) }] : []),
          { key: "export", label: t("export"), icon: Download, run: () => download(`${row.name}.tool.json`, toolFile(row), "application/json") },
          ...(may(user, "templates:toolexport") ? [{ key: "template", label: t("template.action"), icon: LayoutTemplate, run: () => setTemplate(row) }] : []),
          ...(mayDelete ? [{ key: "delete", label: common("delete"), icon: Trash2, danger: true, separated: true, run: () => setDoomed(row) }] : []),
        ]}
        bulkActions={
          mayDelete
            ? [
                {
                  key: "delete",
                  label: common("delete"),
                  icon: Trash2,
                  danger: true,
                  run: (chosen) =>
                    deleteWithUndo({
                      ids: chosen.map((row) => row.id),
                      done: listText("deletedMany", { count: chosen.length }),
                      undo: listText("undo"),
                      remove: deleteTool,
                      settled: reload,
                      failed: (error) => toast.error(listText("deleteFailed", { reason: errorText(error) })),
                    }),
                },
              ]
            : []
        }
        empty={{ icon: <Wrench />, title: t("empty.title"), body: t("empty.body"), action: mayCreate && addButton }}
      />
      {template && <TemplateDialog tool={template} onClose={() => setTemplate(null)} />}
      <DeleteUsedDialog
        kind="tools"
        target={doomed}
        onClose={() => setDoomed(null)}
        title={t("delete.title", { name: doomed?.name })}
        consequence={t("delete.consequence")}
        remove={deleteTool}
        onDeleted={() => {
          toast.success(t("delete.done", { name: doomed?.name }));
          return reload();
        }}
      />
    </>
  );
}

function ImportButton() {
  const { t } = useTranslation("tools");
  const errorText = useErrorText();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const load = useMutation({
    mutationFn: async (file: File) => {
      const read = file.size > LARGEST ? "notTool" : readToolFile(await file.text());
      if (typeof read === "string") throw new Error(t(`import.${read}`, { file: file.name }));
      return saveTool(read);
    },
    onSuccess: async (tool) => {
      toast.success(t("import.done", { name: tool.name }));
      await queryClient.invalidateQueries({ queryKey: ["tools"] });
      await navigate({ to: "/tools/$id", params: { id: tool.id } });
    },
    onError: (error) => toast.error(errorText(error)),
  });
  return (
    <>
      <input
        ref={input}
        type="file"
        accept="application/json,.json"
        tabIndex={-1}
        aria-hidden
        className="hidden"
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) load.mutate(file);
        }}
      />
      <Button busy={load.isPending} onClick={() => input.current?.click()}>
        <Upload aria-hidden />
        {t("import.action")}
      </Button>
    </>
  );
}
