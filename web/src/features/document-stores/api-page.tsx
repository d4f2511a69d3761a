// `/document-stores/api/:store`: how a program fills, refreshes and searches the store; with a place to try it.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { Play } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api";
import { type DocumentStore, storeConfigQuery, storeQuery } from "~/api/document-stores";
import { KEY_PLACEHOLDER, type Language, LANGUAGES } from "~/lib/call-snippets";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { Card, Notice } from "~/ui/card";
import { CodeBlock } from "~/ui/code-block";
import { ConfirmDialog } from "~/ui/dialog";
import { FoldSummary } from "~/ui/fold";
import { SelectField, SwitchField } from "~/ui/form";
import { Field } from "~/ui/input";
import { PageHeader } from "~/ui/page";
import { Segmented } from "~/ui/segmented";
import { ErrorNotice } from "~/ui/states";
import { PAGE, useNumber } from "./parts";
import { addressOf, bodyOf, type Operation, OPERATIONS, snippet, type StoreCall } from "./snippets";

const ROUTE = "/signed-in/shell/store/document-stores/api/$storeId";

export function StoreApiPage() {
  const { storeId } = useParams({ from: ROUTE });
  const { data } = useQuery(storeQuery(storeId));
  return data ? <Page key={storeId} store={data} /> : null;
}

function Page({ store }: { store: DocumentStore }) {
  const { t } = useTranslation("documentStores");
  const { loader: asked } = useSearch({ from: ROUTE });
  const [operation, setOperation] = useState<Operation>("upsert");
  const [language, setLanguage] = useState<Language>("curl");
  const [loader, setLoader] = useState(() => store.loaders.find((candidate) => candidate.id === asked)?.id ?? store.loaders[0]?.id ?? "");
  const [replace, setReplace] = useState(true);
  const [question, setQuestion] = useState(() => t("api.exampleQuestion"));
  useTitle(`${t("pages.api")} · ${store.name}`);
  const call: StoreCall = { origin: window.location.origin, storeId: store.id, operation, loader, replace, overrides: {}, question };
  const isUpsert = operation === "upsert" || operation === "upsertFile";
  return (
    <div className={PAGE}>
      <PageHeader title={t("pages.api")} lead={t("api.lead", { placeholder: KEY_PLACEHOLDER })} />
      <Segmented label={t("api.operation")} value={operation} onChange={setOperation} choices={OPERATIONS.map((value) => ({ value, label: t(`api.operations.${value}.name`) }))} />
      <p className="-mt-2 max-w-3xl text-base text-muted">{t(`api.operations.${operation}.about`)}</p>
      <div className="grid items-start gap-5 lg:grid-cols-[minmax(0,22rem)_minmax(0,1fr)]">
        <Card className="flex min-w-0 flex-col gap-4 p-4 sm:p-5">
          {operation !== "query" && (
            <SelectField
              label={t("api.loader")}
              value={loader}
              onChange={setLoader}
              {...(operation === "refresh" ? { placeholder: t("api.allLoaders") } : store.loaders.length === 0 ? { placeholder: t("api.noLoader") } : {})}
              choices={store.loaders.map((candidate) => ({ value: candidate.id, label: candidate.loaderName }))}
            />
          )}
          {isUpsert && <SwitchField label={t("api.replace")} hint={t("api.replaceHint")} checked={replace} onChange={setReplace} />}
          {operation === "query" && <Field label={t("query.question")} value={question} onChange={(event) => setQuestion(event.target.value)} />}
          {isUpsert && !loader && <Notice tone="info">{t("api.needsLoader")}</Notice>}
          <TryIt key={`${operation} ${loader}`} call={call} store={store} />
        </Card>
        <Card className="flex min-w-0 flex-col gap-3 p-4 sm:p-5">
          <SelectField
            className="w-56"
            label={t("api.language")}
            value={language}
            onChange={(value) => setLanguage(LANGUAGES.find((entry) => entry === value) ?? "curl")}
            choices={LANGUAGES.map((value) => ({ value, label: t(`api.languages.${value}`) }))}
          />
          <Code text={snippet(language, call)} label={t("api.code")} />
        </Card>
      </div>
      {isUpsert && loader && <Settable storeId={store.id} loader={loader} />}
    </div>
  );
}

