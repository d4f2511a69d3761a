// `/document-stores/query/:store`: what is found for a question, and why.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Save, Search, SearchX } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type DocumentStore, type FoundChunk, saveSearch, searchStore, storePartsQuery, storeQuery } from "~/api/document-stores";
import { useMay } from "~/api/session";
import { defaultsOfEntry, NodeForm } from "~/features/canvas/forms";
import { asText, type JsonObject, parseJson } from "~/lib/json";
import { readStored, writeStored } from "~/lib/storage";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { Card, Chip } from "~/ui/card";
import { SearchField } from "~/ui/input";
import { PageHeader } from "~/ui/page";
import { EmptyState, ErrorState, Hidden, Skeleton } from "~/ui/states";
import { toast } from "~/ui/toast";
import { ChunkText, Metadata } from "./chunk-view";
import { sharedWords } from "./chunks";
import { PAGE, useNumber } from "./parts";

/** Fields that decide where documents are kept: other ones would search somewhere else. */
const NOT_TUNED = ["collection", "collectionName", "indexName", "tableName", "credential"];
const MOST_REMEMBERED = 6;

export function QueryPage() {
  const { t } = useTranslation("documentStores");
  const { storeId } = useParams({ from: "/signed-in/shell/store/document-stores/query/$storeId" });
  const { data: store } = useQuery(storeQuery(storeId));
  const may = useMay();
  useTitle(store ? `${t("pages.query")} · ${store.name}` : t("pages.query"));
  if (!store) return null;
  if (!store.vectorStoreConfig || !store.embeddingConfig) {
    return (
      <EmptyState
        icon={<Search />}
        heading="h1"
        title={t("query.notYet.title")}
        body={t("query.notYet.body")}
        action={
          may("documentStores:upsert-config") && (
            <Button asChild variant="primary">
              <Link to="/document-stores/vector/$storeId" params={{ storeId }}>
                {t("query.notYet.action")}
              </Link>
            </Button>
          )
        }
      />
    );
  }
  return <Page key={storeId} store={store} saved={store.vectorStoreConfig} />;
}

function recentKey(storeId: string): string {
  return `flowstone.store-questions.${storeId}`;
}

function recentOf(storeId: string): string[] {
  const kept = parseJson(readStored(recentKey(storeId)) ?? "");
  return Array.isArray(kept) ? kept.filter((text) => typeof text === "string").slice(0, MOST_REMEMBERED) : [];
}

function Page({ store, saved }: { store: DocumentStore; saved: { name: string; config: JsonObject } }) {
  const { t } = useTranslation("documentStores");
  const number = useNumber();
  const may = useMay();
  const client = useQueryClient();
  const vectorStores = useQuery({ ...storePartsQuery("vectorstore"), enabled: may("documentStores:upsert-config") });
  const entry = vectorStores.data?.find((candidate) => candidate.name === saved.name);
  const [text, setText] = useState("");
  const [own, setOwn] = useState<JsonObject>();
  const [recent, setRecent] = useState(() => recentOf(store.id));
  const config = own ?? { ...(entry ? defaultsOfEntry(entry) : {}), ...saved.config };
  const search = useMutation({
    mutationFn: (question: string) => searchStore(store.id, question, own ?? {}),
    onSuccess: (_, question) => {
      const next = [question, ...recent.filter((other) => other !== question)].slice(0, MOST_REMEMBERED);
      setRecent(next);
      writeStored(recentKey(store.id), JSON.stringify(next));
    },
  });
  const keep = useMutation({
    mutationFn: () => saveSearch(store.id, { name: saved.name, config }),
    onSuccess: async () => {
      setOwn(undefined);
      toast.success(t("query.saved"));
      await client.invalidateQueries({ queryKey: ["document-store", store.id] });
    },
    onError: () => toast.error(t("query.notSaved")),
  });
  const ask = (question: string) => {
    setText(question);
    if (question.trim()) search.mutate(question.trim());
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask(text);
  };
  const asked = search.variables ?? "";
  return (
    <div className={PAGE}>
      <PageHeader title={t("pages.query")} lead={t("query.lead")} />
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,1fr)_22rem]">
        <div className="flex min-w-0 flex-col gap-4">
          <form role="search" onSubmit={submit} className="flex items-center gap-2">
            <SearchField value={text} onChange={setText} label={t("query.question")} clearLabel={t("picker.clear")} className="min-w-0 flex-1" />
            <Button type="submit" variant="primary" className="h-9" busy={search.isPending} disabled={!text.trim()}>
              {t("query.action")}
            </Button>
          </form>
          {recent.length > 0 && !search.data && (
            <div className="flex flex-wrap items-center gap-1.5">
              <span className="text-sm text-muted">{t("query.recent")}</span>
              {recent.map((question) => (
                <Button key={question} size="sm" className="max-w-full" onClick={() => ask(question)}>
                  <span className="truncate">{question}</span>
                </Button>
              ))}
            </div>
          )}
          {search.error && <ErrorState error={search.error} onRetry={() => ask(asked)} className="py-8" />}
          <p role="status" className={search.data && !search.isPending ? "text-sm text-muted" : "sr-only"}>
            {search.isPending ? t("query.working") : search.data ? t("query.found", { count: search.data.docs.length, milliseconds: number(search.data.timeTaken) }) : ""}
          </p>
          {search.data && search.data.docs.length > 0 && !search.isPending && <p className="-mt-3 text-xs text-faint">{t("query.scoreAbout")}</p>}
          {search.isPending ? (
            <div className="flex flex-col gap-3">
              <Hidden>{t("query.working")}</Hidden>
              {Array.from({ length: 3 }, (_, at) => (
                <Skeleton key={at} className="h-28" />
              ))}
            </div>
          ) : search.data?.docs.length === 0 ? (
            <EmptyState icon={<SearchX />} title={t("query.nothing.title")} body={t("query.nothing.body")} className="py-8" />
          ) : (
            search.data && <Hits store={store} docs={search.data.docs} question={asked} />
          )}
        </div>
        {entry && (
          <Card className="flex min-w-0 flex-col gap-4 p-4 sm:p-5">
            <div>
              <h2 className="text-base font-semibold">{t("query.tune")}</h2>
              <p className="text-sm text-muted">{t("query.tuneLead", { name: entry.label })}</p>
            </div>
            <Opened entry={entry} values={config} onChange={setOwn} />
            {own && (
              <div className="flex flex-wrap gap-2">
                <Button size="sm" busy={keep.isPending} onClick={() => keep.mutate()}>
                  {!keep.isPending && <Save aria-hidden />}
                  {t("query.save")}
                </Button>
                <Button size="sm" variant="ghost" onClick={() => setOwn(undefined)}>
                  {t("query.reset")}
                </Button>
              </div>
            )}
          </Card>
        )}
      </div>
    </div>
  );
}

