// Whether what is on the canvas is safe, in a few words; and what to do when it is not.
import { Check, CloudOff, LoaderCircle, TriangleAlert } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { Button } from "~/ui/button";
import { useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import type { Clash } from "../model/saver";
import { useEditor, useParts } from "./editor-context";

const MergeDialog = lazy(() => import("./merge-dialog").then((part) => ({ default: part.MergeDialog })));

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
      <MergeNotice />
    </>
  );
}

/** Somebody else saved this flow meanwhile: look at what collides, and choose. */
function Conflict() {
  const { t } = useTranslation("canvas");
  const errorText = useErrorText();
  const { saver } = useParts();
  const rival = useStore(saver, (state) => state.rival);
  const [clash, setClash] = useState<Clash>();
  const [busy, setBusy] = useState(false);
  const look = async () => {
    setBusy(true);
    try {
      setClash(await saver.look());
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button size="sm" variant="danger" busy={busy} onClick={() => void look()}>
        {t("conflict.look")}
      </Button>
      <Suspense>{clash && <MergeDialog clash={clash} rival={rival} onClose={() => setClash(undefined)} />}</Suspense>
    </>
  );
}

/** Says when somebody else's work came in by itself. */
function MergeNotice() {
  const { t } = useTranslation("canvas");
  const { editor, saver } = useParts();
  useEffect(
    () =>
      saver.subscribe(({ merged }, before) => {
        if (!merged || merged === before.merged) return;
        toast.info(t("conflict.merged", { name: merged.by ?? t("conflict.others") }), { action: { label: t("tools.undo"), run: () => editor.undo() } });
      }),
    [editor, saver, t],
  );
  return null;
}
