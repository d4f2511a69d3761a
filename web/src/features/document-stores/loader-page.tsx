// `/document-stores/:id/:loader`: the settings of a loader beside the chunks they make.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ArrowLeft, Columns2, FileQuestion, Play } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type DocumentStore, type DocumentStoreLoader, isWorkedOn, saveLoader, storeQuery } from "~/api/document-stores";
import { nodesQuery } from "~/api/queries";
import type { CatalogNode } from "~/api/types";
import { NodeForm, problemsOfEntry, useProblemText } from "~/features/canvas/forms";
import { useCommands } from "~/lib/commands";
import { cx } from "~/lib/cx";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { Card, Notice } from "~/ui/card";
import { SelectField, SwitchField } from "~/ui/form";
import { Field } from "~/ui/input";
import { EmptyState, ErrorNotice, ErrorState, Skeleton } from "~/ui/states";
import { toast } from "~/ui/toast";
import { UnsavedGuard } from "~/ui/unsaved-guard";
import { useJobs } from "./jobs";
import { LinksField } from "./links-field";
import { bodyOf, isComplete, isLocal, type LoaderFormState, newForm, savedForm, type Splitting, splittingOf } from "./loader-form";
import { NodePicker } from "./node-picker";
import { NodeTile, PAGE } from "./parts";
import { PreviewPane } from "./preview-pane";
import { signatureOf } from "./signature";
import { usePreview } from "./use-preview";

export function LoaderPage() {
  const { t } = useTranslation("documentStores");
  const { storeId, loaderName } = useParams({ from: "/signed-in/shell/store/document-stores/$storeId/$loaderName" });
  const { loader: id } = useSearch({ from: "/signed-in/shell/store/document-stores/$storeId/$loaderName" });
  const { data: store } = useQuery(storeQuery(storeId));
  const nodes = useQuery(nodesQuery());
  const splitters = useMemo(() => (nodes.data ?? []).filter(isSplitter), [nodes.data]);
  if (nodes.error) return <ErrorState error={nodes.error} onRetry={() => void nodes.refetch()} />;
  if (!store || !nodes.data) return <Skeleton className="m-8 h-96" />;
  const entry = nodes.data.find((node) => node.name === loaderName && node.category === "Document Loaders");
  const loader = store.loaders.find((candidate) => candidate.id === id);
  if (!entry || (id && !loader)) {
    return (
      <EmptyState
        heading="h1"
        icon={<FileQuestion />}
        title={t("loader.missing.title")}
        body={t("loader.missing.body")}
        action={
          <Button asChild>
            <Link to="/document-stores/$storeId" params={{ storeId }}>
              {t("loader.back")}
            </Link>
          </Button>
        }
      />
    );
  }
  return <Editor key={`${storeId} ${loaderName} ${id ?? ""}`} store={store} loader={loader} entry={entry} splitters={splitters} />;
}

function isSplitter(node: CatalogNode): boolean {
  return node.category === "Text Splitters" && !node.tags?.includes("LlamaIndex");
}

/** Larger files would not fit into one call, in bytes: what travels is a third larger. */
const MOST_BYTES = 35_000_000;
const COUNTS = [10, 20, 50, 100, -1] as const;

interface EditorProps {
  store: DocumentStore;
  loader: DocumentStoreLoader | undefined;
  entry: CatalogNode;
  splitters: readonly CatalogNode[];
}

