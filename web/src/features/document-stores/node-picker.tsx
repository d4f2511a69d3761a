// Choosing one node of a kind: a splitter, a vector store, a model.
import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { CatalogNode } from "~/api/types";
import { Combobox } from "~/ui/combobox";
import { NodeTile } from "./parts";

interface NodePickerProps {
  label: string;
  entries: readonly CatalogNode[];
  /** Name of the chosen one, or "". */
  value: string;
  onChange: (name: string) => void;
  /** What stands for none of them; without it one must be chosen. */
  none?: string;
  disabled?: boolean;
}

export function NodePicker({ label, entries, value, onChange, none, disabled = false }: NodePickerProps) {
  const { t } = useTranslation("documentStores");
  const id = useId();
  const options = entries.map((entry) => ({ value: entry.name, label: entry.label, detail: entry.description, icon: <NodeTile name={entry.name} entry={entry} size="sm" /> }));
  const all = none === undefined ? options : [{ value: "", label: none, detail: undefined, icon: undefined }, ...options];
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium text-ink">
        {label}
      </label>
      <Combobox id={id} label={label} value={value} onChange={onChange} options={all} placeholder={none ?? t("picker.choose")} searchLabel={t("picker.search")} clearLabel={t("picker.clear")} empty={t("picker.nothing")} disabled={disabled} />
    </div>
  );
}