/** The form with nothing folded away: here these settings are what it is about. */
function Opened({ entry, values, onChange }: React.ComponentProps<typeof NodeForm>) {
  const open = { ...entry, inputs: (entry.inputs ?? []).map((input) => ({ ...input, additionalParams: false })) };
  return <NodeForm entry={open} values={values} onChange={onChange} without={NOT_TUNED} id="query" />;
}

function Hits({ store, docs, question }: { store: DocumentStore; docs: readonly FoundChunk[]; question: string }) {
  const { t, i18n } = useTranslation("documentStores");
  const number = useNumber();
  const score = new Intl.NumberFormat(i18n.language, { minimumFractionDigits: 3, maximumFractionDigits: 3 });
  const highest = Math.max(...docs.map((doc) => Math.abs(doc.score)), Number.EPSILON);
  return (
    <ol className="flex flex-col gap-3">
      {docs.map((doc, at) => {
        const loader = store.loaders.find((candidate) => candidate.id === asText(doc.metadata["docId"]));
        const words = sharedWords(doc.pageContent, question);
        return (
          // oxlint-disable-next-line react/no-array-index-key -- the same chunk may be found twice
          <li key={`${doc.id} ${at}`}>
            <Card className="flex flex-col gap-2.5 p-4">
              <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5 text-xs text-muted">
                <span className="text-sm font-semibold text-ink tabular-nums">{number(at + 1)}.</span>
                <span className="flex items-center gap-2">
                  {t("query.score")}
                  <span aria-hidden className="h-1.5 w-20 overflow-hidden rounded-full bg-sunken">
                    <span className="block h-full rounded-full bg-primary" style={{ width: `${Math.round((Math.abs(doc.score) / highest) * 100)}%` }} />
                  </span>
                  <span className="font-medium text-ink tabular-nums">{score.format(doc.score)}</span>
                </span>
                <span className="tabular-nums">{t("chars", { count: doc.pageContent.length, shown: number(doc.pageContent.length) })}</span>
                {loader && (
                  <Link to="/document-stores/chunks/$storeId/$fileId" params={{ storeId: store.id, fileId: loader.id }} search={{ page: doc.chunkNo > 0 ? Math.ceil(doc.chunkNo / 50) : undefined }} className="ms-auto max-w-60 truncate font-medium text-primary-ink hover:underline">
                    {doc.chunkNo > 0 ? t("query.from", { name: loader.loaderName, number: number(doc.chunkNo) }) : loader.loaderName}
                  </Link>
                )}
                {doc.chunkNo < 0 && <Chip className="border-transparent bg-warning-soft text-warning">{t("query.gone")}</Chip>}
              </div>
              <ChunkText text={doc.pageContent} question={question} />
              <p className="text-xs text-muted">{words.length > 0 ? t("query.words", { words: words.join(", ") }) : t("query.noWords")}</p>
              <Metadata metadata={doc.metadata} />
            </Card>
          </li>
        );
      })}
    </ol>
  );
}
