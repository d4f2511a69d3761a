// Making or changing a key; a new one is shown once.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type ApiKeyRow, changeKey, createKey, keyPermissionsQuery } from "~/api/workbench";
import { Button } from "~/ui/button";
import { Notice } from "~/ui/card";
import { copyText } from "~/ui/copy-button";
import { Dialog } from "~/ui/dialog";
import { FormDialog } from "~/ui/form-dialog";
import { Field } from "~/ui/input";
import { ErrorNotice, Skeleton } from "~/ui/states";
import { toast } from "~/ui/toast";
import { PermissionPicker } from "./permission-tree";

export interface KeyDialogProps {
  /** The one to change; without it a new one is made. */
  row: ApiKeyRow | undefined;
  onClose: () => void;
}

export function KeyDialog({ row, onClose }: KeyDialogProps) {
  const { t } = useTranslation("apiKeys");
  const { t: common } = useTranslation();
  const queryClient = useQueryClient();
  const permissions = useQuery(keyPermissionsQuery());
  const [name, setName] = useState(row?.keyName ?? "");
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(row?.permissions));
  const [touched, setTouched] = useState(false);
  const [checked, setChecked] = useState(false);
  const [made, setMade] = useState<ApiKeyRow>();
  const save = useMutation({
    mutationFn: () => (row ? changeKey(row.id, { keyName: name.trim(), permissions: [...chosen] }) : createKey({ keyName: name.trim(), permissions: [...chosen] })),
    onSuccess: async (rows) => {
      const known = queryClient.getQueryData<ApiKeyRow[]>(["api-keys"]) ?? [];
      await queryClient.invalidateQueries({ queryKey: ["api-keys"] });
      if (row) {
        toast.success(t("saved", { name: name.trim() }));
        onClose();
      } else {
        setMade(rows.find((entry) => !known.some((old) => old.id === entry.id)) ?? rows.at(-1));
      }
    },
  });
  if (made) return <ShownOnce made={made} onClose={onClose} />;
  return (
    <FormDialog
      open
      size="lg"
      onOpenChange={(open) => !open && onClose()}
      title={t(row ? "editTitle" : "add")}
      submit={row ? common("save") : t("create")}
      busy={save.isPending}
      error={save.error}
      dirty={touched}
      onSubmit={() => {
        setChecked(true);
        if (name.trim()) save.mutate();
      }}
    >
      <Field
        label={t("name")}
        name="keyName"
        autoComplete="off"
        placeholder={t("namePlaceholder")}
        value={name}
        onChange={(event) => {
          setName(event.target.value);
          setTouched(true);
        }}
        error={checked && !name.trim() ? t("nameMissing") : undefined}
      />
      {permissions.isPending && <Skeleton className="h-64" />}
      <ErrorNotice error={permissions.error} />
      {permissions.data && (
        <PermissionPicker
          tree={permissions.data}
          chosen={chosen}
          onChange={(next) => {
            setChosen(next);
            setTouched(true);
          }}
        />
      )}
    </FormDialog>
  );
}

function ShownOnce({ made, onClose }: { made: ApiKeyRow; onClose: () => void }) {
  const { t } = useTranslation("apiKeys");
  const { t: common } = useTranslation();
  const [copied, setCopied] = useState(false);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("made.title", { name: made.keyName })}
      footer={
        <Button variant="primary" onClick={onClose}>
          {t("made.done")}
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <Notice tone="warning">{t("made.once")}</Notice>
        <div className="flex items-center gap-2 rounded-md border border-line bg-sunken p-1.5 ps-3">
          <code className="min-w-0 flex-1 font-mono text-sm text-ink select-all [overflow-wrap:anywhere]">{made.apiKey}</code>
          <Button data-autofocus onClick={() => void copyText(made.apiKey).then(setCopied)}>
            {copied ? <Check aria-hidden className="text-success" /> : <Copy aria-hidden />}
            <span role="status">{copied ? common("copied") : common("copy")}</span>
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
