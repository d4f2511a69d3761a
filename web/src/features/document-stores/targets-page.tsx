// `/document-stores/vector/:store`: what makes vectors of chunks, where these are kept, and what keeps records of it.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { DatabaseZap, RotateCcw } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Chosen, type DocumentStore, isWorkedOn, saveTargets, storePartsQuery, storeQuery, type Targets } from "~/api/document-stores";
import type { CatalogNode } from "~/api/types";
import { defaultsOfEntry, NodeForm, problemsOfEntry, useProblemText } from "~/features/canvas/forms";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { Card, Notice } from "~/ui/card";
import { PageHeader } from "~/ui/page";
import { ErrorNotice, ErrorState, Skeleton } from "~/ui/states";
import { toast } from "~/ui/toast";
import { UnsavedGuard } from "~/ui/unsaved-guard";
import { useJobs } from "./jobs";
import { BUILT_IN, OWN_RECORDS, targetsOf } from "./model";
import { NodePicker } from "./node-picker";
import { PAGE } from "./parts";

const PARTS = ["embedding", "vectorStore", "recordManager"] as const;
type Part = (typeof PARTS)[number];
type Entries = Record<Part, readonly CatalogNode[]>;

export function TargetsPage() {
  const { storeId = "", docId } = useParams({ strict: false });
  const { data: store } = useQuery(storeQuery(storeId));
  const embeddings = useQuery(storePartsQuery("embeddings"));
  const vectorStores = useQuery(storePartsQuery("vectorstore"));
  const recordManagers = useQuery(storePartsQuery("recordmanager"));
  const failed = [embeddings, vectorStores, recordManagers].find((query) => query.error);
  if (failed) return <ErrorState error={failed.error} onRetry={() => void failed.refetch()} />;
  if (!store || !embeddings.data || !vectorStores.data || !recordManagers.data) return <Skeleton className="m-8 h-96" />;
  return <Page key={`${storeId} ${docId ?? ""}`} store={store} docId={docId} entries={{ embedding: embeddings.data, vectorStore: vectorStores.data, recordManager: recordManagers.data }} />;
}

/** A node at its defaults; records of our own are kept so that a loader replaces only what it wrote itself. */
function fresh(part: Part, entry: CatalogNode | undefined): Chosen {
  if (!entry) return null;
  const config = defaultsOfEntry(entry);
  return { name: entry.name, config: part === "recordManager" ? { ...config, ...OWN_RECORDS } : config };
}

function builtIn(entries: Entries): Targets {
  const of = (part: Part) => fresh(part, entries[part].find((entry) => entry.name === BUILT_IN[part]));
  return { embedding: of("embedding"), vectorStore: of("vectorStore"), recordManager: of("recordManager") };
}

/** The saved settings with the fields that came later. */
function filled(targets: Targets, entries: Entries): Targets {
  const of = (part: Part): Chosen => {
    const chosen = targets[part];
    const entry = entries[part].find((candidate) => candidate.name === chosen?.name);
    return chosen && entry ? { name: chosen.name, config: { ...defaultsOfEntry(entry), ...chosen.config } } : chosen;
  };
  return { embedding: of("embedding"), vectorStore: of("vectorStore"), recordManager: of("recordManager") };
}

