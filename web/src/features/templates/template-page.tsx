// `/marketplace/:id`: a template looked at before it is used: its graph, what it needs, what it is for.
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { ArrowLeft, FileX2, KeyRound, Play, Wrench } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { nodeIconUrl } from "~/api/client";
import { nodesQuery } from "~/api/queries";
import { useMay } from "~/api/session";
import { customTemplatesQuery, type Template, templatesQuery } from "~/api/templates";
import { LoadingPage } from "~/app/layouts/root";
import { lookOf } from "~/design/categories";
import { credentialKindsOf, graphOf, nodesOf } from "~/features/chatflows";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { Card, Chip, Notice } from "~/ui/card";
import { IconTile } from "~/ui/icon-tile";
import { PageHeader } from "~/ui/page";
import { EmptyState, ErrorState } from "~/ui/states";
import { SketchView } from "./flow-sketch";
import { TemplateChips } from "./template-card";
import { mayApply, useApplyTemplate } from "./templates-page";

export function TemplatePage() {
  const { t } = useTranslation("templates");
  const { id } = useParams({ strict: false }) as { id: string };
  const may = useMay();
  const ours = useQuery({ ...templatesQuery(), enabled: may("templates:marketplace") });
  const own = useQuery({ ...customTemplatesQuery(), enabled: may("templates:custom") });
  const template = [...(ours.data ?? []), ...(own.data ?? [])].find((row) => row.id === id);
  useTitle(template?.name ?? t("title"));
  if (template) return <Preview template={template} />;
  if (ours.isLoading || own.isLoading) return <LoadingPage />;
  const failed = ours.error ? ours : own.error ? own : null;
  if (failed) return <ErrorState heading="h1" error={failed.error} onRetry={() => void failed.refetch()} />;
  return (
    <EmptyState
      heading="h1"
      icon={<FileX2 />}
      title={t("missing.title")}
      body={t("missing.body")}
      action={
        <Button asChild variant="primary">
          <Link to="/marketplaces">{t("backToList")}</Link>
        </Button>
      }
    />
  );
}

function Preview({ template }: { template: Template }) {
  const { t } = useTranslation("templates");
  const may = useMay();
  const apply = useApplyTemplate();
  const graph = graphOf(template.flowData);
  return (
    <div className="mx-auto flex w-full max-w-7xl flex-col gap-5 px-4 py-6 sm:px-8 sm:py-8">
      <Link to="/marketplaces" search={template.custom ? { tab: "mine" } : {}} className="inline-flex items-center gap-1.5 self-start rounded-sm text-sm font-medium text-muted hover:text-ink">
        <ArrowLeft aria-hidden className="size-4 rtl:rotate-180" />
        {t("backToList")}
      </Link>
      <PageHeader
        title={template.name}
        lead={template.description}
        actions={
          mayApply(template, may) && (
            <Button variant="primary" busy={apply.isPending} onClick={() => apply.mutate(template)}>
              {!apply.isPending && <Play aria-hidden />}
              {t("use")}
            </Button>
          )
        }
      />
      <div className="flex flex-wrap gap-1.5">
        <Chip>{t(`kind.${template.kind}`)}</Chip>
        <TemplateChips template={template} most={12} />
      </div>
      <div className="flex flex-col gap-6">
        <Card className="overflow-hidden bg-sunken!">{template.kind === "Tool" ? <ToolView template={template} /> : <SketchView flowData={template.flowData} />}</Card>
        {graph && <Needs nodes={graph.nodes} />}
      </div>
    </div>
  );
}

function ToolView({ template }: { template: Template }) {
  const { t } = useTranslation("templates");
  return (
    <section aria-label={t("toolCode")} className="max-h-[min(30rem,56dvh)] overflow-auto p-6">
      <p className="mb-3 flex items-center gap-2 text-sm font-medium text-muted">
        <Wrench aria-hidden className="size-4" />
        {t("toolCode")}
      </p>
      <pre dir="ltr" className="font-mono text-sm whitespace-pre-wrap text-ink [overflow-wrap:anywhere]">
        {String(template.tool?.func ?? "")}
      </pre>
    </section>
  );
}

/** What a person must have for it, and what it is made of. */
function Needs({ nodes }: { nodes: Parameters<typeof nodesOf>[0] }) {
  const { t } = useTranslation("templates");
  const catalog = useQuery(nodesQuery());
  const known = new Map((catalog.data ?? []).map((node) => [node.name, node]));
  const parts = [...new Map(nodesOf(nodes).map((node) => [node.name, node])).values()];
  const missing = catalog.data ? parts.filter((part) => !known.has(part.name)) : [];
  const credentials = credentialKindsOf(nodes);
  return (
    <aside aria-label={t("needs.title")} className="grid gap-6 md:grid-cols-[1fr_2fr]">
      <Group title={t("needs.title")}>
        {missing.length > 0 && <Notice tone="warning">{t("needs.missing", { names: missing.map((part) => part.label).join(", ") })}</Notice>}
        {credentials.length === 0 ? (
          <p className="text-sm text-muted">{t("needs.nothing")}</p>
        ) : (
          <>
            <ul className="flex flex-col gap-2">
              {credentials.map((kind) => (
                <li key={kind} className="flex items-center gap-2 text-sm text-ink">
                  <KeyRound aria-hidden className="size-4 shrink-0 text-muted" />
                  {readable(kind)}
                </li>
              ))}
            </ul>
            <p className="text-sm text-muted">{t("needs.credentials")}</p>
          </>
        )}
      </Group>
      <Group title={t("parts")}>
        <ul className="grid gap-2 sm:grid-cols-2 lg:grid-cols-3">
          {parts.map((part) => (
            <li key={part.name} className="flex items-center gap-2.5 text-sm text-ink">
              <IconTile look={lookOf(part.category, part.name)} icon={known.get(part.name)?.icon ? nodeIconUrl(part.name) : undefined} size="sm" />
              <span className="min-w-0 truncate">{known.get(part.name)?.label ?? part.label}</span>
            </li>
          ))}
        </ul>
      </Group>
    </aside>
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-sm font-semibold text-ink">{title}</h2>
      {children}
    </section>
  );
}

/** "openAIApi" as people read it: "open AI Api" with a capital. */
function readable(kind: string): string {
  const spaced = kind.replace(/([a-z])([A-Z])/g, "$1 $2").replace(/\bApi\b/, "API");
  return spaced.charAt(0).toLocaleUpperCase() + spaced.slice(1);
}
