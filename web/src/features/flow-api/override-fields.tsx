// Values for what callers may set.
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { FoldSummary } from "~/ui/fold";
import { Field } from "~/ui/input";
import { SelectField } from "~/ui/form";
import type { Settable } from "./overrides";

interface Props {
  flowId: string;
  settable: readonly Settable[];
  texts: Readonly<Record<string, string>>;
  onChange: (texts: Record<string, string>) => void;
}

export function OverrideFields({ flowId, settable, texts, onChange }: Props) {
  const { t } = useTranslation("flowApi");
  return (
    <details className="rounded-lg border border-line" open={settable.length > 0 || undefined}>
      <FoldSummary className="rounded-lg px-3 py-2.5 text-sm font-medium hover:bg-hover">{t("overrides.title")}</FoldSummary>
      <div className="flex flex-col gap-3 border-t border-line p-3">
        <p className="text-sm text-muted">
          {t(settable.length > 0 ? "overrides.lead" : "overrides.none")}{" "}
          <Link to="/flow/$id/settings" params={{ id: flowId }} search={{ section: "overrides" }} className="font-medium text-primary-ink hover:underline">
            {t("overrides.change")}
          </Link>
        </p>
        <div className="grid gap-3 sm:grid-cols-2">
          {settable.map((row) =>
            row.type === "boolean" ? (
              <SelectField
                key={row.name}
                label={row.label}
                value={texts[row.name] ?? ""}
                onChange={(value) => onChange({ ...texts, [row.name]: value })}
                placeholder={t("overrides.unset")}
                choices={[
                  { value: "true", label: "true" },
                  { value: "false", label: "false" },
                ]}
              />
            ) : (
              <Field
                key={row.name}
                label={row.node ? row.label : t("overrides.variable", { name: row.label })}
                hint={row.node}
                inputMode={row.type === "number" ? "decimal" : undefined}
                placeholder={t("overrides.unset")}
                value={texts[row.name] ?? ""}
                onChange={(event) => onChange({ ...texts, [row.name]: event.target.value })}
                autoComplete="off"
              />
            ),
          )}
        </div>
      </div>
    </details>
  );
}
