// Adding or changing a variable.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { saveVariable, type Variable } from "~/api/workbench";
import { SelectField, TextAreaField } from "~/ui/form";
import { FormDialog } from "~/ui/form-dialog";
import { Field } from "~/ui/input";
import { toast } from "~/ui/toast";
import { nameProblem } from "./model";

export interface VariableDialogProps {
  /** The one to change; without it a new one is made. */
  variable: Variable | undefined;
  /** Names of all the others. */
  taken: readonly string[];
  onClose: () => void;
}

export function VariableDialog({ variable, taken, onClose }: VariableDialogProps) {
  const { t } = useTranslation("variables");
  const { t: common } = useTranslation();
  const queryClient = useQueryClient();
  const before = { name: variable?.name ?? "", type: variable?.type === "runtime" ? ("runtime" as const) : ("static" as const), value: variable?.value ?? "" };
  const [form, setForm] = useState(before);
  const [checked, setChecked] = useState(false);
  const problem = nameProblem(form.name, taken);
  const save = useMutation({
    mutationFn: () => saveVariable({ name: form.name.trim(), type: form.type, value: form.type === "static" ? form.value : "" }, variable?.id),
    onSuccess: async (saved) => {
      toast.success(t("saved", { name: saved.name }));
      await queryClient.invalidateQueries({ queryKey: ["variables"] });
      onClose();
    },
  });
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t(variable ? "editTitle" : "add")}
      submit={common("save")}
      busy={save.isPending}
      error={save.error}
      dirty={form.name !== before.name || form.value !== before.value || form.type !== before.type}
      onSubmit={() => {
        setChecked(true);
        if (!problem) save.mutate();
      }}
    >
      <Field
        label={t("name")}
        name="variableName"
        autoComplete="off"
        spellCheck={false}
        value={form.name}
        onChange={(event) => setForm({ ...form, name: event.target.value })}
        hint={variable && form.name.trim() !== before.name ? t("renameHint") : undefined}
        error={checked && problem ? t(`nameProblem.${problem}`) : undefined}
      />
      <SelectField
        label={t("type")}
        value={form.type}
        onChange={(type) => setForm({ ...form, type: type === "runtime" ? "runtime" : "static" })}
        choices={[
          { value: "static", label: t("static") },
          { value: "runtime", label: t("runtime") },
        ]}
        hint={t(form.type === "static" ? "staticHint" : "runtimeHint", { name: form.name.trim() || "NAME" })}
      />
      {form.type === "static" && <TextAreaField label={t("value")} value={form.value} onChange={(value) => setForm({ ...form, value })} rows={3} mono spellCheck={false} />}
    </FormDialog>
  );
}
