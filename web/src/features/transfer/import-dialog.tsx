// Taking files in, with a plan first: what is new, what is here already, what is done about it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleAlert, FileUp } from "lucide-react";
import { type DragEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { Dialog } from "~/ui/dialog";
import { FilePick } from "~/ui/file-pick";
import { FlowImport } from "./flow-import";
import { LARGEST_FILE, type Reading, readImport } from "./read-file";
import { WorkspaceImport } from "./workspace-import";

export function ImportDialog({ files, onClose }: { files: readonly File[]; onClose: () => void }) {
  const { t } = useTranslation("transfer");
  const queryClient = useQueryClient();
  const { mutate, data: readings, reset } = useMutation({ mutationFn: readAll });
  // Once: files chosen before the dialog opened.
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current || files.length === 0) return;
    begun.current = true;
    mutate(files);
  }, [files, mutate]);
  const done = () => {
    void queryClient.invalidateQueries();
    onClose();
  };
  const usable = (readings ?? []).filter((reading) => reading.kind !== "problem");
  const problems = (readings ?? []).filter((reading) => reading.kind === "problem");
  const workspace = usable.find((reading) => reading.kind === "workspace");
  const flows = usable.filter((reading) => reading.kind === "flow");
  const notes = problems.length > 0 && <Problems problems={problems} />;
  // A workspace is a decision of its own: single flows beside it wait for another time.
  if (workspace) return <WorkspaceImport reading={workspace} notes={notes} onClose={onClose} onDone={done} />;
  if (flows.length > 0) return <FlowImport readings={flows} notes={notes} onClose={onClose} onDone={done} />;
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("import.title")} description={t("import.lead")}>
      <div className="flex flex-col gap-4">
        {notes}
        <DropZone
          onFiles={(chosen) => {
            reset();
            mutate(chosen);
          }}
        />
      </div>
    </Dialog>
  );
}

function readAll(files: readonly File[]): Promise<Reading[]> {
  return Promise.all(files.map(async (file) => (file.size > LARGEST_FILE ? { kind: "problem" as const, fileName: file.name, reason: "tooBig" as const } : readImport(await file.text(), file.name))));
}

function Problems({ problems }: { problems: readonly Reading[] }) {
  const { t } = useTranslation("transfer");
  return (
    <div role="alert" className="rounded-md bg-danger-soft px-3 py-2.5 text-sm text-danger">
      <ul className="flex flex-col gap-1.5">
        {problems.map((problem) => (
          <li key={problem.fileName} className="flex items-start gap-2 [overflow-wrap:anywhere]">
            <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
            {problem.kind === "problem" && t(`problem.${problem.reason}`, { file: problem.fileName })}
          </li>
        ))}
      </ul>
    </div>
  );
}

function DropZone({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const { t } = useTranslation("transfer");
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const files = [...event.dataTransfer.files];
    if (files.length > 0) onFiles(files);
  };
  return (
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={cx("flex flex-col items-center gap-3 rounded-lg border-2 border-dashed px-6 py-10 text-center", over ? "border-primary bg-primary-soft" : "border-line-strong bg-sunken")}
    >
      <FileUp aria-hidden className="size-8 text-faint" />
      <p className="text-base text-muted">{t("import.drop")}</p>
      <FilePick accept="application/json,.json" multiple onPick={onFiles} label={t("import.choose")} />
    </div>
  );
}

