// `/tools/:id`: one tool: what it is called with, its code, and a place to try it.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { ArrowLeft, BookOpen } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type CustomTool, saveTool, toolQuery, variablesQuery } from "~/api/workbench";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { CodeEditor } from "~/ui/code-editor";
import { Dialog } from "~/ui/dialog";
import { TextAreaField } from "~/ui/form";
import { Field } from "~/ui/input";
import { ErrorNotice, ErrorState, Skeleton } from "~/ui/states";
import { toast } from "~/ui/toast";
import { UnsavedGuard } from "~/ui/unsaved-guard";
import { RunPanel, useToolRun } from "./run-panel";
import { parseSchema, rowProblems, type SchemaRow, schemaText } from "./schema";
import { SchemaGrid } from "./schema-grid";
import { DEFAULT_COLOR, nameProblem } from "./tool-file";

/** In place of an id: a tool that does not exist yet. */
export const NEW_TOOL = "new";

export function ToolPage() {
  const { id } = useParams({ from: "/signed-in/shell/tools/$id" });
  const query = useQuery({ ...toolQuery(id), enabled: id !== NEW_TOOL });
  if (id === NEW_TOOL) return <Editor key={id} tool={undefined} />;
  if (query.error) return <ErrorState heading="h1" error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) {
    return (
      <div className="mx-auto flex w-full max-w-7xl flex-col gap-5 px-4 py-6 sm:px-8 sm:py-8">
        <Skeleton className="h-9 w-64" />
        <Skeleton className="h-80" />
      </div>
    );
  }
  return <Editor key={id} tool={query.data} />;
}

const EXAMPLE = `// Arguments are read as $name, variables as $vars.name.
const response = await fetch("https://api.example.com/weather?city=" + encodeURIComponent($city));
if (!response.ok) throw new Error("The weather service answered " + response.status);
const weather = await response.json();
console.log("asked for", $city);
return weather.summary; // what the model reads: a text
`;

interface Form {
  name: string;
  description: string;
  iconSrc: string;
  rows: SchemaRow[];
  code: string;
}

