// Runs again from one node of a kept run: from which of its turns, on which state of the flow, with which settings.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CanvasSearch } from "~/app/router";
import { executionQuery, type FlowSource, latestExecution, rerunExecution, useFlowRun } from "~/features/run";
import type { JsonObject } from "~/lib/json";
import { ErrorNotice } from "~/ui/states";
import { SelectField, SwitchField } from "~/ui/form";
import { FormDialog } from "~/ui/form-dialog";
import { indexOf } from "../model/graph-index";
import { inputsOf, labelOf, nameOf, paramsOf } from "../model/node-data";
import { useEditor, useParts } from "./editor-context";
import { FieldForm } from "./fields/field-form";
import type { FormScope } from "./fields/types";

const SOURCES: readonly FlowSource[] = ["draft", "published", "recorded"];

export function RerunDialog({ nodeId, visit, onClose }: { nodeId: string; visit: number | undefined; onClose: () => void }) {
  const { t } = useTranslation("canvas");
  const { saver, editor, flowId } = useParts();
  const client = useQueryClient();
  const navigate = useNavigate();
  const node = useEditor((state) => indexOf(state.graph).nodes.get(nodeId));
  const run = useFlowRun();
  const times = run?.nodes.get(nodeId)?.times ?? 1;
  const [turn, setTurn] = useState(String(visit ?? times));
  const [source, setSource] = useState<FlowSource>("draft");
  const [edits, setEdits] = useState(false);
  const [changed, setChanged] = useState<JsonObject>({});
  // The chat's own runs are found by their conversation.
  const found = useQuery({ queryKey: ["execution-of", flowId, run?.chatId], queryFn: async () => (await latestExecution(flowId ?? "", run?.chatId ?? "")) ?? null, enabled: run !== undefined && run.executionId === undefined && run.chatId !== undefined, staleTime: 0 });
  const executionId = run?.executionId ?? found.data?.id;
  const execution = useQuery({ ...executionQuery(executionId ?? "", "internal"), enabled: executionId !== undefined });
  const start = useMutation({
    mutationFn: async () => {
      if (!executionId) throw new Error(t("rerun.notKept"));
      // What was changed a moment ago is what runs.
      if (source === "draft" && !editor.getState().readOnly && !(await saver.flush())) throw new Error(t("versions.notSaved"));
      const inputs = edits && Object.keys(changed).length > 0 ? changed : undefined;
      return rerunExecution(executionId, { nodeId, flow: source, ...(times > 1 ? { iteration: Number(turn) } : {}), ...(inputs ? { inputs } : {}) });
    },
    onSuccess: async ({ executionId: begun }) => {
      onClose();
      void client.invalidateQueries({ queryKey: ["executions"] });
      await navigate({ to: ".", search: (before: CanvasSearch) => ({ ...before, run: begun, compare: undefined }), replace: true } as never);
    },
  });
  const params = useMemo(() => (node ? paramsOf(node).filter((param) => param.name !== "credential") : []), [node]);
  if (!node) return null;
  const values = { ...inputsOf(node), ...changed };
  const scope: FormScope = { nodeId: `rerun-${nodeId}`, component: nameOf(node), root: values, path: "", readOnly: false, form: FieldForm };
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      size={edits ? "lg" : "md"}
      title={t("rerun.title", { label: labelOf(node) })}
      description={t("rerun.body")}
      submit={t("rerun.start")}
      busy={start.isPending || found.isFetching}
      error={start.error}
      dirty={Object.keys(changed).length > 0}
      onSubmit={() => start.mutate()}
    >
      {(found.isError || execution.isError) && <ErrorNotice error={found.error ?? execution.error} />}
      {times > 1 && (
        <SelectField label={t("rerun.turn")} value={turn} onChange={setTurn} choices={Array.from({ length: times }, (_, index) => ({ value: String(index + 1), label: t("rerun.turnNumber", { number: index + 1, count: times }) }))} />
      )}
      <SelectField label={t("rerun.flow")} hint={t(`rerun.hint.${source}`)} value={source} onChange={(value) => setSource(SOURCES.find((one) => one === value) ?? "draft")} choices={SOURCES.map((value) => ({ value, label: t(`rerun.source.${value}`) }))} />
      {params.length > 0 && <SwitchField label={t("rerun.edit")} hint={t("rerun.editHint")} checked={edits} onChange={setEdits} />}
      {edits && (
        <div className="rounded-md border border-line p-4">
          <FieldForm params={params} values={values} scope={scope} onChange={(next) => setChanged((before) => ({ ...before, ...next }))} />
        </div>
      )}
    </FormDialog>
  );
}
