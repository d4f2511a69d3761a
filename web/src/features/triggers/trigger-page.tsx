// `/flow/:id/trigger`: what starts the flow, as its published Start says.
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { MessageCircle, Workflow } from "lucide-react";
import { useTranslation } from "react-i18next";
import { flowQuery } from "~/api/flow-record";
import type { Flow } from "~/api/types/Flow";
import { asArray, asObject, asText, type JsonObject } from "~/lib/json";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { Card, Chip, Notice } from "~/ui/card";
import { EmptyState, ErrorState, Skeleton } from "~/ui/states";
import { kindOf, startOf } from "./model";
import { Address, Snippet, ToCanvas, TriggerFrame } from "./parts";
import { ScheduleView } from "./schedule-view";
import { WebhookView } from "./webhook-view";

export function TriggerPage() {
  const { t } = useTranslation("triggers");
  const { id } = useParams({ from: "/signed-in/shell/flow/$id/trigger" });
  const query = useQuery(flowQuery(id));
  useTitle(query.data ? `${t("title")} · ${query.data.name}` : t("title"));
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <Skeleton className="m-8 h-96" />;
  return <Trigger key={id} flow={query.data} />;
}

function Trigger({ flow }: { flow: Flow }) {
  const { t } = useTranslation("triggers");
  const start = startOf(flow.flowData);
  if (!start) return <EmptyState heading="h1" icon={<Workflow />} title={t("none.title")} body={t("none.body")} action={<ToCanvas flow={flow} />} />;
  switch (kindOf(start)) {
    case "scheduleInput":
      return <ScheduleView flow={flow} />;
    case "webhookTrigger":
      return <WebhookView flow={flow} start={start} />;
    case "formInput":
      return <FormView flow={flow} start={start} />;
    case "chatInput":
      return <EmptyState heading="h1" icon={<MessageCircle />} title={t("chat.title")} body={t("chat.body")} action={<ToCanvas flow={flow} />} />;
  }
}

/** A flow that begins with a form: where people meet it, and what a call sends instead. */
function FormView({ flow, start }: { flow: Flow; start: JsonObject }) {
  const { t } = useTranslation("triggers");
  const fields = asArray(start["formInputTypes"]).flatMap((entry) => {
    const field = asObject(entry);
    const name = asText(field?.["name"]);
    return name ? [{ name, label: asText(field?.["label"]) ?? name, type: asText(field?.["type"]) ?? "string", options: asArray(field?.["addOptions"]).flatMap((option) => asText(asObject(option)?.["option"]) ?? []) }] : [];
  });
  const page = `${window.location.origin}/chatbot/${flow.id}`;
  const sample = Object.fromEntries(fields.map(({ name, type, options }) => [name, type === "number" ? 1 : type === "boolean" ? true : (options[0] ?? "text")]));
  const call = `curl '${window.location.origin}/api/v1/prediction/${flow.id}' \\\n  -H 'Content-Type: application/json' \\\n  -d '${JSON.stringify({ form: sample }).replaceAll("'", `'\\''`)}'`;
  return (
    <TriggerFrame title={t("form.title")} lead={t("form.lead")} actions={<ToCanvas flow={flow} />}>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <Card className="flex min-w-0 flex-col gap-4 p-5">
          <h2 className="text-lg font-semibold">{asText(start["formTitle"]) || t("form.untitled")}</h2>
          {asText(start["formDescription"]) && <p className="text-base text-muted [overflow-wrap:anywhere]">{asText(start["formDescription"])}</p>}
          {fields.length === 0 ? (
            <Notice tone="warning">{t("form.noFields")}</Notice>
          ) : (
            <ul className="divide-y divide-line">
              {fields.map((field) => (
                <li key={field.name} className="flex flex-wrap items-center gap-x-3 gap-y-1 py-2.5">
                  <span className="font-medium">{field.label}</span>
                  <Chip>{t(`form.type.${field.type === "number" || field.type === "boolean" || field.type === "options" ? field.type : "string"}`)}</Chip>
                  <code className="ms-auto font-mono text-xs text-muted">{`{{ $form.${field.name} }}`}</code>
                  {field.options.length > 0 && <span className="w-full text-sm text-muted">{field.options.join(" · ")}</span>}
                </li>
              ))}
            </ul>
          )}
        </Card>
        <Card className="flex min-w-0 flex-col gap-4 p-5">
          <h2 className="text-lg font-semibold">{t("form.page")}</h2>
          {flow.isPublic ? (
            <>
              <p className="text-base text-muted">{t("form.pageLead")}</p>
              <Address text={page} label={t("copyAddress")} open />
            </>
          ) : (
            <>
              <p className="text-base text-muted">{t("form.private")}</p>
              <Button asChild className="self-start">
                <Link to="/flow/$id/settings" params={{ id: flow.id }} search={{ section: "access" }}>
                  {t("form.publish")}
                </Link>
              </Button>
            </>
          )}
          <h2 className="mt-2 text-lg font-semibold">{t("form.call")}</h2>
          <Snippet text={call} label={t("form.call")} />
        </Card>
      </div>
    </TriggerFrame>
  );
}