function Editor({ tool }: { tool: CustomTool | undefined }) {
  const { t } = useTranslation("tools");
  const { t: common } = useTranslation();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [before, setBefore] = useState<Form>({ name: tool?.name ?? "", description: tool?.description ?? "", iconSrc: tool?.iconSrc ?? "", rows: parseSchema(tool?.schema ?? null), code: tool?.func ?? "" });
  const [form, setForm] = useState(before);
  const [checked, setChecked] = useState(false);
  const [helpOpen, setHelpOpen] = useState(false);
  const set = (more: Partial<Form>) => setForm((old) => ({ ...old, ...more }));
  const dirty = JSON.stringify(form) !== JSON.stringify(before);
  const rowTroubles = rowProblems(form.rows);
  const nameTrouble = nameProblem(form.name);
  const isRight = !nameTrouble && Boolean(form.description.trim()) && rowTroubles.size === 0;
  const trial = useToolRun({ rows: form.rows, code: form.code });
  useTitle(tool ? tool.name : t("addTitle"));

  const save = useMutation({
    mutationFn: () =>
      saveTool(
        { name: form.name.trim(), description: form.description.trim(), color: tool?.color ?? DEFAULT_COLOR, iconSrc: form.iconSrc.trim() || null, schema: schemaText(form.rows), func: form.code },
        tool?.id,
      ),
    onSuccess: async (saved) => {
      setBefore(form);
      toast.success(t("saved", { name: saved.name }));
      await queryClient.invalidateQueries({ queryKey: ["tools"] });
      queryClient.setQueryData(["tool", saved.id], saved);
      if (!tool) await navigate({ to: "/tools/$id", params: { id: saved.id }, replace: true, ignoreBlocker: true });
    },
  });
  const submit = () => {
    setChecked(true);
    if (isRight) save.mutate();
  };
  return (
    <div className="mx-auto flex w-full max-w-7xl flex-col gap-5 px-4 py-6 sm:px-8">
      <div className="sticky top-0 z-10 -mx-4 flex flex-wrap items-center gap-2 border-b border-line bg-bg px-4 py-3 sm:-mx-8 sm:px-8">
        <Button asChild variant="ghost" size="icon" aria-label={t("back")} className="-ms-2">
          <Link to="/tools">
            <ArrowLeft aria-hidden className="rtl:rotate-180" />
          </Link>
        </Button>
        <h1 className="min-w-0 flex-1 truncate text-xl font-semibold tracking-tight">{tool ? form.name || tool.name : t("addTitle")}</h1>
        {dirty && <span className="text-sm text-muted">{t("unsaved")}</span>}
        <Button variant="primary" busy={save.isPending} disabled={!dirty && Boolean(tool)} onClick={submit}>
          {common("save")}
        </Button>
      </div>
      <ErrorNotice error={save.error} />
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1fr)_24rem]">
        <div className="flex min-w-0 flex-col gap-5">
          <Card className="flex flex-col gap-4 p-4 sm:p-5">
            <div className="grid gap-4 sm:grid-cols-2">
              <Field
                label={t("name")}
                name="toolName"
                autoComplete="off"
                spellCheck={false}
                placeholder="get_weather"
                value={form.name}
                onChange={(event) => set({ name: event.target.value })}
                hint={t("nameHint")}
                error={checked && nameTrouble ? t(`nameProblem.${nameTrouble}`) : undefined}
              />
              <Field
                label={`${t("icon")} (${common("optional")})`}
                type="url"
                name="toolIcon"
                autoComplete="off"
                placeholder="https://example.com/icon.svg"
                value={form.iconSrc}
                onChange={(event) => set({ iconSrc: event.target.value })}
                hint={t("iconHint")}
              />
            </div>
            <TextAreaField
              label={t("description")}
              value={form.description}
              onChange={(description) => set({ description })}
              rows={2}
              hint={t("descriptionHint")}
              placeholder={t("descriptionPlaceholder")}
              error={checked && !form.description.trim() ? t("descriptionMissing") : undefined}
            />
          </Card>
          <Card className="p-4 sm:p-5">
            <SchemaGrid rows={form.rows} problems={rowTroubles} onChange={(rows) => set({ rows })} />
          </Card>
          <Card className="flex flex-col gap-2 p-4 sm:p-5">
            <div className="flex flex-wrap items-center justify-between gap-2">
              <div>
                <h2 className="text-sm font-medium">{t("code")}</h2>
                <p className="text-sm text-muted">{t("codeHint")}</p>
              </div>
              <div className="flex gap-1">
                {!form.code.trim() && (
                  <Button size="sm" variant="ghost" onClick={() => set({ code: EXAMPLE })}>
                    {t("insertExample")}
                  </Button>
                )}
                <Button size="sm" variant="ghost" onClick={() => setHelpOpen(true)}>
                  <BookOpen aria-hidden />
                  {t("help.action")}
                </Button>
              </div>
            </div>
            <CodeEditor label={t("code")} language="javascript" value={form.code} onChange={(code) => set({ code })} completions={useCompletions(form.rows)} onSubmit={trial.start} className="h-80" />
            <p className="text-xs text-faint">{t("codeKeys")}</p>
          </Card>
        </div>
        <div className="xl:sticky xl:top-20">
          <RunPanel rows={form.rows} state={trial} />
        </div>
      </div>
      {helpOpen && <HelpDialog onClose={() => setHelpOpen(false)} />}
      <UnsavedGuard when={dirty} />
    </div>
  );
}

/** What the code can read: the tool's arguments, the variables, the call. */
function useCompletions(rows: readonly SchemaRow[]) {
  const { t } = useTranslation("tools");
  const variables = useQuery(variablesQuery()).data;
  const names = rows.map((row) => row.property.trim()).join("\n");
  return useMemo(() => {
    const own = names.split("\n").filter(Boolean).map((name) => ({ label: `$${name}`, detail: t("complete.argument") }));
    const stored = (variables ?? []).map((variable) => ({ label: `$vars.${variable.name}`, detail: t("complete.variable") }));
    const call = ["chatflowId", "sessionId", "chatId", "input"].map((name) => ({ label: `$flow.${name}`, detail: t("complete.call") }));
    return [...own, ...stored, ...call];
  }, [names, variables, t]);
}

function HelpDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("tools");
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("help.title")} size="lg">
      <dl className="grid gap-x-6 gap-y-3 text-base sm:grid-cols-[auto_1fr]">
        {(["argument", "vars", "flow", "result", "log", "error"] as const).map((key) => (
          <div key={key} className="contents">
            <dt>
              <code className="font-mono text-sm font-medium text-ink">{t(`help.${key}.code`)}</code>
            </dt>
            <dd className="text-muted">{t(`help.${key}.body`)}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-5 mb-1.5 text-sm font-medium">{t("help.example")}</p>
      <CodeEditor label={t("help.example")} language="javascript" value={EXAMPLE} readOnly className="h-44" />
    </Dialog>
  );
}
