// What the ways of starting a flow share on their pages.
import { Link } from "@tanstack/react-router";
import { ExternalLink, Workflow } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Flow } from "~/api/types/Flow";
import { Button } from "~/ui/button";
import { CodeBlock } from "~/ui/code-block";
import { CopyButton } from "~/ui/copy-button";
import { PageHeader } from "~/ui/page";

export function ToCanvas({ flow }: { flow: Pick<Flow, "id"> }) {
  const { t } = useTranslation("triggers");
  return (
    <Button asChild>
      <Link to="/v2/agentcanvas/$id" params={{ id: flow.id }} search={{ node: "startAgentflow_0" }}>
        <Workflow aria-hidden />
        {t("toStart")}
      </Link>
    </Button>
  );
}

/** An address to copy. */
export function Address({ text, label, open = false }: { text: string; label: string; open?: boolean }) {
  return (
    <span className="flex min-w-0 items-center gap-1 rounded-md border border-line bg-sunken ps-3 pe-1">
      <code className="min-w-0 flex-1 truncate py-2 font-mono text-xs" title={text}>
        {text}
      </code>
      <CopyButton text={text} label={label} size="icon-sm" />
      {open && (
        <Button asChild variant="ghost" size="icon-sm">
          <a href={text} target="_blank" rel="noreferrer" aria-label={text}>
            <ExternalLink aria-hidden />
          </a>
        </Button>
      )}
    </span>
  );
}

export function TriggerFrame({ title, lead, actions, children }: { title: string; lead: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <div className="mx-auto flex w-full max-w-7xl flex-col gap-5 px-4 py-6 sm:px-8">
      <PageHeader title={title} lead={lead} actions={actions} />
      {children}
    </div>
  );
}

export function Snippet({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation("triggers");
  return <CodeBlock text={text} label={label} copyLabel={t("copy")} className="max-h-80" />;
}
