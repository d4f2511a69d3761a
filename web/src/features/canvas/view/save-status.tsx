// Whether what is on the canvas is safe, in a few words; and what to do when it is not.
import { Check, CloudOff, LoaderCircle, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { fetchDraft } from "~/api/flow-drafts";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { diffOf } from "../model/diff";
import { type FlowGraph, parseFlowData } from "../model/flow-data";
import { DiffView } from "./diff-view";
import { useEditor, useParts } from "./editor-context";

export function SaveStatus() {
  const { t } = useTranslation("canvas");
  const { saver, flowId } = useParts();
  const { status, reason } = useStore(saver);
  const readOnly = useEditor((state) => state.readOnly);
  if (readOnly) return null;
  const text = !flowId && status === "saved" ? t("save.new") : t(`save.${status}`);
  return (
    <>
      <span role="status" title={reason} className="flex shrink-0 items-center gap-1.5 text-sm text-muted max-sm:[&>span]:sr-only [&_svg]:size-4">
        {status === "saved" && flowId && <Check aria-hidden className="text-success" />}
        {status === "saving" && <LoaderCircle aria-hidden className="animate-spin" />}
        {status === "offline" && <CloudOff aria-hidden className="text-warning" />}
        {(status === "refused" || status === "conflict") && <TriangleAlert aria-hidden className="text-danger" />}
        <span>{text}</span>
      </span>
      {(status === "refused" || status === "offline") && (
        <Button size="sm" onClick={() => void saver.flush()}>
          {t("save.again")}
        </Button>
      )}
      {status === "refused" && reason && <span className="max-w-64 truncate text-sm text-danger max-lg:hidden">{reason}</span>}
      {status === "conflict" && <Conflict />}
    </>
  );
}

/** Somebody else saved this flow meanwhile: look at what differs, then keep one of the two. */
function Conflict() {
  const { t } = useTranslation("canvas");
  const errorText = useErrorText();
  const { editor, saver, flowId } = useParts();
  const rival = useStore(saver, (state) => state.rival);
  const [theirs, setTheirs] = useState<{ graph: FlowGraph; draft: NonNullable<Awaited<ReturnType<typeof fetchDraft>>> }>();
  const [open, setOpen] = useState(false);
  const mine = useEditor((state) => state.graph);
  const look = async () => {
    try {
      const draft = flowId ? await fetchDraft(flowId) : null;
      if (!draft) return;
      setTheirs({ graph: parseFlowData(draft.flowData), draft });
      setOpen(true);
    } catch (error) {
      toast.error(errorText(error));
    }
  };
  const takeTheirs = () => {
    if (!theirs) return;
    // As an edit, so that it can be undone.
    editor.edit("theirs", () => theirs.graph);
    saver.settled(theirs.draft, editor.getState().graph);
    setOpen(false);
  };
  const keepMine = async () => {
    if (!theirs) return;
    setOpen(false);
    await saver.overwrite(theirs.draft.revision);
  };
  return (
    <>
      <Button size="sm" variant="danger" onClick={() => void look()}>
        {t("conflict.look")}
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        size="lg"
        title={t("conflict.title")}
        description={rival ? t("conflict.bodyBy", { name: rival }) : t("conflict.body")}
        footer={
          <>
            <Button onClick={() => setOpen(false)}>{t("conflict.later")}</Button>
            <Button onClick={takeTheirs}>{t("conflict.theirs")}</Button>
            <Button variant="primary" onClick={() => void keepMine()}>
              {t("conflict.mine")}
            </Button>
          </>
        }
      >
        {theirs && <DiffView diff={diffOf(theirs.graph, mine)} heading={t("conflict.differences")} />}
      </Dialog>
    </>
  );
}
