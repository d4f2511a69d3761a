// The control of one field, by its kind.
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { asArray, asObject, asText } from "~/lib/json";
import { Button } from "~/ui/button";
import { type CodeCompletion, CodeEditor } from "~/ui/code-editor";
import { Combobox } from "~/ui/combobox";
import { CONTROL } from "~/ui/input";
import { isUnset } from "../../model/fields";
import { unknownVariables } from "../../model/variables";
import { AsyncSelect, TickList } from "./async-select";
import { FileField } from "./file-field";
import { GridField } from "./grid-field";
import { RoomyEditor } from "./roomy-editor";
import { asNumber, asShownText, type ControlProps, isLong, optionsOf } from "./types";
import { useVariables } from "./use-variables";

export function Control(props: ControlProps): ReactNode {
  const { id, labelId, param, value, scope, onChange, describedBy, invalid } = props;
  const { definition, type } = param;
  const text = asShownText(value);
  const common = { id, disabled: scope.readOnly, "aria-describedby": describedBy, "aria-invalid": invalid || undefined, className: cx(CONTROL, "h-9") };
  const placeholder = asText(definition["placeholder"]) ?? (isUnset(definition["default"]) ? undefined : asShownText(definition["default"]));
  switch (type) {
    case "number":
      return <input {...common} inputMode="decimal" value={text} placeholder={placeholder} onChange={(event) => onChange(asNumber(event.target.value))} />;
    case "password":
      return <input {...common} type="password" autoComplete="new-password" value={text} placeholder={placeholder} onChange={(event) => onChange(event.target.value)} />;
    case "date":
    case "datePicker":
      return <input {...common} type="date" value={text.slice(0, 10)} onChange={(event) => onChange(event.target.value)} />;
    case "timePicker":
      return <input {...common} type="time" value={text} onChange={(event) => onChange(event.target.value)} />;
    case "weekDaysPicker":
    case "monthDaysPicker":
      return <DayPicker {...props} />;
    case "options":
      return <Options {...props} />;
    case "multiOptions":
      return <TickList labelId={labelId} options={optionsOf(definition)} value={value} readOnly={scope.readOnly} onChange={onChange} />;
    case "asyncOptions":
    case "asyncMultiOptions":
      return <AsyncSelect {...props} many={type === "asyncMultiOptions"} />;
    case "file":
    case "folder":
      return <FileField {...props} />;
    case "datagrid":
      return <GridField {...props} />;
    case "tabs":
      return <TabsField {...props} />;
    case "json":
      return <CodeText {...props} language="json" />;
    case "code":
    case "conditionFunction":
      return <CodeText {...props} language="javascript" />;
    default:
      if (isLong(param)) return <Prompt {...props} placeholder={placeholder} />;
      if (text.includes("\n")) return <Prompt {...props} placeholder={placeholder} />;
      return <input {...common} value={text} placeholder={placeholder} onChange={(event) => onChange(event.target.value)} />;
  }
}

/** The browser's own list while it is short, one with a search field otherwise. */
const SHORT_LIST = 12;

function Options({ id, param, value, scope, onChange, describedBy, invalid }: ControlProps) {
  const { t } = useTranslation("canvas");
  const options = optionsOf(param.definition);
  const chosen = asText(value) ?? asText(param.definition["default"]) ?? "";
  const free = param.definition["freeSolo"] === true;
  if (options.length > SHORT_LIST || free || options.some((option) => option.detail)) {
    return (
      <Combobox
        id={id}
        label={param.label}
        value={chosen}
        onChange={onChange}
        options={options}
        placeholder={t("field.choose")}
        searchLabel={t("field.search")}
        clearLabel={t("picker.clear")}
        empty={t("field.nothingFound")}
        free={free ? (text) => t("field.use", { text }) : undefined}
        invalid={invalid}
        disabled={scope.readOnly}
        describedBy={describedBy}
      />
    );
  }
  return (
    <select id={id} disabled={scope.readOnly} aria-describedby={describedBy} aria-invalid={invalid || undefined} value={chosen} onChange={(event) => onChange(event.target.value)} className={cx(CONTROL, "h-9")}>
      {(chosen === "" || param.definition["optional"] === true) && <option value="">{t("field.choose")}</option>}
      {chosen !== "" && !options.some((option) => option.value === chosen) && <option value={chosen}>{chosen}</option>}
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  );
}

function Prompt({ param, value, scope, onChange, placeholder }: ControlProps & { placeholder: string | undefined }) {
  const { t } = useTranslation("canvas");
  const variables = useVariables(scope.nodeId);
  const completions = useCompletions(scope.nodeId);
  const text = asShownText(value);
  const accepts = param.definition["acceptVariable"] === true;
  const strange = accepts ? unknownVariables(text, variables) : [];
  const lines = Number(param.definition["rows"] ?? 1);
  const Editor = lines > 1 ? RoomyEditor : CodeEditor;
  return (
    <>
      <Editor
        label={param.label}
        language="text"
        wrap
        value={text}
        onChange={onChange}
        readOnly={scope.readOnly}
        braced={completions}
        placeholder={placeholder}
        className={lines > 1 ? "min-h-24 max-h-80" : "min-h-9 max-h-48"}
      />
      {strange.length > 0 && <p className="mt-1 text-xs text-warning">{t("field.unknownVariables", { count: strange.length, names: strange.map((name) => `{{${name}}}`).join(", ") })}</p>}
    </>
  );
}