function Editor({ store, loader, entry, splitters }: EditorProps) {
  const { t } = useTranslation("documentStores");
  const { t: common } = useTranslation();
  const navigate = useNavigate();
  const client = useQueryClient();
  const problemText = useProblemText();
  const jobs = useJobs(store.id, store.name);
  const [before, setBefore] = useState<LoaderFormState>(() => (loader ? savedForm(loader, entry) : newForm(entry, splitters, store)));
  const [form, setForm] = useState(before);
  const [other, setOther] = useState<Splitting>();
  const [checked, setChecked] = useState(false);
  const [count, setCount] = useState<number>(20);
  const [live, setLive] = useState(() => isLocal(entry));
  const set = (more: Partial<LoaderFormState>) => setForm((old) => ({ ...old, ...more }));
  const dirty = useMemo(() => signatureOf(form) !== signatureOf(before), [form, before]);
  useTitle(`${form.name || entry.label} · ${store.name}`);

  const splitterOf = (splitting: Splitting) => splitters.find((splitter) => splitter.name === splitting.name);
  const about = { storeId: store.id, id: loader?.id, entry, splitters };
  const previewOf = { storeId: store.id, id: loader?.id, entry, splitters, config: form.config };
  const first = usePreview(usePreviewBody({ ...previewOf, splitting: form.splitting }), count, live);
  const second = usePreview(usePreviewBody({ ...previewOf, splitting: other }), count, live && other !== undefined);
  const problems = [...problemsOfEntry(entry, form.config), ...(splitterOf(form.splitting) ? problemsOfEntry(splitterOf(form.splitting) as CatalogNode, form.splitting.config) : [])];
  const waiting = (splitting: Splitting) => {
    const splitter = splitterOf(splitting);
    const [problem] = [...problemsOfEntry(entry, form.config), ...(splitter ? problemsOfEntry(splitter, splitting.config) : [])];
    return problem && t("preview.waiting", { problem: problemText(problem) });
  };

  const save = useMutation({
    mutationFn: () => saveLoader(bodyOf(form, about)),
    onSuccess: async (saved) => {
      setBefore(form);
      await client.invalidateQueries({ queryKey: ["document-store", store.id] });
      void client.invalidateQueries({ queryKey: ["document-stores"] });
      return saved;
    },
  });
  const keep = async () => {
    setChecked(true);
    if (problems.length > 0) return;
    const saved = await save.mutateAsync().catch(() => undefined);
    if (!saved) return;
    toast.success(t("loader.saved", { name: saved.loaderName }));
    if (!loader) await navigate({ to: "/document-stores/$storeId/$loaderName", params: { storeId: store.id, loaderName: entry.name }, search: { loader: saved.id }, replace: true, ignoreBlocker: true });
  };
  const process = async () => {
    setChecked(true);
    if (problems.length > 0) return;
    const saved = dirty || !loader ? await save.mutateAsync().catch(() => undefined) : loader;
    if (!saved) return;
    void jobs.process([saved]);
    await navigate({ to: "/document-stores/$storeId", params: { storeId: store.id }, ignoreBlocker: true });
  };
  const compare = () => setOther(other ? undefined : structuredClone(form.splitting));
  useCommands(useMemo(() => [{ id: "loader-compare", label: t("compare.action"), icon: Columns2, run: () => setOther((old) => (old ? undefined : structuredClone(form.splitting))) }], [t, form.splitting]));
  return (
    <div className={PAGE}>
      <div className="sticky top-0 z-10 -mx-4 -mt-6 flex flex-wrap items-center gap-2 border-b border-line bg-bg px-4 py-3 sm:-mx-8 sm:px-8">
        <Button asChild variant="ghost" size="icon" aria-label={t("loader.back")} className="-ms-2">
          <Link to="/document-stores/$storeId" params={{ storeId: store.id }}>
            <ArrowLeft aria-hidden className="rtl:rotate-180" />
          </Link>
        </Button>
        <NodeTile name={entry.name} entry={entry} size="sm" />
        <h1 className="min-w-0 flex-1 truncate text-xl font-semibold tracking-tight">{form.name || entry.label}</h1>
        {dirty && loader && <span className="text-sm text-muted max-sm:hidden">{t("unsaved")}</span>}
        <Button busy={save.isPending} disabled={!dirty && loader !== undefined} onClick={() => void keep()}>
          {common("save")}
        </Button>
        <Button variant="primary" disabled={save.isPending || isWorkedOn(store)} onClick={() => void process()}>
          <Play aria-hidden />
          {t(dirty || !loader ? "loader.saveAndProcess" : "loader.process")}
        </Button>
      </div>
      <ErrorNotice error={save.error} />
      {checked && problems.length > 0 && <Notice tone="danger">{problems.map(problemText).join(" ")}</Notice>}
      {loader?.error && <Notice tone="warning">{t("loader.lastError", { reason: loader.error })}</Notice>}
      <div className={cx("grid items-start gap-5", other ? "xl:grid-cols-[24rem_minmax(0,1fr)]" : "lg:grid-cols-2")}>
        <div className="flex min-w-0 flex-col gap-5">
          <Card className="flex flex-col gap-4 p-4 sm:p-5">
            <Field label={t("loader.name")} hint={entry.description} value={form.name} onChange={(event) => set({ name: event.target.value })} autoComplete="off" />
            <NodeForm entry={entry} values={form.config} onChange={(config) => set({ config })} checked={checked} id={`loader-${loader?.id ?? "new"}`} mostBytes={MOST_BYTES} />
            <LinksField entry={entry} values={form.config} onChange={(config) => set({ config })} />
          </Card>
          <div className={cx("grid items-start gap-5", other && "sm:grid-cols-2 xl:grid-cols-1")}>
            <SplitterCard title={other ? t("compare.first") : t("splitter.title")} id="first" splitters={splitters} splitting={form.splitting} onChange={(splitting) => set({ splitting })} checked={checked} />
            {other && (
              <SplitterCard
                title={t("compare.second")}
                id="second"
                splitters={splitters}
                splitting={other}
                onChange={setOther}
                checked={false}
                action={
                  <Button
                    size="sm"
                    onClick={() => {
                      set({ splitting: other });
                      setOther(undefined);
                    }}
                  >
                    {t("compare.take")}
                  </Button>
                }
              />
            )}
          </div>
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <div className="flex flex-wrap items-end gap-x-5 gap-y-3">
            <SelectField
              className="w-40"
              label={t("preview.count")}
              value={String(count)}
              onChange={(value) => setCount(Number(value))}
              choices={COUNTS.map((value) => ({ value: String(value), label: value === -1 ? t("preview.all") : t("preview.first", { count: value }) }))}
            />
            <SwitchField className="h-10 flex-row-reverse items-center! gap-2.5!" label={t("preview.live")} checked={live} onChange={setLive} />
            <Button className="ms-auto h-10" aria-pressed={other !== undefined} onClick={compare}>
              <Columns2 aria-hidden />
              {t(other ? "compare.end" : "compare.action")}
            </Button>
          </div>
          <div className={cx("grid items-start gap-5", other && "md:grid-cols-2")}>
            <PreviewPane title={other ? t("compare.first") : t("preview.title")} waiting={waiting(form.splitting)} state={first} live={live} />
            {other && <PreviewPane title={t("compare.second")} waiting={waiting(other)} state={second} live={live} />}
          </div>
        </div>
      </div>
      <UnsavedGuard when={dirty && !save.isPending} />
    </div>
  );
}

