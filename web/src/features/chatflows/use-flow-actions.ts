// What is done with flows in a list: copies, files, deletion.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { createFlow, deleteFlow, type FlowSummary } from "~/api/flows";
import { deleteWithUndo } from "~/features/list";
import { useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";

export function useFlowActions() {
  const { t } = useTranslation("flows");
  const { t: list } = useTranslation("list");
  const errorText = useErrorText();
  const queryClient = useQueryClient();
  const refresh = () => queryClient.invalidateQueries({ queryKey: ["chatflows"] });

  const copy = useMutation({
    mutationFn: async (flow: FlowSummary) => {
      const { id: _id, name, flowData, type, createdDate: _created, updatedDate: _updated, deployed: _deployed, isPublic: _public, ...settings } = await (await import("~/api/flow-drafts")).fetchAsEdited(flow.id);
      return createFlow({ ...settings, name: t("copyOf", { name }), flowData: flowData ?? "{}", type: type ?? "CHATFLOW" });
    },
    onSuccess: async (made) => {
      await refresh();
      toast.success(t("duplicated", { name: made.name }));
    },
    onError: (error) => toast.error(t("duplicateFailed", { reason: errorText(error) })),
  });

  const save = useMutation({
    mutationFn: async (flows: readonly FlowSummary[]) => (await import("./export-flow")).exportFlows(flows),
    onSuccess: (_done, flows) => toast.success(t("exported", { count: flows.length })),
    onError: (error) => toast.error(t("exportFailed", { reason: error.message === "unreadable" ? t("unreadable") : errorText(error) })),
  });

  const remove = (flows: readonly FlowSummary[]) => {
    const [first] = flows;
    if (!first) return;
    deleteWithUndo({
      ids: flows.map((flow) => flow.id),
      done: flows.length === 1 ? list("deleted", { name: first.name }) : t("deletedMany", { count: flows.length }),
      undo: list("undo"),
      remove: deleteFlow,
      settled: refresh,
      failed: (error) => toast.error(list("deleteFailed", { reason: errorText(error) })),
    });
  };
  return { duplicate: (flow: FlowSummary) => copy.mutate(flow), exportAll: (flows: readonly FlowSummary[]) => save.mutate(flows), remove };
}