function Code({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation();
  return <CodeBlock text={text} label={label} copyLabel={t("copy")} className="max-h-[32rem]" />;
}

/** Sends the call with this session. What writes asks first: it is no rehearsal. */
function TryIt({ call, store }: { call: StoreCall; store: DocumentStore }) {
  const { t } = useTranslation("documentStores");
  const client = useQueryClient();
  const number = useNumber();
  const [asking, setAsking] = useState(false);
  const run = useMutation({
    mutationFn: async () => {
      const began = performance.now();
      const path = new URL(addressOf(call)).pathname.replace(/^\/api\/v1/, "");
      const answer = await api.request<unknown>(path, { method: "POST", body: bodyOf(call) });
      return { text: JSON.stringify(answer, null, 2), milliseconds: Math.round(performance.now() - began) };
    },
    onSettled: () => Promise.all([["document-store", store.id], ["document-stores"], ["document-chunks", store.id], ["upserts", store.id]].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
  const isWrite = call.operation !== "query";
  if (call.operation === "upsertFile") return <p className="text-sm text-muted">{t("api.tryFile")}</p>;
  const cannot = (call.operation === "upsert" && !call.loader) || (call.operation === "query" && !call.question.trim());
  return (
    <div className="flex min-w-0 flex-col gap-3 border-t border-line pt-4">
      <Button className="self-start" busy={run.isPending} disabled={cannot} onClick={() => (isWrite ? setAsking(true) : run.mutate())}>
        {!run.isPending && <Play aria-hidden />}
        {t("api.try")}
      </Button>
      <p className="text-xs text-muted">{t(isWrite ? "api.tryWrites" : "api.tryHint")}</p>
      <ErrorNotice error={run.error} />
      {run.data && (
        <div role="status" className="flex min-w-0 flex-col gap-1.5">
          <p className="text-xs text-muted">{t("api.answered", { milliseconds: number(run.data.milliseconds) })}</p>
          <Code text={run.data.text.length > 20_000 ? `${run.data.text.slice(0, 20_000)}\n…` : run.data.text} label={t("api.answer")} />
        </div>
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("api.confirm.title")}
        description={t("api.confirm.body")}
        confirm={t("api.try")}
        busy={false}
        onConfirm={() => {
          setAsking(false);
          run.mutate();
        }}
      />
    </div>
  );
}

/** What a call may override in the settings of the loader. */
function Settable({ storeId, loader }: { storeId: string; loader: string }) {
  const { t } = useTranslation("documentStores");
  const query = useQuery(storeConfigQuery(storeId, loader));
  if (!query.data || query.data.length === 0) return null;
  return (
    <details className="rounded-lg border border-line bg-surface shadow-sm">
      <FoldSummary className="rounded-lg px-4 py-3 text-base font-medium hover:bg-hover sm:px-5">{t("api.settable", { count: query.data.length })}</FoldSummary>
      <div className="overflow-x-auto border-t border-line">
        <table className="w-full text-start text-sm">
          <thead className="bg-sunken text-muted">
            <tr>
              {(["node", "label", "name", "type"] as const).map((key) => (
                <th key={key} scope="col" className="px-4 py-2 text-start font-medium">
                  {t(`api.column.${key}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {query.data.map((row) => (
              <tr key={`${row.nodeId} ${row.name}`} className="border-t border-line">
                <td className="px-4 py-1.5 whitespace-nowrap">{row.node}</td>
                <td className="px-4 py-1.5">{row.label}</td>
                <td className="px-4 py-1.5 font-mono text-xs">{row.name}</td>
                <td className="px-4 py-1.5 font-mono text-xs [overflow-wrap:anywhere]">{row.type}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
