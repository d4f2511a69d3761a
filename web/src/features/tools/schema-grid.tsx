// The grid of a tool's arguments.
import { ClipboardPaste, Plus, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "~/ui/button";
import { Checkbox } from "~/ui/checkbox";
import { TextAreaField } from "~/ui/form";
import { FormDialog } from "~/ui/form-dialog";
import { CONTROL } from "~/ui/input";
import { cx } from "~/lib/cx";
import { newRow, type RowProblem, rowsFromJson, SCHEMA_TYPES, type SchemaRow, type SchemaType } from "./schema";

interface SchemaGridProps {
  rows: readonly SchemaRow[];
  problems: ReadonlyMap<number, RowProblem>;
  onChange: (rows: SchemaRow[]) => void;
}

const CELL = cx(CONTROL, "h-9 px-2.5 text-sm");

export function SchemaGrid({ rows, problems, onChange }: SchemaGridProps) {
  const { t } = useTranslation("tools");
  const [pasting, setPasting] = useState(false);
  const change = (id: number, more: Partial<SchemaRow>) => onChange(rows.map((row) => (row.id === id ? { ...row, ...more } : row)));
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="sr-only">{t("schema.title")}</legend>
      <div className="flex flex-wrap items-end justify-between gap-2">
        <div>
          <p aria-hidden className="text-sm font-medium text-ink">
            {t("schema.title")}
          </p>
          <p className="text-sm text-muted">{t("schema.hint")}</p>
        </div>
        <Button size="sm" variant="ghost" onClick={() => setPasting(true)}>
          <ClipboardPaste aria-hidden />
          {t("schema.paste")}
        </Button>
      </div>
      {rows.length > 0 && (
        <ul className="flex flex-col gap-2 md:gap-1.5">
          <li aria-hidden className="hidden gap-1.5 text-xs font-medium text-muted md:grid md:grid-cols-[minmax(0,3fr)_7rem_minmax(0,5fr)_4.5rem_2rem]">
            <span>{t("schema.property")}</span>
            <span>{t("schema.type")}</span>
            <span>{t("schema.description")}</span>
            <span className="text-center">{t("schema.required")}</span>
          </li>
          {rows.map((row, index) => (
            <li key={row.id} className="grid grid-cols-[1fr_7rem] gap-1.5 rounded-md border border-line p-2 md:grid-cols-[minmax(0,3fr)_7rem_minmax(0,5fr)_4.5rem_2rem] md:items-center md:border-0 md:p-0">
              <input
                aria-label={t("schema.propertyOf", { number: index + 1 })}
                aria-invalid={problems.has(row.id) || undefined}
                aria-describedby={problems.has(row.id) ? `row-problem-${row.id}` : undefined}
                value={row.property}
                placeholder={t("schema.propertyPlaceholder")}
                spellCheck={false}
                autoComplete="off"
                onChange={(event) => change(row.id, { property: event.target.value })}
                className={cx(CELL, "font-mono")}
              />
              <select aria-label={t("schema.typeOf", { number: index + 1 })} value={row.type} onChange={(event) => change(row.id, { type: event.target.value as SchemaType })} className={CELL}>
                {SCHEMA_TYPES.map((type) => (
                  <option key={type} value={type}>
                    {t(`schema.types.${type}`)}
                  </option>
                ))}
              </select>
              <input
                aria-label={t("schema.descriptionOf", { number: index + 1 })}
                value={row.description}
                placeholder={t("schema.descriptionPlaceholder")}
                onChange={(event) => change(row.id, { description: event.target.value })}
                className={cx(CELL, "max-md:col-span-2")}
              />
              <label className="flex items-center gap-2 text-sm text-muted md:justify-center">
                <Checkbox aria-label={t("schema.requiredOf", { number: index + 1 })} checked={row.required} onChange={(required) => change(row.id, { required })} className="mt-0" />
                <span className="md:hidden">{t("schema.required")}</span>
              </label>
              <Button variant="ghost" size="icon" className="justify-self-end" aria-label={t("schema.remove", { number: index + 1 })} onClick={() => onChange(rows.filter((other) => other.id !== row.id))}>
                <Trash2 aria-hidden />
              </Button>
              {problems.has(row.id) && (
                <p id={`row-problem-${row.id}`} className="col-span-full text-sm text-danger">
                  {t(`schema.problem.${problems.get(row.id) ?? "letters"}`)}
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
      <Button className="self-start" onClick={() => onChange([...rows, newRow(rows)])}>
        <Plus aria-hidden />
        {t("schema.add")}
      </Button>
      {pasting && (
        <PasteDialog
          onClose={() => setPasting(false)}
          onRows={(pasted) => {
            onChange(pasted);
            setPasting(false);
          }}
        />
      )}
    </fieldset>
  );
}

function PasteDialog({ onRows, onClose }: { onRows: (rows: SchemaRow[]) => void; onClose: () => void }) {
  const { t } = useTranslation("tools");
  const [text, setText] = useState("");
  const [checked, setChecked] = useState(false);
  const rows = rowsFromJson(text);
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("schema.paste")}
      description={t("schema.pasteLead")}
      submit={t("schema.pasteSubmit")}
      onSubmit={() => {
        setChecked(true);
        if (rows) onRows(rows);
      }}
    >
      <TextAreaField
        label={t("schema.json")}
        value={text}
        onChange={setText}
        rows={10}
        mono
        spellCheck={false}
        placeholder={'{ "city": "Graz", "days": 3 }'}
        error={checked && !rows ? t("schema.pasteWrong") : undefined}
      />
    </FormDialog>
  );
}
