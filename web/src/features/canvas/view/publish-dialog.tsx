// Makes the draft what everybody gets: with what changes, what is wrong, and a note for the list of versions.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { publishDraft } from "~/api/flow-drafts";
import { chatflowQuery } from "~/api/queries";
import { Button } from "~/ui/button";
import { Notice } from "~/ui/card";
import { Dialog } from "~/ui/dialog";
import { TextAreaField } from "~/ui/form";
import { LoadingPage } from "~/app/layouts/root";
import { useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { diffOf } from "../model/diff";
import { type FlowGraph, parseFlowData } from "../model/flow-data";
import { DiffView } from "./diff-view";
import { useEditor, useGraph, useParts } from "./editor-context";

export function PublishDialog({ flowId, onClose }: { flowId: string; onClose: () => void }) {
  const { t } = useTranslation("canvas");
  const errorText = useErrorText();
  const { editor, saver } = useParts();
  const client = useQueryClient();
  const live = useQuery({ ...chatflowQuery(flowId), staleTime: 0 });
  const graph = useEditor((state) => state.graph);
  const { problems } = useGraph();
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [reason, setReason] = useState<string>();
  const errors = problems.filter((problem) => problem.severity === "error").length;
  const before = read(live.data?.flowData);

  const publish = async () => {
    setBusy(true);
    setReason(undefined);
    try {
      if (!(await saver.flush())) throw new Error(t("versions.notSaved"));
      const { flow, version } = await publishDraft(flowId, saver.getState().revision, note.trim());
      saver.settled({ revision: 0, isDraft: false, liveVersion: version.number, baseVersion: version.number }, editor.getState().graph);
      client.setQueryData(chatflowQuery(flowId).queryKey, flow);
      await client.invalidateQueries({ queryKey: ["versions", flowId] });
      toast.success(t("publish.done", { number: version.number }));
      onClose();
    } catch (error) {
      setReason(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="lg"
      title={t("publish.title")}
      description={t("publish.body")}
      footer={
        <>
          <Button onClick={onClose}>{t("publish.cancel")}</Button>
          <Button variant="primary" busy={busy} disabled={live.isPending} onClick={() => void publish()}>
            {t("publish.action")}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {errors > 0 && <Notice tone="warning">{t("publish.problems", { count: errors })}</Notice>}
        {reason && <Notice tone="danger">{reason}</Notice>}
        <TextAreaField label={t("publish.note")} optional={t("publish.optional")} value={note} onChange={setNote} rows={2} maxLength={500} />
        <h3 className="text-sm font-semibold">{t("publish.changes")}</h3>
        {live.isPending ? <LoadingPage /> : before?.nodes.length === 0 ? <p className="text-sm text-muted">{t("publish.first", { nodes: t("nodes", { count: graph.nodes.length }) })}</p> : before ? <DiffView diff={diffOf(before, graph)} heading={t("publish.changes")} /> : <p className="text-sm text-muted">{t("publish.noBefore")}</p>}
      </div>
    </Dialog>
  );
}

function read(text: string | null | undefined): FlowGraph | undefined {
  try {
    return text ? parseFlowData(text) : undefined;
  } catch {
    return undefined;
  }
}