function Page({ store, docId, entries }: { store: DocumentStore; docId: string | undefined; entries: Entries }) {
  const { t } = useTranslation("documentStores");
  const { t: common } = useTranslation();
  const client = useQueryClient();
  const problemText = useProblemText();
  const jobs = useJobs(store.id, store.name);
  const isNew = store.embeddingConfig === null && store.vectorStoreConfig === null;
  const [before, setBefore] = useState(() => (isNew ? builtIn(entries) : filled(targetsOf(store), entries)));
  const [targets, setTargets] = useState(before);
  const [checked, setChecked] = useState(false);
  const isSaved = !isNew && JSON.stringify(targets) === JSON.stringify(before);
  const dirty = JSON.stringify(targets) !== JSON.stringify(before);
  useTitle(`${t("pages.vectors")} · ${store.name}`);
  const problems = PARTS.flatMap((part) => {
    const chosen = targets[part];
    const entry = entries[part].find((candidate) => candidate.name === chosen?.name);
    if (!chosen) return part === "recordManager" ? [] : [t(`targets.${part}.missing`)];
    return entry ? problemsOfEntry(entry, chosen.config).map(problemText) : [];
  });
  const save = useMutation({
    mutationFn: () => saveTargets(store.id, targets),
    onSuccess: async () => {
      setBefore(targets);
      await Promise.all([["document-store", store.id], ["document-stores"]].map((queryKey) => client.invalidateQueries({ queryKey })));
    },
  });
  const keep = async (): Promise<boolean> => {
    setChecked(true);
    if (problems.length > 0) return false;
    if (isSaved) return true;
    return save.mutateAsync().then(
      () => true,
      () => false,
    );
  };
  const write = async () => {
    if (await keep()) void jobs.upsert(docId);
  };
  const loader = store.loaders.find((candidate) => candidate.id === docId);
  const moved = !isNew && (targets.embedding?.name !== store.embeddingConfig?.name || targets.vectorStore?.name !== store.vectorStoreConfig?.name) && store.status === "UPSERTED";
  return (
    <div className={PAGE}>
      <PageHeader
        title={t("pages.vectors")}
        lead={t("targets.lead")}
        actions={
          <>
            <Button variant="ghost" disabled={JSON.stringify(targets) === JSON.stringify(builtIn(entries))} onClick={() => setTargets(builtIn(entries))}>
              <RotateCcw aria-hidden />
              {t("targets.builtIn")}
            </Button>
            <Button busy={save.isPending} disabled={isSaved} onClick={() => void keep().then((done) => done && toast.success(t("targets.saved")))}>
              {common("save")}
            </Button>
            <Button variant="primary" disabled={save.isPending || isWorkedOn(store) || store.totalChunks === 0} onClick={() => void write()}>
              <DatabaseZap aria-hidden />
              {loader ? t("upsert.one", { name: loader.loaderName }) : t(isSaved ? "upsert.all" : "upsert.saveAndUpsert")}
            </Button>
          </>
        }
      />
      <ErrorNotice error={save.error} />
      {checked && problems.length > 0 && <Notice tone="danger">{problems.join(" ")}</Notice>}
      {isNew && <Notice tone="info">{t("targets.new")}</Notice>}
      {moved && <Notice tone="warning">{t("targets.moved")}</Notice>}
      {store.totalChunks === 0 && <Notice tone="info">{t("targets.noChunks")}</Notice>}
      <div className="grid items-start gap-5 lg:grid-cols-3">
        {PARTS.map((part) => (
          <PartCard key={part} part={part} entries={entries[part]} chosen={targets[part]} checked={checked} onChange={(chosen) => setTargets((old) => ({ ...old, [part]: chosen }))} />
        ))}
      </div>
      <UnsavedGuard when={dirty && !save.isPending} />
    </div>
  );
}

interface PartCardProps {
  part: Part;
  entries: readonly CatalogNode[];
  chosen: Chosen;
  checked: boolean;
  onChange: (chosen: Chosen) => void;
}

function PartCard({ part, entries, chosen, checked, onChange }: PartCardProps) {
  const { t } = useTranslation("documentStores");
  const entry = entries.find((candidate) => candidate.name === chosen?.name);
  return (
    <Card className="flex min-w-0 flex-col gap-4 p-4 sm:p-5">
      <div>
        <h2 className="text-base font-semibold">{t(`targets.${part}.title`)}</h2>
        <p className="text-sm text-muted lg:min-h-10">{t(`targets.${part}.lead`)}</p>
      </div>
      <NodePicker
        label={t(`targets.${part}.label`)}
        entries={entries}
        value={chosen?.name ?? ""}
        onChange={(name) => onChange(fresh(part, entries.find((candidate) => candidate.name === name)))}
        {...(part === "recordManager" ? { none: t("targets.recordManager.none") } : {})}
      />
      {entry && chosen && <NodeForm entry={entry} values={chosen.config} onChange={(config) => onChange({ name: chosen.name, config })} checked={checked} id={`target-${part}`} />}
      {chosen && !entry && <Notice tone="warning">{t("targets.gone", { name: chosen.name })}</Notice>}
      {part === "recordManager" && !chosen && <p className="text-sm text-muted">{t("targets.recordManager.noneHint")}</p>}
    </Card>
  );
}
