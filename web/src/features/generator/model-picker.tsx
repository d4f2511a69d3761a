// Choosing the chat model that draws.
import { CircleAlert } from "lucide-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { nodeIconUrl } from "~/api/client";
import type { CatalogNode } from "~/api/types";
import { lookOf } from "~/design/categories";
import { Combobox } from "~/ui/combobox";
import { IconTile } from "~/ui/icon-tile";

interface ModelPickerProps {
  models: readonly CatalogNode[];
  /** Name of the chosen one, or "". */
  value: string;
  onChange: (name: string) => void;
  error: string | undefined;
  disabled: boolean;
}

export function ModelPicker({ models, value, onChange, error, disabled }: ModelPickerProps) {
  const { t } = useTranslation("generator");
  const id = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium text-ink">
        {t("model")}
      </label>
      <Combobox
        id={id}
        label={t("model")}
        value={models.some((model) => model.name === value) ? value : ""}
        onChange={onChange}
        options={models.map((model) => ({ value: model.name, label: model.label, icon: <IconTile look={lookOf(model.category, model.name)} icon={model.icon ? nodeIconUrl(model.name) : undefined} size="xs" /> }))}
        placeholder={t("choose")}
        searchLabel={t("searchModels")}
        clearLabel={t("clear")}
        empty={t("noModel")}
        disabled={disabled}
        invalid={error !== undefined}
        describedBy={`${id}-hint`}
      />
      <p id={`${id}-hint`} className={error ? "flex items-start gap-1.5 text-sm text-danger" : "text-sm text-muted"}>
        {error && <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />}
        {error ?? t("modelHint")}
      </p>
    </div>
  );
}
