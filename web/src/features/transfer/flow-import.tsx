// The plan for single flows: under which name each comes in, and what is done about one of the same name.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { KeyRound, TriangleAlert } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api";
import { createFlow, flowPath, type FlowSummary, flowSummariesQuery } from "~/api/flows";
import { nodesQuery } from "~/api/queries";
import { credentialKindsOf, nodesOf } from "~/features/chatflows";
import { asObjects } from "~/lib/json";
import { Chip } from "~/ui/card";
import { SelectField } from "~/ui/form";
import { FormDialog } from "~/ui/form-dialog";
import { Field } from "~/ui/input";
import { toast } from "~/ui/toast";
import type { Choice } from "./plan";
import type { Reading } from "./read-file";

type FlowReading = Extract<Reading, { kind: "flow" }>;

interface Decision {
  name: string;
  choice: Choice;
  /** The flow of the same name and kind that is here. */
  existing: FlowSummary | undefined;
}

export function FlowImport({ readings, notes, onClose, onDone }: { readings: readonly FlowReading[]; notes: ReactNode; onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation("transfer");
  const navigate = useNavigate();
  const [decisions, setDecisions] = useState<Record<number, Decision>>({});
  const decide = (index: number, decision: Decision) => setDecisions((before) => ({ ...before, [index]: decision }));
  const wanted = readings.flatMap((reading, index) => {
    const decision = decisions[index] ?? { name: reading.name, choice: "duplicate" as const, existing: undefined };
    return decision.choice === "skip" && decision.existing ? [] : [{ reading, decision }];
  });
  const take = useMutation({
    mutationFn: async () => {
      const ids: { id: string; type: string }[] = [];
      // One after the other: should one be refused, it is clear which are in.
      for (const { reading, decision } of wanted) ids.push({ id: await write(reading, decision), type: reading.type });
      return ids;
    },
    onSuccess: async (ids) => {
      const [first] = ids;
      toast.success(ids.length === 1 ? t("flow.done", { name: wanted[0]?.decision.name }) : t("flow.doneMany", { count: ids.length }));
      onDone();
      if (ids.length === 1 && first) await navigate({ to: flowPath(first) });
    },
  });
  const nameless = wanted.some(({ decision }) => !decision.name.trim());
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="lg"
      title={t("flow.title", { count: readings.length })}
      description={t("flow.lead")}
      submit={t("import.submit")}
      busy={take.isPending}
      error={take.error}
      onSubmit={() => !nameless && wanted.length > 0 && take.mutate()}
    >
      {notes}
      {readings.map((reading, index) => (
        <FlowRow key={reading.fileName} reading={reading} decision={decisions[index]} onDecide={(decision) => decide(index, decision)} />
      ))}
    </FormDialog>
  );
}

/** Writes one flow and gives its id. What is here keeps its settings where the file says nothing of them. */
async function write({ graph, type, settings }: FlowReading, { name, choice, existing }: Decision): Promise<string> {
  const flowData = JSON.stringify(graph);
  if (existing && choice === "update") {
    await api.request(`/chatflows/${encodeURIComponent(existing.id)}`, { method: "PUT", body: { flowData, ...settings } });
    return existing.id;
  }
  return (await createFlow({ ...settings, name: name.trim(), flowData, type })).id;
}

function FlowRow({ reading, decision, onDecide }: { reading: FlowReading; decision: Decision | undefined; onDecide: (decision: Decision) => void }) {
  const { t } = useTranslation("transfer");
  const name = decision?.name ?? reading.name;
  const same = useQuery(flowSummariesQuery({ type: reading.type, q: name.trim(), sort: "updatedDate", descending: true, page: 1, limit: 50 }));
  const existing = same.data?.data.find((flow) => flow.name === name.trim());
  const choice = decision?.choice ?? "duplicate";
  const catalog = useQuery(nodesQuery());
  const entries = asObjects(reading.graph["nodes"]);
  const nodes = nodesOf(entries);
  const known = new Set((catalog.data ?? []).map((node) => node.name));
  const missing = catalog.data ? [...new Set(nodes.filter((node) => !known.has(node.name)).map((node) => node.label))] : [];
  const credentials = credentialKindsOf(entries);
  return (
    <section aria-label={reading.fileName} className="flex flex-col gap-3 rounded-lg border border-line p-4">
      <p className="flex flex-wrap items-center gap-2 text-sm text-muted">
        <Chip>{t(`type.${reading.type}`)}</Chip>
        <span className="min-w-0 truncate">{reading.fileName}</span>
        <span className="ms-auto">{t("flow.nodes", { count: nodes.length })}</span>
      </p>
      <Field
        label={t("flow.name")}
        value={name}
        onChange={(event) => onDecide({ name: event.target.value, choice, existing: undefined })}
        error={name.trim() ? undefined : t("flow.nameMissing")}
      />
      {existing && (
        <SelectField
          label={t("flow.exists", { name: existing.name })}
          value={choice}
          onChange={(next) => onDecide({ name, choice: next as Choice, existing })}
          choices={[
            { value: "duplicate", label: t("choice.duplicate") },
            { value: "update", label: t("choice.updateFlow") },
            { value: "skip", label: t("choice.skip") },
          ]}
        />
      )}
      {missing.length > 0 && (
        <p className="flex items-start gap-2 text-sm text-warning">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          {t("flow.missing", { count: missing.length, names: missing.join(", ") })}
        </p>
      )}
      {credentials.length > 0 && (
        <p className="flex items-start gap-2 text-sm text-muted">
          <KeyRound aria-hidden className="mt-0.5 size-4 shrink-0" />
          {t("flow.credentials", { names: credentials.join(", ") })}
        </p>
      )}
    </section>
  );
}
