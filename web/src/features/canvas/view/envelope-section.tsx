// Beside a step's form: what happens where it fails or takes too long, and what the whole run may spend.
import { ChevronRight } from "lucide-react";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { nodeIconUrl } from "~/api/client";
import type { CatalogNode } from "~/api/types";
import { lookOf } from "~/design/categories";
import { asText, type JsonObject } from "~/lib/json";
import { Combobox } from "~/ui/combobox";
import { IconTile } from "~/ui/icon-tile";
import { CheckboxField, NumberField, SelectField, SwitchField } from "~/ui/form";
import { asksModel, DEFAULT_BACKOFF, type Envelope, envelopeOf, envelopeSet, FAILURES, isStart, mayBranch, MOST_RETRIES, ON_ERROR, setBudget, setEnvelope } from "../model/envelope";
import { nameOf, type Param } from "../model/node-data";
import { byName, type NodeView } from "../model/view-graph";
import { useEditor, useParts } from "./editor-context";
import { ConfigForm } from "./fields/config-form";
import { FieldForm } from "./fields/field-form";

export function EnvelopeSection({ view }: { view: NodeView }) {
  const { t } = useTranslation("canvas");
  const start = isStart(view.node);
  const count = envelopeSet(view.node);
  return (
    <details className="group/envelope border-t border-line" data-field="@envelope">
      <summary className="flex cursor-pointer items-center gap-1.5 rounded-sm py-4 text-sm font-semibold text-ink">
        <ChevronRight aria-hidden className="size-4 text-muted transition-transform duration-120 group-open/envelope:rotate-90 rtl:rotate-180 rtl:group-open/envelope:rotate-90" />
        {t(start ? "envelope.budget" : "envelope.title")}
        {count > 0 && <span className="rounded-full bg-sunken px-1.5 text-xs font-medium tabular-nums">{t("inspector.set", { count })}</span>}
      </summary>
      <div className="flex flex-col gap-4 pb-4">{start ? <Budget view={view} /> : <Rows view={view} />}</div>
    </details>
  );
}

function useEnvelope(view: NodeView) {
  const { editor } = useParts();
  const readOnly = useEditor((state) => state.readOnly);
  const set = (rows: JsonObject) => editor.edit("envelope", (graph) => setEnvelope(graph, view.id, rows), `${view.id}.envelope.${Object.keys(rows).join()}`);
  return { envelope: envelopeOf(view.node), readOnly, set, editor };
}

function Budget({ view }: { view: NodeView }) {
  const { t } = useTranslation("canvas");
  const { envelope, readOnly, editor } = useEnvelope(view);
  const row = (name: keyof Envelope["budget"], step: number) => (
    <NumberField
      label={t(`envelope.spend.${name}`)}
      hint={t(`envelope.spend.${name}Hint`)}
      placeholder={t("envelope.noLimit")}
      min={0}
      step={step}
      disabled={readOnly}
      value={envelope.budget[name]}
      onChange={(value) => editor.edit("envelope", (graph) => setBudget(graph, view.id, name, value !== null && value > 0 ? value : null), `${view.id}.budget.${name}`)}
    />
  );
  return (
    <>
      <p className="text-sm text-muted">{t("envelope.budgetLead")}</p>
      {row("tokens", 1)}
      {row("cost", 0.01)}
      {row("seconds", 1)}
    </>
  );
}

function Rows({ view }: { view: NodeView }) {
  const { t } = useTranslation("canvas");
  const { catalog } = useParts();
  const { envelope, readOnly, set } = useEnvelope(view);
  const ways = ON_ERROR.filter((way) => way !== "branch" || mayBranch(view.node));
  return (
    <>
      <SelectField
        label={t("envelope.onError")}
        hint={t(`envelope.way.${envelope.onError}Hint`)}
        value={envelope.onError}
        disabled={readOnly}
        onChange={(way) => set({ onError: way === "stop" ? undefined : way })}
        choices={ways.map((way) => ({ value: way, label: t(`envelope.way.${way}`) }))}
      />
      <div className="grid grid-cols-2 gap-3">
        <NumberField
          label={t("envelope.retries")}
          min={0}
          max={MOST_RETRIES}
          step={1}
          placeholder="0"
          disabled={readOnly}
          value={envelope.retries || null}
          onChange={(value) => set({ retries: value === null || value < 1 ? undefined : Math.min(Math.round(value), MOST_RETRIES) })}
        />
        <NumberField label={t("envelope.timeout")} min={0} step="any" placeholder={t("envelope.noLimit")} disabled={readOnly} value={envelope.timeout} onChange={(value) => set({ timeout: value === null || value <= 0 ? undefined : value })} />
      </div>
      {envelope.retries > 0 && <Retries envelope={envelope} readOnly={readOnly} set={set} />}
      {asksModel(view.node, catalog && byName(catalog).get(nameOf(view.node))) && <Fallback view={view} />}
      <SwitchField label={t("envelope.repeatable")} hint={t("envelope.repeatableHint")} checked={envelope.repeatable} disabled={readOnly} onChange={(checked) => set({ repeatable: checked ? undefined : false })} />
    </>
  );
}

