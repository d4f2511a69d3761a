// Fills a vector store of the flow: what takes part, what it did, and how a program does the same.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ArrowDown, LoaderCircle } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { upsertFlow } from "~/api/flow-record";
import { callSnippet, KEY_PLACEHOLDER, type Language, LANGUAGES } from "~/lib/call-snippets";
import { Button } from "~/ui/button";
import { Notice } from "~/ui/card";
import { CopyButton } from "~/ui/copy-button";
import { Dialog } from "~/ui/dialog";
import { SelectField } from "~/ui/form";
import { IconTile } from "~/ui/icon-tile";
import { ErrorNotice } from "~/ui/states";
import { fillable, partsOfFilling } from "../model/filling";
import { labelOf } from "../model/node-data";
import { useEditor, useGraph, useParts } from "./editor-context";

const COUNTS = [
  ["numAdded", "upsert.added"],
  ["numUpdated", "upsert.updated"],
  ["numSkipped", "upsert.skipped"],
  ["numDeleted", "upsert.deleted"],
] as const;

export function UpsertDialog({ flowId, onClose }: { flowId: string; onClose: () => void }) {
  const { t } = useTranslation("canvas");
  const { t: common, i18n } = useTranslation();
  const { saver } = useParts();
  const { ahead, status } = useStore(saver);
  const { nodes } = useGraph();
  const graph = useEditor((state) => state.graph);
  const client = useQueryClient();
  const stores = fillable(graph);
  const [chosen, setChosen] = useState(stores[0]?.id ?? "");
  const [language, setLanguage] = useState<Language>("curl");
  const several = stores.length > 1;
  const run = useMutation({
    mutationFn: () => upsertFlow(flowId, several ? chosen : undefined),
    onSuccess: () => client.invalidateQueries({ queryKey: ["upserts", flowId] }),
  });
  const number = new Intl.NumberFormat(i18n.language);
  const parts = partsOfFilling(graph, chosen);
  const code = callSnippet(language, { address: `${window.location.origin}/api/v1/vector/upsert/${flowId}`, body: several ? { stopNodeId: chosen } : {} });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="lg"
      title={t("upsert.title")}
      description={t("upsert.body")}
      footer={
        <>
          <Button asChild variant="ghost" className="me-auto">
            <Link to="/flow/$id/upserts" params={{ id: flowId }}>
              {t("upsert.history")}
            </Link>
          </Button>
          <Button onClick={onClose}>{common("close")}</Button>
          <Button variant="primary" busy={run.isPending} disabled={!chosen} onClick={() => run.mutate()}>
            {t(run.isSuccess ? "upsert.again" : "upsert.action")}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <ErrorNotice error={run.error} />
        {(ahead || status !== "saved") && <Notice tone="warning">{t("upsert.ahead")}</Notice>}
        {run.isPending && (
          <p role="status" className="flex items-center gap-2.5 rounded-md bg-primary-soft px-3 py-2.5 text-sm text-primary-ink">
            <LoaderCircle aria-hidden className="size-4 shrink-0 animate-spin" />
            {t("upsert.working")}
          </p>
        )}
        {run.data && !run.isPending && (
          <Notice tone="success">
            <p className="font-medium">{t("upsert.done")}</p>
            <p className="mt-0.5 flex flex-wrap gap-x-4 tabular-nums">
              {COUNTS.map(([key, label]) => (
                <span key={key}>
                  {t(label)} <strong>{number.format(run.data[key] ?? 0)}</strong>
                </span>
              ))}
            </p>
          </Notice>
        )}
        {several && <SelectField label={t("upsert.store")} value={chosen} onChange={setChosen} choices={stores.map((store) => ({ value: store.id, label: labelOf(store) }))} />}
        <ol aria-label={t("upsert.parts")} className="flex flex-col">
          {parts.map((part, at) => {
            const view = nodes.find((node) => node.id === part.id);
            return (
              <li key={part.id} className="flex flex-col">
                {at > 0 && <ArrowDown aria-hidden className="my-1 ms-2.5 size-4 text-faint" />}
                <span className="flex min-w-0 items-center gap-3">
                  {view && <IconTile look={view.look} icon={view.icon} />}
                  <span className="min-w-0">
                    <span className="block truncate text-base font-medium">{labelOf(part)}</span>
                    <span className="block truncate text-sm text-muted">{view?.headline ?? view?.typeLabel}</span>
                  </span>
                </span>
              </li>
            );
          })}
        </ol>
        <details className="group rounded-md border border-line">
          <summary className="cursor-pointer rounded-md px-3 py-2 text-sm font-medium">{t("upsert.api")}</summary>
          <div className="flex flex-col gap-3 border-t border-line p-3">
            <p className="text-sm text-muted">{t("upsert.apiHint", { placeholder: KEY_PLACEHOLDER })}</p>
            <SelectField
              className="w-48"
              label={t("upsert.language")}
              value={language}
              onChange={(value) => setLanguage(LANGUAGES.find((entry) => entry === value) ?? "curl")}
              choices={LANGUAGES.map((value) => ({ value, label: t(`upsert.languages.${value}`) }))}
            />
            <div className="relative min-w-0">
              {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard */}
              <pre tabIndex={0} role="region" aria-label={t("upsert.api")} className="max-h-72 overflow-auto rounded-md border border-line bg-sunken p-3 pe-12 font-mono text-xs leading-5">
                <code>{code}</code>
              </pre>
              <CopyButton text={code} label={common("copy")} size="icon-sm" className="absolute end-2 top-2 bg-surface" />
            </div>
          </div>
        </details>
      </div>
    </Dialog>
  );
}
