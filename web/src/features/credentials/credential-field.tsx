// A field that holds a credential: chosen among the stored ones, added or changed in place.
import { useQuery } from "@tanstack/react-query";
import { Pencil, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { may, useSession } from "~/api/session";
import { credentialsQuery } from "~/api/workbench";
import { Button } from "~/ui/button";
import { SelectField } from "~/ui/form";
import { CredentialDialog } from "./credential-dialog";

export interface CredentialFieldProps {
  label: string;
  /** Kinds that fit. */
  kinds: readonly string[];
  /** Id of the chosen one, or "". */
  value: string;
  onChange: (id: string) => void;
  hint?: string | undefined;
  error?: string | undefined;
}

export function CredentialField({ label, kinds, value, onChange, hint, error }: CredentialFieldProps) {
  const { t } = useTranslation("credentials");
  const user = useSession((state) => state.user);
  const [open, setOpen] = useState<"add" | "edit" | null>(null);
  const query = useQuery(credentialsQuery());
  const fitting = (query.data ?? []).filter((credential) => kinds.includes(credential.credentialName));
  const choices = fitting.map((credential) => ({ value: credential.id, label: credential.name }));
  const isGone = value !== "" && query.isSuccess && !fitting.some((credential) => credential.id === value);
  if (isGone) choices.unshift({ value, label: t("field.gone") });
  return (
    // The buttons stand beside the control, below its label, whatever is said under it.
    <div className="flex items-start gap-2">
      <SelectField
        className="min-w-0 flex-1"
        label={label}
        hint={hint}
        error={error ?? (isGone ? t("field.goneHint") : undefined)}
        value={value}
        onChange={onChange}
        placeholder={t(query.isPending ? "loading" : fitting.length === 0 ? "field.none" : "field.choose")}
        choices={choices}
      />
      {value && !isGone && may(user, "credentials:update") && (
        <Button size="icon" className="mt-6.5 size-10" aria-label={t("field.edit")} onClick={() => setOpen("edit")}>
          <Pencil aria-hidden />
        </Button>
      )}
      {may(user, "credentials:create") && (
        <Button size="icon" className="mt-6.5 size-10" aria-label={t("field.add")} onClick={() => setOpen("add")}>
          <Plus aria-hidden />
        </Button>
      )}
      <CredentialDialog
        open={open !== null}
        onOpenChange={() => setOpen(null)}
        kinds={kinds}
        id={open === "edit" ? value : undefined}
        onSaved={(credential) => onChange(credential.id)}
      />
    </div>
  );
}