function useCompletions(nodeId: string): CodeCompletion[] {
  const { t } = useTranslation("canvas");
  const variables = useVariables(nodeId);
  return useMemo(() => variables.map(({ text, about, group }) => ({ label: text, detail: group === "nodes" ? about : t(`variables.${group}`) })), [variables, t]);
}

const NO_COMPLETIONS: CodeCompletion[] = [];

function CodeText({ param, value, scope, onChange, language }: ControlProps & { language: "json" | "javascript" }) {
  const { t } = useTranslation("canvas");
  const braced = useCompletions(scope.nodeId);
  const dollar = useMemo(() => braced.filter((completion) => completion.label.startsWith("$")), [braced]);
  const text = typeof value === "string" ? value : asShownText(value);
  const example = asText(param.definition["codeExample"]);
  return (
    <>
      <RoomyEditor
        label={param.label}
        language={language}
        value={text}
        onChange={onChange}
        readOnly={scope.readOnly}
        completions={language === "javascript" ? dollar : NO_COMPLETIONS}
        {...(language === "json" ? { braced } : {})}
        className={language === "javascript" ? "min-h-44 max-h-96" : "min-h-24 max-h-72"}
      />
      {example && text.trim() === "" && !scope.readOnly && (
        <Button size="sm" variant="ghost" className="mt-1" onClick={() => onChange(example)}>
          {t("field.example")}
        </Button>
      )}
    </>
  );
}

/** Fields of which one at a time counts. */
function TabsField({ param, values, scope, onChangeAll }: ControlProps) {
  const tabs = asArray(param.definition["tabs"]).flatMap((entry) => {
    const definition = asObject(entry);
    const name = asText(definition?.["name"]);
    return definition && name ? [{ name, label: asText(definition["label"]) ?? name, type: asText(definition["type"]) ?? "string", definition: { ...definition, additionalParams: false } }] : [];
  });
  const key = `${asText(param.definition["tabIdentifier"]) ?? param.name}_${scope.nodeId}`;
  const chosen = asText(values[key]) ?? asText(param.definition["default"]) ?? tabs[0]?.name;
  const shown = tabs.filter((tab) => tab.name === chosen);
  const Form = scope.form;
  return (
    <div className="rounded-md border border-line p-3">
      <div role="radiogroup" aria-label={param.label} className="mb-3 flex flex-wrap gap-1">
        {tabs.map((tab) => (
          <button
            key={tab.name}
            type="button"
            role="radio"
            aria-checked={tab.name === chosen}
            disabled={scope.readOnly}
            onClick={() => onChangeAll({ [key]: tab.name })}
            className="rounded-md px-2.5 py-1 text-sm text-muted hover:bg-hover aria-checked:bg-primary-soft aria-checked:text-primary-ink"
          >
            {tab.label}
          </button>
        ))}
      </div>
      <Form params={shown} values={values} scope={{ ...scope, pins: undefined }} onChange={onChangeAll} />
    </div>
  );
}

/** Days of the week (1 is Monday) or of the month, kept as numbers with commas between. */
function DayPicker({ param, value, scope, onChange, labelId }: ControlProps) {
  const { i18n } = useTranslation();
  const isWeek = param.type === "weekDaysPicker";
  const days = Array.from({ length: isWeek ? 7 : 31 }, (_, index) => String(index + 1));
  const chosen = new Set((Array.isArray(value) ? value.map(String) : String(value ?? "").split(",")).map((day) => day.trim()).filter(Boolean));
  const format = new Intl.DateTimeFormat(i18n.language, { weekday: "short", timeZone: "UTC" });
  // 1 January 2024 was a Monday.
  const nameOf = (day: string) => (isWeek ? format.format(Date.UTC(2024, 0, Number(day))) : day);
  const toggle = (day: string) => {
    const next = new Set(chosen);
    if (!next.delete(day)) next.add(day);
    onChange(days.filter((one) => next.has(one)).join(","));
  };
  return (
    <div role="group" aria-labelledby={labelId} className="flex flex-wrap gap-1">
      {days.map((day) => (
        <button key={day} type="button" aria-pressed={chosen.has(day)} disabled={scope.readOnly} onClick={() => toggle(day)} className="min-w-9 rounded-md border border-line px-2 py-1 text-sm text-ink hover:bg-hover aria-pressed:border-primary aria-pressed:bg-primary-soft aria-pressed:text-primary-ink">
          {nameOf(day)}
        </button>
      ))}
    </div>
  );
}
