// Saving a tool as a template for others of the workspace.
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type CustomTool, saveToolTemplate } from "~/api/workbench";
import { TextAreaField } from "~/ui/form";
import { FormDialog } from "~/ui/form-dialog";
import { Field } from "~/ui/input";
import { toast } from "~/ui/toast";

export function TemplateDialog({ tool, onClose }: { tool: CustomTool; onClose: () => void }) {
  const { t } = useTranslation("tools");
  const { t: common } = useTranslation();
  const [name, setName] = useState(tool.name);
  const [description, setDescription] = useState(tool.description);
  const [usecases, setUsecases] = useState("");
  const [checked, setChecked] = useState(false);
  const save = useMutation({
    mutationFn: () =>
      saveToolTemplate({
        name: name.trim(),
        description: description.trim(),
        badge: "",
        usecases: usecases.split(",").map((usecase) => usecase.trim()).filter(Boolean),
        tool: { iconSrc: tool.iconSrc, schema: tool.schema, func: tool.func },
      }),
    onSuccess: () => {
      toast.success(t("template.done", { name: name.trim() }));
      onClose();
    },
  });
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("template.action")}
      submit={common("save")}
      busy={save.isPending}
      error={save.error}
      onSubmit={() => {
        setChecked(true);
        if (name.trim()) save.mutate();
      }}
    >
      <Field label={t("name")} value={name} onChange={(event) => setName(event.target.value)} error={checked && !name.trim() ? t("nameProblem.missing") : undefined} />
      <TextAreaField label={t("description")} value={description} onChange={setDescription} rows={3} />
      <Field label={`${t("template.usecases")} (${common("optional")})`} hint={t("template.usecasesHint")} value={usecases} onChange={(event) => setUsecases(event.target.value)} />
    </FormDialog>
  );
}
