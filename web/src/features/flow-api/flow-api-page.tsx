// `/flow/:id/api`: how to call the flow, how to embed it, how to share it, and a console that really calls it.
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ExternalLink } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { flowQuery } from "~/api/flow-record";
import type { Flow } from "~/api/types/Flow";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { Card, Notice } from "~/ui/card";
import { CodeBlock } from "~/ui/code-block";
import { CopyButton } from "~/ui/copy-button";
import { SelectField, SwitchField } from "~/ui/form";
import { Field } from "~/ui/input";
import { ErrorState, Skeleton } from "~/ui/states";
import { TabPanel, Tabs } from "~/ui/tabs";
import { overridesOf, settableOf } from "./overrides";
import { OverrideFields } from "./override-fields";
import { type Call, type Embed, embed, EMBEDS, KEY_PLACEHOLDER, type Language, LANGUAGES, snippet } from "./snippets";
import { TryConsole } from "./try-console";

export function FlowApiPage() {
  const { t } = useTranslation("flowApi");
  const { id } = useParams({ from: "/signed-in/shell/flow/$id/api" });
  const query = useQuery(flowQuery(id));
  useTitle(query.data ? `${t("title")} · ${query.data.name}` : t("title"));
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton className="m-8 h-96" />;
  return <Page key={id} flow={query.data} />;
}

function Page({ flow }: { flow: Flow }) {
  const { t } = useTranslation("flowApi");
  const settable = settableOf(flow.apiConfig);
  const [tab, setTab] = useState("api");
  const [language, setLanguage] = useState<Language>("curl");
  const [kind, setKind] = useState<Embed>("popup");
  const [streaming, setStreaming] = useState(false);
  const [question, setQuestion] = useState(() => t("exampleQuestion"));
  const [texts, setTexts] = useState<Record<string, string>>({});
  const needsKey = Boolean(flow.apikeyid);
  const call: Call = { origin: window.location.origin, flowId: flow.id, needsKey, streaming, overrides: overridesOf(settable, texts), question };
  return (
    <div className="mx-auto w-full max-w-7xl px-4 py-6 sm:px-8">
      <h1 className="sr-only">{t("title")}</h1>
      <Tabs
        label={t("title")}
        tabs={[
          { value: "api", label: t("tabs.api") },
          { value: "embed", label: t("tabs.embed") },
          { value: "share", label: t("tabs.share") },
        ]}
        value={tab}
        onChange={setTab}
      >
        <TabPanel value="api" className="grid items-start gap-5 pt-5 lg:grid-cols-2">
          <div className="flex min-w-0 flex-col gap-5">
            <Card className="flex flex-col gap-4 p-5">
              <KeyNote flow={flow} />
              <Field label={t("question")} value={question} onChange={(event) => setQuestion(event.target.value)} />
              <SwitchField label={t("streaming")} hint={t("streamingHint")} checked={streaming} onChange={setStreaming} />
              <OverrideFields flowId={flow.id} settable={settable} texts={texts} onChange={setTexts} />
            </Card>
            <Card className="flex min-w-0 flex-col gap-3 p-5">
              <div className="flex items-end justify-between gap-2">
                <SelectField
                  className="w-56"
                  label={t("language")}
                  value={language}
                  onChange={(value) => setLanguage(LANGUAGES.find((entry) => entry === value) ?? "curl")}
                  choices={LANGUAGES.map((value) => ({ value, label: t(`languages.${value}`) }))}
                />
              </div>
              <Snippet text={snippet(language, call)} />
            </Card>
          </div>
          <TryConsole call={call} />
        </TabPanel>
        <TabPanel value="embed" className="flex flex-col gap-5 pt-5">
          <Card className="flex flex-col gap-4 p-5">
            {needsKey && <Notice tone="warning">{t("embed.key")}</Notice>}
            <SelectField
              className="max-w-sm"
              label={t("embed.kind")}
              value={kind}
              onChange={(value) => setKind(EMBEDS.find((entry) => entry === value) ?? "popup")}
              choices={EMBEDS.map((value) => ({ value, label: t(`embed.kinds.${value}`) }))}
            />
            <Snippet text={embed(kind, call)} />
            <p className="text-sm text-muted">
              {t("embed.sites")}{" "}
              <Link to="/flow/$id/settings" params={{ id: flow.id }} search={{ section: "domains" }} className="font-medium text-primary-ink hover:underline">
                {t("embed.sitesLink")}
              </Link>
            </p>
          </Card>
        </TabPanel>
        <TabPanel value="share" className="pt-5">
          <Share flow={flow} />
        </TabPanel>
      </Tabs>
    </div>
  );
}

function KeyNote({ flow }: { flow: Flow }) {
  const { t } = useTranslation("flowApi");
  return (
    <p className="text-base text-muted">
      {flow.apikeyid ? t("key.needed", { placeholder: KEY_PLACEHOLDER }) : t("key.none")}{" "}
      <Link to="/flow/$id/settings" params={{ id: flow.id }} search={{ section: "access" }} className="font-medium text-primary-ink hover:underline">
        {t("key.change")}
      </Link>
    </p>
  );
}

function Snippet({ text }: { text: string }) {
  const { t } = useTranslation("flowApi");
  return <CodeBlock text={text} label={t("snippet")} copyLabel={t("copySnippet")} className="max-h-[32rem]" />;
}

function Share({ flow }: { flow: Flow }) {
  const { t } = useTranslation("flowApi");
  const address = `${window.location.origin}/chatbot/${flow.id}`;
  return (
    <Card className="flex max-w-3xl flex-col gap-4 p-5">
      <div>
        <h2 className="text-lg font-semibold">{t("share.title")}</h2>
        <p className="mt-1 text-base text-muted">{t(flow.isPublic ? "share.public" : "share.private")}</p>
      </div>
      {flow.isPublic ? (
        <div className="flex flex-wrap items-center gap-2">
          <span className="flex min-w-0 flex-1 items-center gap-1 rounded-md border border-line bg-sunken ps-3 pe-1">
            <code className="min-w-0 flex-1 truncate py-2 font-mono text-xs">{address}</code>
            <CopyButton text={address} label={t("share.copy")} size="icon-sm" />
          </span>
          <Button asChild>
            <a href={address} target="_blank" rel="noreferrer">
              <ExternalLink aria-hidden />
              {t("share.open")}
            </a>
          </Button>
        </div>
      ) : (
        <Button asChild className="self-start">
          <Link to="/flow/$id/settings" params={{ id: flow.id }} search={{ section: "access" }}>
            {t("share.make")}
          </Link>
        </Button>
      )}
      {flow.isPublic && flow.apikeyid && <Notice tone="warning">{t("embed.key")}</Notice>}
    </Card>
  );
}