interface Previewed {
  storeId: string;
  id: string | undefined;
  entry: CatalogNode;
  splitters: readonly CatalogNode[];
  config: LoaderFormState["config"];
  splitting: Splitting | undefined;
}

/** What a preview asks for; undefined while something is missing. The same as long as the settings are. */
function usePreviewBody({ storeId, id, entry, splitters, config, splitting }: Previewed) {
  return useMemo(() => {
    const splitter = splitters.find((candidate) => candidate.name === splitting?.name);
    if (!splitting || !isComplete(entry, config, splitter, splitting)) return undefined;
    return bodyOf({ name: entry.label, config, splitting }, { storeId, id, entry, splitters });
  }, [storeId, id, entry, splitters, config, splitting]);
}

interface SplitterCardProps {
  title: string;
  id: string;
  splitters: readonly CatalogNode[];
  splitting: Splitting;
  onChange: (splitting: Splitting) => void;
  checked: boolean;
  action?: React.ReactNode;
}

function SplitterCard({ title, id, splitters, splitting, onChange, checked, action }: SplitterCardProps) {
  const { t } = useTranslation("documentStores");
  const entry = splitters.find((splitter) => splitter.name === splitting.name);
  return (
    <Card className="flex min-w-0 flex-col gap-4 p-4 sm:p-5">
      <div className="flex min-h-7 items-center justify-between gap-2">
        <h2 className="text-base font-semibold">{title}</h2>
        {action}
      </div>
      <NodePicker label={t("splitter.label")} entries={splitters} value={splitting.name} onChange={(name) => onChange(splittingOf(name, splitters))} none={t("splitter.none")} />
      {entry ? <NodeForm entry={entry} values={splitting.config} onChange={(config) => onChange({ ...splitting, config })} checked={checked} id={`splitter-${id}`} /> : <p className="text-sm text-muted">{t("splitter.noneHint")}</p>}
    </Card>
  );
}
