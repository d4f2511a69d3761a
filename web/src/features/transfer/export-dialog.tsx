// Everything of the workspace, or some of it, as one file.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { EXPORT_PARTS, type ExportPart, exportWorkspace } from "~/api/transfer";
import { saveJson } from "~/lib/save-file";
import { Button } from "~/ui/button";
import { Notice } from "~/ui/card";
import { CheckboxField } from "~/ui/form";
import { FormDialog } from "~/ui/form-dialog";
import { toast } from "~/ui/toast";

/** What people carry to another server; conversations only when they ask for them. */
const AT_FIRST: readonly ExportPart[] = ["chatflow", "agentflowv2", "agentflow", "assistantCustom", "assistantOpenAI", "assistantAzure", "tool", "variable", "custom_template", "document_store"];
/** The server writes no executions into a file: offering them would promise an empty list. */
const OFFERED = EXPORT_PARTS.filter((part) => part !== "execution");

export function ExportDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("transfer");
  const [parts, setParts] = useState<readonly ExportPart[]>(AT_FIRST);
  const save = useMutation({
    mutationFn: () => exportWorkspace(parts),
    onSuccess: ({ FileDefaultName: _name, ...file }) => {
      saveJson(`Flowstone ${new Date().toISOString().slice(0, 10)}.json`, { FileDefaultName: "ExportData.json", ...file });
      toast.success(t("export.done"));
      onClose();
    },
  });
  const all = parts.length === OFFERED.length;
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("export.title")}
      description={t("export.lead")}
      submit={t("export.submit")}
      busy={save.isPending}
      error={save.error}
      onSubmit={() => parts.length > 0 && save.mutate()}
      aside={
        <Button variant="ghost" onClick={() => setParts(all ? [] : OFFERED)}>
          {t(all ? "export.none" : "export.all")}
        </Button>
      }
    >
      <fieldset className="grid gap-x-6 gap-y-2.5 sm:grid-cols-2">
        <legend className="sr-only">{t("export.parts")}</legend>
        {OFFERED.map((part) => (
          <CheckboxField key={part} label={t(`part.${part}`)} checked={parts.includes(part)} onChange={(on) => setParts(on ? [...parts, part] : parts.filter((other) => other !== part))} />
        ))}
      </fieldset>
      {parts.length === 0 && <p className="text-sm text-danger">{t("export.nothing")}</p>}
      <Notice tone="info">{t("export.secrets")}</Notice>
    </FormDialog>
  );
}