function Retries({ envelope, readOnly, set }: { envelope: Envelope; readOnly: boolean; set: (rows: JsonObject) => void }) {
  const { t } = useTranslation("canvas");
  const id = useId();
  const kinds = [...FAILURES, ...envelope.retryOn.filter((kind) => !FAILURES.some((known) => known === kind))];
  const toggle = (kind: string) => {
    const next = envelope.retryOn.includes(kind) ? envelope.retryOn.filter((other) => other !== kind) : [...envelope.retryOn, kind];
    set({ retryOn: next.length > 0 ? next : undefined });
  };
  return (
    <>
      <NumberField
        label={t("envelope.backoff")}
        hint={t("envelope.backoffHint")}
        min={0}
        step={100}
        placeholder={String(DEFAULT_BACKOFF)}
        disabled={readOnly}
        value={envelope.backoff === DEFAULT_BACKOFF ? null : envelope.backoff}
        onChange={(value) => set({ backoff: value === null || value <= 0 ? undefined : Math.round(value) })}
      />
      <div role="group" aria-labelledby={id} className="flex flex-col gap-2">
        <span id={id} className="text-sm font-medium text-ink">
          {t("envelope.retryOn")}
        </span>
        {envelope.retryOn.length === 0 && <p className="text-sm text-muted">{t("envelope.retryOnNone")}</p>}
        {kinds.map((kind) => (
          <CheckboxField key={kind} label={t(`envelope.failure.${kind as (typeof FAILURES)[number]}`, { defaultValue: kind })} checked={envelope.retryOn.includes(kind)} disabled={readOnly} onChange={() => toggle(kind)} />
        ))}
      </div>
    </>
  );
}

/** The forms of models chosen inside a step hold their own name beside their settings, under this one. */
const MODEL_PARAM: Param = { name: "fallbackModel", label: "", type: "asyncOptions", definition: {} };

const models = (catalog: readonly CatalogNode[]) => catalog.filter((entry) => entry.category === "Chat Models" && entry.badge !== "DEPRECATING" && !(entry.tags ?? []).includes("LlamaIndex"));

function Fallback({ view }: { view: NodeView }): ReactNode {
  const { t } = useTranslation("canvas");
  const { catalog } = useParts();
  const { envelope, readOnly, set } = useEnvelope(view);
  const id = useId();
  const { fallback } = envelope;
  const options = models(catalog ?? []).map((entry) => ({ value: entry.name, label: entry.label, icon: <IconTile look={lookOf(entry.category, entry.name)} icon={entry.icon ? nodeIconUrl(entry.name) : undefined} size="xs" /> }));
  const choose = (name: string) => set({ fallbackModel: name ? { name, config: name === fallback?.name ? fallback.config : {} } : undefined });
  const values: JsonObject = fallback ? { fallbackModel: fallback.name, fallbackModelConfig: Object.keys(fallback.config).length > 0 ? fallback.config : undefined } : {};
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium text-ink">
        {t("envelope.fallback")}
      </label>
      <Combobox
        id={id}
        label={t("envelope.fallback")}
        value={fallback?.name ?? ""}
        onChange={choose}
        options={[{ value: "", label: t("envelope.noFallback") }, ...options]}
        placeholder={t("envelope.noFallback")}
        searchLabel={t("field.search")}
        clearLabel={t("picker.clear")}
        empty={t("field.nothingFound")}
        disabled={readOnly}
        describedBy={`${id}-hint`}
      />
      <p id={`${id}-hint`} className="text-sm text-muted">
        {t("envelope.fallbackHint")}
      </p>
      {fallback && (
        <ConfigForm
          param={MODEL_PARAM}
          component={fallback.name}
          values={values}
          scope={{ nodeId: view.id, component: fallback.name, root: values, path: "envelope.", readOnly, form: FieldForm }}
          onChange={(next) => {
            const { fallbackModel: _, ...config } = (next["fallbackModelConfig"] ?? {}) as JsonObject;
            set({ fallbackModel: { name: asText(next["fallbackModel"]) ?? fallback.name, config } });
          }}
        />
      )}
    </div>
  );
}
