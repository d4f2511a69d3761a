// “Describe what it should do”: the wish, the model that draws, waiting, and why nothing came of it.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { isApiError } from "~/api/errors";
import { drawFlow } from "~/api/generator";
import { nodesQuery } from "~/api/queries";
import type { CatalogNode } from "~/api/types";
import { defaultsOfEntry, makeNode, NodeForm, problemsOfEntry } from "~/features/canvas/forms";
import { asText, type JsonObject } from "~/lib/json";
import { readStored, writeStored } from "~/lib/storage";
import { useDraft } from "~/lib/use-draft";
import { Button } from "~/ui/button";
import { Notice } from "~/ui/card";
import { Dialog } from "~/ui/dialog";
import { FoldSummary } from "~/ui/fold";
import { TextAreaField } from "~/ui/form";
import { ErrorNotice, ErrorState, Skeleton } from "~/ui/states";
import { ModelPicker } from "./model-picker";

/** The model that drew last; its settings without what is secret are worth remembering, its name most of all. */
const LAST_MODEL = "flowstone.generator.model";
const NOWHERE = { nodes: [], edges: [], unread: [], extra: {} };

export interface GeneratorDialogProps {
  /** What is there already goes when the drawn flow comes. */
  replaces?: boolean;
  /** Takes the flow's JSON; the dialog stays open, busy, until it is done. */
  onDrawn: (flowData: string, question: string) => unknown;
  onClose: () => void;
}

export function GeneratorDialog({ replaces = false, onDrawn, onClose }: GeneratorDialogProps) {
  const { t } = useTranslation("generator");
  const nodes = useQuery(nodesQuery());
  const models = (nodes.data ?? []).filter((entry) => entry.category === "Chat Models" && entry.badge !== "DEPRECATING" && !(entry.tags ?? []).includes("LlamaIndex"));
  if (nodes.data) return <Filled replaces={replaces} models={models} onDrawn={onDrawn} onClose={onClose} />;
  return (
    <Dialog open onOpenChange={onClose} title={t("title")} size="lg">
      {nodes.error ? <ErrorState error={nodes.error} onRetry={() => void nodes.refetch()} /> : <Skeleton className="h-64" />}
    </Dialog>
  );
}

function Filled({ replaces, models, onDrawn, onClose }: Required<GeneratorDialogProps> & { models: readonly CatalogNode[] }) {
  const { t } = useTranslation("generator");
  const { t: common } = useTranslation();
  const { value: question, set: setQuestion, clear: forgetQuestion } = useDraft("generator", "");
  const [name, setName] = useState(() => readStored(LAST_MODEL) ?? "");
  const entry = models.find((one) => one.name === name);
  const [values, setValues] = useState<JsonObject>(() => (entry ? defaultsOfEntry(entry) : {}));
  const [checked, setChecked] = useState(false);
  const leave = useRef<AbortController>(undefined);
  useEffect(() => () => leave.current?.abort(), []);
  const draw = useMutation({
    mutationFn: async () => {
      if (!entry) throw new Error("no model");
      leave.current = new AbortController();
      const { nodes, edges, error, rawResponse } = await drawFlow(question.trim(), modelNode(entry, values), leave.current.signal);
      if (!nodes) return { reason: error ?? t("refused"), findings: (rawResponse?.error ?? "").split("\n").filter(Boolean) };
      writeStored(LAST_MODEL, entry.name);
      await onDrawn(JSON.stringify({ nodes, edges: edges ?? [] }), question.trim());
      forgetQuestion();
      onClose();
      return null;
    },
  });
  const problems = entry ? problemsOfEntry(entry, values).filter((problem) => problem.severity === "error") : [];
  const isReady = question.trim() !== "" && entry !== undefined && problems.length === 0;
  const submit = () => {
    setChecked(true);
    if (isReady && !draw.isPending) draw.mutate();
  };
  const cancel = () => {
    leave.current?.abort();
    draw.reset();
  };
  const wasCancelled = isApiError(draw.error) && draw.error.kind === "aborted";
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("title")}
      description={t("lead")}
      size="lg"
      footer={
        draw.isPending ? (
          <>
            <Waiting />
            <Button onClick={cancel}>{t("stop")}</Button>
          </>
        ) : (
          <>
            <Button onClick={onClose}>{common("cancel")}</Button>
            <Button variant="primary" onClick={submit}>
              {t("draw")}
            </Button>
          </>
        )
      }
    >
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- while its fields are switched off, the form itself must be reachable by keyboard, to scroll */}
      <div tabIndex={draw.isPending ? 0 : undefined} className="flex flex-col gap-4 outline-none">
        {!wasCancelled && <ErrorNotice error={draw.error} />}
        {draw.data && <Refusal reason={draw.data.reason} findings={draw.data.findings} />}
        {replaces && <Notice tone="info">{t("replaces")}</Notice>}
        <fieldset disabled={draw.isPending} className="flex min-w-0 flex-col gap-4">
          <TextAreaField
            label={t("question")}
            value={question}
            onChange={setQuestion}
            rows={5}
            placeholder={t("placeholder")}
            error={checked && !question.trim() ? t("questionMissing") : undefined}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
            }}
          />
          <ModelPicker
            models={models}
            value={name}
            onChange={(next) => {
              setName(next);
              const chosen = models.find((one) => one.name === next);
              setValues(chosen ? defaultsOfEntry(chosen) : {});
            }}
            error={checked && !entry ? t("modelMissing") : undefined}
            disabled={draw.isPending}
          />
          {entry && (
            <div className="rounded-md border border-line p-4">
              <NodeForm key={entry.name} entry={entry} values={values} onChange={setValues} readOnly={draw.isPending} checked={checked} id={`generator-${entry.name}`} />
            </div>
          )}
        </fieldset>
      </div>
    </Dialog>
  );
}

/** The chosen model as a node of the canvas. */
function modelNode(entry: CatalogNode, values: JsonObject): JsonObject {
  const { data } = makeNode(entry, NOWHERE, { x: 0, y: 0 });
  const credential = asText(values["credential"]) ?? asText(values["FLOWISE_CREDENTIAL_ID"]);
  return { ...data, inputs: values, ...(credential ? { credential } : {}) };
}

/** How long it has taken so far, told in full sentences only at the beginning. */
function Waiting() {
  const { t } = useTranslation("generator");
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setSeconds((before) => before + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <p className="me-auto flex min-w-0 items-center gap-2 text-sm text-muted">
      <span aria-hidden className="size-2 shrink-0 animate-pulse-soft rounded-full bg-primary" />
      <span role="status">{t("drawing")}</span>
      <span aria-hidden className="shrink-0 whitespace-nowrap tabular-nums">
        {t("seconds", { seconds })}
      </span>
    </p>
  );
}

function Refusal({ reason, findings }: { reason: string; findings: readonly string[] }) {
  const { t } = useTranslation("generator");
  return (
    <Notice tone="danger">
      <p>{reason}</p>
      {findings.length > 0 && (
        <details className="mt-2">
          <FoldSummary className="rounded-sm font-medium">{t("findings", { count: findings.length })}</FoldSummary>
          <ul className="mt-1 list-disc ps-5">
            {findings.map((finding) => (
              <li key={finding}>{finding}</li>
            ))}
          </ul>
        </details>
      )}
    </Notice>
  );
}
