// What was published before: look at what differs, and bring one back into the draft.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { GitCompare, RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { dropDraft, fetchDraft, fetchVersion, fetchVersions, type FlowVersion, restoreVersion } from "~/api/flow-drafts";
import { absoluteTime, relativeTime } from "~/lib/time";
import { Button } from "~/ui/button";
import { Chip } from "~/ui/card";
import { ConfirmDialog, Dialog } from "~/ui/dialog";
import { ErrorState, Skeleton, useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { diffOf, type FlowDiff } from "../model/diff";
import { parseFlowData } from "../model/flow-data";
import { DiffView } from "./diff-view";
import { useEditor, useParts } from "./editor-context";
import type { Actions } from "./use-actions";

export function versionsQuery(flowId: string) {
  return { queryKey: ["versions", flowId], queryFn: ({ signal }: { signal: AbortSignal }) => fetchVersions(flowId, signal) };
}

export function VersionsPanel({ flowId, actions }: { flowId: string; actions: Actions }) {
  const { t, i18n } = useTranslation("canvas");
  const errorText = useErrorText();
  const { editor, saver } = useParts();
  const client = useQueryClient();
  const versions = useQuery(versionsQuery(flowId));
  const ahead = useStore(saver, (state) => state.ahead);
  const readOnly = useEditor((state) => state.readOnly);
  const [compared, setCompared] = useState<{ version: FlowVersion; diff: FlowDiff }>();
  const [dropping, setDropping] = useState(false);
  const [busy, setBusy] = useState<number>();

  const attempt = async (number: number, act: () => Promise<void>) => {
    setBusy(number);
    try {
      await act();
    } catch (error) {
      toast.error(errorText(error));
    } finally {
      setBusy(undefined);
    }
  };
  const compare = (version: FlowVersion) =>
    attempt(version.number, async () => {
      const { flowData } = await fetchVersion(flowId, version.number);
      setCompared({ version, diff: diffOf(parseFlowData(flowData), editor.getState().graph) });
    });
  const restore = (version: FlowVersion) =>
    attempt(version.number, async () => {
      if (!(await saver.flush())) throw new Error(t("versions.notSaved"));
      const draft = await restoreVersion(flowId, version.number, saver.getState().revision);
      editor.edit("restore", () => parseFlowData(draft.flowData));
      saver.settled(draft, editor.getState().graph);
      setCompared(undefined);
      toast.success(t("versions.restored", { number: version.number }), { action: { label: t("tools.undo"), run: actions.undo } });
    });
  const discard = () =>
    attempt(0, async () => {
      setDropping(false);
      await dropDraft(flowId);
      const live = await fetchDraft(flowId);
      if (!live) return;
      editor.edit("restore", () => parseFlowData(live.flowData));
      saver.settled(live, editor.getState().graph);
      await client.invalidateQueries({ queryKey: ["chatflow", flowId] });
    });

  if (versions.isPending) return <div className="flex flex-col gap-2 p-4">{[1, 2, 3].map((row) => <Skeleton key={row} className="h-14" />)}</div>;
  if (versions.isError) return <ErrorState error={versions.error} onRetry={() => void versions.refetch()} />;
  return (
    <div className="flex flex-col gap-3 p-3">
      {ahead && (
        <div className="rounded-md bg-primary-soft p-3 text-sm text-primary-ink">
          <p>{t("versions.ahead")}</p>
          {!readOnly && (
            <div className="mt-2 flex gap-2">
              <Button size="sm" onClick={() => setDropping(true)}>
                <Trash2 aria-hidden />
                {t("versions.discard")}
              </Button>
            </div>
          )}
        </div>
      )}
      {versions.data.length === 0 && <p className="p-2 text-sm text-muted">{t("versions.empty")}</p>}
      <ol aria-label={t("versions.title")} className="flex flex-col gap-2">
        {versions.data.map((version) => (
          <li key={version.number} className="rounded-md border border-line p-3">
            <div className="flex items-center gap-2 text-sm">
              <span className="font-semibold text-ink">{t("versions.number", { number: version.number })}</span>
              {version.live && <Chip>{t("versions.live")}</Chip>}
              <time dateTime={version.createdDate} title={absoluteTime(version.createdDate, i18n.language)} className="ms-auto text-xs text-muted">
                {relativeTime(version.createdDate, i18n.language)}
              </time>
            </div>
            {version.note && <p className="mt-1 text-sm text-ink [overflow-wrap:anywhere]">{version.note}</p>}
            <p className="text-xs text-muted">{version.createdBy?.name ?? ""}</p>
            <div className="mt-2 flex gap-1.5">
              <Button size="sm" busy={busy === version.number} onClick={() => void compare(version)} aria-label={t("versions.compareOf", { number: version.number })}>
                <GitCompare aria-hidden />
                {t("versions.compare")}
              </Button>
              {!readOnly && (
                <Button size="sm" disabled={busy !== undefined} onClick={() => void restore(version)} aria-label={t("versions.restoreOf", { number: version.number })}>
                  <RotateCcw aria-hidden />
                  {t("versions.restore")}
                </Button>
              )}
            </div>
          </li>
        ))}
      </ol>
      <Dialog
        open={compared !== undefined}
        onOpenChange={(open) => !open && setCompared(undefined)}
        size="lg"
        title={t("versions.since", { number: compared?.version.number })}
        footer={
          compared && !readOnly && (
            <Button onClick={() => void restore(compared.version)}>
              <RotateCcw aria-hidden />
              {t("versions.restore")}
            </Button>
          )
        }
      >
        {compared && (
          <DiffView
            diff={compared.diff}
            heading={t("versions.since", { number: compared.version.number })}
            onReveal={(id) => {
              setCompared(undefined);
              actions.reveal(id);
            }}
          />
        )}
      </Dialog>
      <ConfirmDialog open={dropping} onOpenChange={setDropping} title={t("versions.discardTitle")} description={t("versions.discardBody")} confirm={t("versions.discard")} busy={false} onConfirm={() => void discard()} />
    </div>
  );
}
