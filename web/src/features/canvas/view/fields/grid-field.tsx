// A small table: rows of the same columns, kept as JSON text.
import { Plus, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { asArray, asObject, asText, type JsonObject, parseJson } from "~/lib/json";
import { Button } from "~/ui/button";
import { Checkbox } from "~/ui/checkbox";
import { CONTROL } from "~/ui/input";
import { cx } from "~/lib/cx";
import { isUnset } from "../../model/fields";
import type { ControlProps } from "./types";

interface Column {
  field: string;
  title: string;
  kind: "text" | "tick" | "choice";
  choices: string[];
}

function columnsOf(value: unknown): Column[] {
  return asArray(value).flatMap((entry) => {
    const column = asObject(entry);
    const field = asText(column?.["field"]);
    if (!column || !field || column["type"] === "actions") return [];
    const kind = column["type"] === "boolean" ? "tick" : column["type"] === "singleSelect" ? "choice" : "text";
    return [{ field, title: asText(column["headerName"]) ?? field, kind, choices: asArray(column["valueOptions"]).map(String) }];
  });
}

export function GridField({ id, labelId, param, value, scope, onChange }: ControlProps) {
  const { t } = useTranslation("canvas");
  const columns = columnsOf(param.definition["datagrid"]);
  const held = isUnset(value) ? param.definition["default"] : value;
  const rows = asArray(typeof held === "string" ? parseJson(held) : held).map(asObject).filter((row) => row !== null);
  const save = (next: JsonObject[]) => onChange(JSON.stringify(next));
  const cell = (row: JsonObject, index: number, column: Column) => {
    const set = (content: unknown) => save(rows.with(index, { ...row, [column.field]: content }));
    const label = t("grid.cell", { column: column.title, row: index + 1 });
    if (column.kind === "tick") return <Checkbox checked={row[column.field] === true} disabled={scope.readOnly} onChange={set} aria-label={label} />;
    const shown = String(row[column.field] ?? "");
    if (column.kind === "choice") {
      return (
        <select aria-label={label} disabled={scope.readOnly} value={shown} onChange={(event) => set(event.target.value)} className={cx(CONTROL, "h-8 ps-1.5! text-sm!")}>
          {[shown, ...column.choices.filter((choice) => choice !== shown)].map((choice) => (
            <option key={choice} value={choice}>
              {choice}
            </option>
          ))}
        </select>
      );
    }
    return <input aria-label={label} disabled={scope.readOnly} value={shown} onChange={(event) => set(event.target.value)} className={cx(CONTROL, "h-8 px-2! text-sm!")} />;
  };
  return (
    <div id={id}>
      <div className="overflow-x-auto">
        <table aria-labelledby={labelId} className="w-full border-separate border-spacing-x-1 border-spacing-y-1 text-sm">
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column.field} scope="col" className="text-start text-xs font-medium text-muted">
                  {column.title}
                </th>
              ))}
              <td aria-label={t("grid.actions")} />
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => (
              // oxlint-disable-next-line react/no-array-index-key -- rows have no identity but their place
              <tr key={index}>
                {columns.map((column) => (
                  <td key={column.field} className={column.kind === "tick" ? "w-10 text-center" : "min-w-24"}>
                    {cell(row, index, column)}
                  </td>
                ))}
                <td className="w-8">
                  <Button variant="ghost" size="icon-sm" disabled={scope.readOnly} aria-label={t("grid.remove", { row: index + 1 })} onClick={() => save(rows.toSpliced(index, 1))}>
                    <Trash2 aria-hidden />
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {!scope.readOnly && (
        <Button size="sm" className="mt-1" onClick={() => save([...rows, Object.fromEntries(columns.map((column) => [column.field, column.kind === "tick" ? false : (column.choices[0] ?? "")]))])}>
          <Plus aria-hidden />
          {t("grid.add")}
        </Button>
      )}
    </div>
  );
}
