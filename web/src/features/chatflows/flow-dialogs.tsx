// The forms of the lists: a flow's name, its categories, a template made of it.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { categoriesOf, changeFlow, type FlowSummary } from "~/api/flows";
import { saveTemplate } from "~/api/templates";
import { FormDialog } from "~/ui/form-dialog";
import { TextAreaField } from "~/ui/form";
import { Field } from "~/ui/input";
import { TagField } from "~/ui/tag-field";
import { toast } from "~/ui/toast";

export type FlowDialog = { kind: "rename"; flow: FlowSummary } | { kind: "categories"; flows: readonly FlowSummary[] } | { kind: "template"; flow: FlowSummary };

/** Whichever of the dialogs is open; `categories` are those that exist already. */
export function FlowDialogs({ dialog, onClose, categories }: { dialog: FlowDialog | null; onClose: () => void; categories: readonly string[] }) {
  switch (dialog?.kind) {
    case undefined:
      return null;
    case "rename":
      return <RenameDialog flow={dialog.flow} onClose={onClose} />;
    case "categories":
      return <CategoriesDialog flows={dialog.flows} known={categories} onClose={onClose} />;
    case "template":
      return <TemplateDialog flow={dialog.flow} onClose={onClose} />;
  }
}

const whenShut = (onClose: () => void) => (open: boolean) => {
  if (!open) onClose();
};

function RenameDialog({ flow, onClose }: { flow: FlowSummary; onClose: () => void }) {
  const { t } = useTranslation("flows");
  const { t: common } = useTranslation();
  const queryClient = useQueryClient();
  const [name, setName] = useState(flow.name);
  const [checked, setChecked] = useState(false);
  const save = useMutation({
    mutationFn: () => changeFlow(flow.id, { name: name.trim() }),
    onSuccess: async () => {
      void queryClient.invalidateQueries({ queryKey: ["chatflow", flow.id] });
      await queryClient.invalidateQueries({ queryKey: ["chatflows"] });
      onClose();
    },
  });
  const submit = () => {
    setChecked(true);
    if (name.trim() === flow.name) onClose();
    else if (name.trim()) save.mutate();
  };
  return (
    <FormDialog open onOpenChange={whenShut(onClose)} title={t("rename.title")} submit={common("save")} busy={save.isPending} error={save.error} dirty={name !== flow.name} onSubmit={submit}>
      <Field label={t("column.name")} value={name} onChange={(event) => setName(event.target.value)} onFocus={(event) => event.target.select()} error={checked && !name.trim() ? t("nameMissing") : undefined} />
    </FormDialog>
  );
}

/** One flow: its categories. Several: what is added to all of them and taken from all of them. */
function CategoriesDialog({ flows, known, onClose }: { flows: readonly FlowSummary[]; known: readonly string[]; onClose: () => void }) {
  const { t } = useTranslation("flows");
  const { t: common } = useTranslation();
  const queryClient = useQueryClient();
  const [shared] = useState(() => sharedBy(flows));
  const [values, setValues] = useState<string[]>(shared);
  const save = useMutation({
    mutationFn: () =>
      Promise.all(
        flows.map((flow) => {
          const kept = categoriesOf(flow).filter((category) => !shared.includes(category) && !values.includes(category));
          return changeFlow(flow.id, { category: [...kept, ...values].join(";") });
        }),
      ),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ["chatflows"] });
      onClose();
    },
  });
  const one = flows.length === 1;
  return (
    <FormDialog
      open
      onOpenChange={whenShut(onClose)}
      title={one ? t("categories.title") : t("categories.titleMany", { count: flows.length })}
      description={one ? undefined : t("categories.bodyMany")}
      submit={common("save")}
      busy={save.isPending}
      error={save.error}
      dirty={values.join(";") !== shared.join(";")}
      onSubmit={() => save.mutate()}
    >
      <TagField label={t("categories.label")} hint={t("categories.hint")} values={values} onChange={setValues} suggestions={known} />
    </FormDialog>
  );
}

/** The categories that every one of `flows` has. */
function sharedBy(flows: readonly FlowSummary[]): string[] {
  const [first, ...others] = flows.map(categoriesOf);
  return (first ?? []).filter((category) => others.every((list) => list.includes(category)));
}

function TemplateDialog({ flow, onClose }: { flow: FlowSummary; onClose: () => void }) {
  const { t } = useTranslation("flows");
  const queryClient = useQueryClient();
  const [name, setName] = useState(flow.name);
  const [description, setDescription] = useState("");
  const [badge, setBadge] = useState("");
  const [usecases, setUsecases] = useState<string[]>([]);
  const [checked, setChecked] = useState(false);
  const save = useMutation({
    mutationFn: () => saveTemplate({ name: name.trim(), description: description.trim(), badge: badge.trim(), usecases, chatflowId: flow.id }),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: ["templates"] });
      toast.success(t("template.done", { name: name.trim() }));
      onClose();
    },
  });
  return (
    <FormDialog
      open
      onOpenChange={whenShut(onClose)}
      title={t("action.template")}
      description={t("template.body")}
      submit={t("template.submit")}
      busy={save.isPending}
      error={save.error}
      dirty={name !== flow.name || description !== "" || badge !== "" || usecases.length > 0}
      onSubmit={() => {
        setChecked(true);
        if (name.trim()) save.mutate();
      }}
    >
      <Field label={t("column.name")} value={name} onChange={(event) => setName(event.target.value)} error={checked && !name.trim() ? t("nameMissing") : undefined} />
      <TextAreaField label={t("template.description")} value={description} onChange={setDescription} rows={3} />
      <TagField label={t("template.usecases")} hint={t("template.usecasesHint")} values={usecases} onChange={setUsecases} />
      <Field label={t("template.badge")} hint={t("template.badgeHint")} value={badge} onChange={(event) => setBadge(event.target.value)} maxLength={20} />
    </FormDialog>
  );
}
