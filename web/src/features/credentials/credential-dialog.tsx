// Adding or changing a credential, from any page: choose a kind, fill in its form, try it.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Credential, credentialKindsQuery, type CredentialKind, credentialQuery, credentialsQuery, saveCredential } from "~/api/workbench";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { FormDialog } from "~/ui/form-dialog";
import { Field } from "~/ui/input";
import { ErrorState, Hidden, Skeleton } from "~/ui/states";
import { toast } from "~/ui/toast";
import { Consent } from "./consent";
import { KindFields } from "./fields";
import { KindGrid } from "./kind-grid";
import { KindIcon } from "./kind-icon";
import { asksConsent, freeName, initialValues, missingInputs, sentValues, type Values } from "./model";
import { TestButton } from "./test-button";

export interface CredentialDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** Kinds to choose among; a single one is taken at once. Without it: all. */
  kinds?: readonly string[] | undefined;
  /** The one to change; without it a new one is made. */
  id?: string | undefined;
  onSaved?: (credential: Credential) => void;
}

export function CredentialDialog(props: CredentialDialogProps) {
  return props.open ? <Opened key={props.id ?? "new"} {...props} /> : null;
}

function Opened({ kinds: wanted, id, onOpenChange, onSaved }: CredentialDialogProps) {
  const { t } = useTranslation("credentials");
  const all = useQuery(credentialKindsQuery());
  const stored = useQuery({ ...credentialQuery(id ?? ""), enabled: Boolean(id) });
  const names = useQuery(credentialsQuery());
  const [chosen, setChosen] = useState<string | undefined>(wanted?.length === 1 ? wanted[0] : undefined);
  const kindName = stored.data?.credentialName ?? chosen;
  const kind = all.data?.find((entry) => entry.name === kindName);
  const error = all.error ?? stored.error;
  const title = t(id ? "editTitle" : "addTitle");
  if (error) {
    return (
      <Dialog open onOpenChange={onOpenChange} title={title}>
        <ErrorState error={error} onRetry={() => void (all.error ? all.refetch() : stored.refetch())} className="py-6" />
      </Dialog>
    );
  }
  if (!all.data || (id && stored.isPending) || names.isPending) {
    return (
      <Dialog open onOpenChange={onOpenChange} title={title} size="lg">
        <div role="status" className="flex flex-col gap-3">
          <Hidden>{t("loading")}</Hidden>
          <Skeleton className="h-9" />
          <Skeleton className="h-40" />
        </div>
      </Dialog>
    );
  }
  if (!kind && kindName) {
    return (
      <Dialog open onOpenChange={onOpenChange} title={title} footer={<Button onClick={() => onOpenChange(false)}>{t("close")}</Button>}>
        <p className="text-base text-muted">{t("unknownKind", { kind: kindName })}</p>
      </Dialog>
    );
  }
  if (!kind) {
    const offered = wanted ? all.data.filter((entry) => wanted.includes(entry.name)) : all.data;
    return (
      <Dialog open onOpenChange={onOpenChange} title={t("addTitle")} description={t("kinds.lead")} size="lg">
        <KindGrid kinds={offered} onChoose={(entry) => setChosen(entry.name)} />
      </Dialog>
    );
  }
  return (
    <KindForm
      key={kind.name}
      kind={kind}
      stored={stored.data ? { credential: stored.data, values: stored.data.plainDataObj } : undefined}
      taken={(names.data ?? []).map((credential) => credential.name)}
      onBack={!id && wanted?.length !== 1 ? () => setChosen(undefined) : undefined}
      onOpenChange={onOpenChange}
      onSaved={onSaved}
    />
  );
}

interface KindFormProps {
  kind: CredentialKind;
  stored: { credential: Credential; values: Values } | undefined;
  taken: readonly string[];
  onBack: (() => void) | undefined;
  onOpenChange: (open: boolean) => void;
  onSaved: ((credential: Credential) => void) | undefined;
}

function KindForm({ kind, stored, taken, onBack, onOpenChange, onSaved }: KindFormProps) {
  const { t } = useTranslation("credentials");
  const { t: common } = useTranslation();
  const queryClient = useQueryClient();
  const [saved, setSaved] = useState(stored?.credential);
  const [name, setName] = useState(stored?.credential.name ?? freeName(kind.label, taken));
  const [values, setValues] = useState<Values>(stored?.values ?? initialValues(kind));
  const [checked, setChecked] = useState(false);
  const [dirty, setDirty] = useState(false);
  const missing = missingInputs(kind, values);
  const isRight = Boolean(name.trim()) && missing.length === 0;

  const save = useMutation({
    mutationFn: () => saveCredential({ name: name.trim(), credentialName: kind.name, plainDataObj: sentValues(kind, values) }, saved?.id),
    onSuccess: async (credential) => {
      setSaved(credential);
      setDirty(false);
      await queryClient.invalidateQueries({ queryKey: ["credentials"] });
      onSaved?.(credential);
    },
  });
  /** The stored credential, saved before if anything was entered; undefined where the form is not right yet. */
  const settle = async (): Promise<Credential | undefined> => {
    setChecked(true);
    if (!isRight) return undefined;
    return saved && !dirty ? saved : save.mutateAsync();
  };
  const submit = () => {
    setChecked(true);
    if (!isRight) return;
    save.mutate(undefined, {
      onSuccess: (credential) => {
        toast.success(t("saved", { name: credential.name }));
        onOpenChange(false);
      },
    });
  };
  const change = (field: string, value: unknown) => {
    setValues((before) => ({ ...before, [field]: value }));
    setDirty(true);
  };
  return (
    <FormDialog
      open
      onOpenChange={onOpenChange}
      title={stored ? t("editTitle") : t("addKind", { kind: kind.label })}
      submit={common("save")}
      busy={save.isPending}
      error={save.error}
      dirty={dirty}
      onSubmit={submit}
      aside={<TestButton settle={settle} changed={dirty} />}
    >
      <div className="flex items-center gap-3">
        {onBack && !saved && (
          <Button variant="ghost" size="icon" aria-label={t("otherKind")} className="-ms-2" onClick={onBack}>
            <ArrowLeft aria-hidden className="rtl:rotate-180" />
          </Button>
        )}
        <KindIcon kind={kind.name} />
        <div className="min-w-0">
          <p className="text-base font-medium">{kind.label}</p>
          {kind.description && <p className="text-sm text-muted [overflow-wrap:anywhere]">{kind.description}</p>}
        </div>
      </div>
      <Field
        label={t("name")}
        hint={t("nameHint")}
        name="credentialName"
        autoComplete="off"
        value={name}
        onChange={(event) => {
          setName(event.target.value);
          setDirty(true);
        }}
        error={checked && !name.trim() ? t("nameMissing") : undefined}
      />
      <KindFields kind={kind} values={values} stored={stored?.values} missing={checked ? missing : []} onChange={change} />
      {asksConsent(kind) && <Consent settle={settle} />}
    </FormDialog>
  );
}
