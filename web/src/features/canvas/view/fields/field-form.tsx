// A node's settings as a form: one row per field, those that its rules hide left out.
import { ChevronRight, RotateCcw, Star } from "lucide-react";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { CredentialField } from "~/features/credentials";
import { cx } from "~/lib/cx";
import { asArray, asText, type JsonObject } from "~/lib/json";
import { Button } from "~/ui/button";
import { Switch } from "~/ui/form";
import { isChanged, isFound, isNamed, isUnset, visibleOf } from "../../model/fields";
import type { Param } from "../../model/node-data";
import { ArrayField } from "./array-field";
import { ConfigForm, partsOf } from "./config-form";
import { Control } from "./control";
import { useSurroundings } from "./surroundings";
import { asShownText, fieldId, type FieldFormProps, type FormScope, isLong, optionsOf } from "./types";

export function FieldForm({ params, values, scope, onChange }: FieldFormProps) {
  const { t } = useTranslation("canvas");
  const { catalog } = useSurroundings();
  const { wanted } = scope;
  const visible = visibleOf(params, values, scope.root, scope.index);
  const shown = wanted ? visible.filter((param) => isFound(param, wanted, (one) => partsOf(one, values, catalog))) : visible;
  const basic = shown.filter((param) => param.definition["additionalParams"] !== true);
  const more = shown.filter((param) => param.definition["additionalParams"] === true);
  // What is named itself is shown with everything in it; else only what is named in it.
  const row = (param: Param) => <FieldRow key={`${param.name}-${param.type}`} param={param} values={values} scope={wanted && isNamed(param, wanted) ? { ...scope, wanted: undefined } : scope} onChange={onChange} />;
  if (wanted) return <div className="flex flex-col gap-4">{shown.map(row)}</div>;
  const set = more.filter((param) => !isUnset(values[param.name]) && values[param.name] !== param.definition["default"]).length;
  return (
    <div className="flex flex-col gap-4">
      {basic.map(row)}
      {more.length > 0 && (
        <details className="group/more" open={more.some((param) => scope.errors?.has(param.name)) || undefined}>
          <summary className="flex cursor-pointer items-center gap-1.5 rounded-sm text-sm font-medium text-muted hover:text-ink">
            <ChevronRight aria-hidden className="size-4 transition-transform duration-120 group-open/more:rotate-90 rtl:rotate-180 rtl:group-open/more:rotate-90" />
            {t("inspector.more")}
            {set > 0 && <span className="rounded-full bg-sunken px-1.5 text-xs tabular-nums">{t("inspector.set", { count: set })}</span>}
          </summary>
          <div className="flex flex-col gap-4 pt-4">{more.map(row)}</div>
        </details>
      )}
    </div>
  );
}

interface FieldRowProps {
  param: Param;
  values: JsonObject;
  scope: FormScope;
  onChange: (values: JsonObject) => void;
}

function FieldRow({ param, values, scope, onChange }: FieldRowProps) {
  const { name, type, label, definition } = param;
  const id = fieldId(scope.nodeId, scope.path, name);
  const labelId = useId();
  const error = scope.errors?.get(name);
  const value = values[name];
  const set = (next: unknown) => onChange({ [name]: next });
  const about = [error && `${id}-error`, definition["description"] && `${id}-about`].filter(Boolean).join(" ") || undefined;
  if (type === "credential") {
    const kinds = asArray(definition["credentialNames"]).filter((kind) => typeof kind === "string");
    const chosen = asText(values["credential"]) ?? asText(values["FLOWISE_CREDENTIAL_ID"]) ?? "";
    return (
      <div id={id} data-field={name}>
        <CredentialField label={label} kinds={kinds} value={chosen} onChange={(next) => onChange({ credential: next, FLOWISE_CREDENTIAL_ID: next })} hint={asText(definition["description"])} error={error} />
      </div>
    );
  }
  const head = (
    <FieldHead param={param} labelId={labelId} htmlFor={id} scope={scope} onReset={isChanged(param, value) && !scope.readOnly ? () => set(structuredClone(definition["default"])) : undefined}>
      {type === "boolean" && <Switch id={id} checked={value === true || value === "true" || (isUnset(value) && definition["default"] === true)} disabled={scope.readOnly} onChange={set} aria-describedby={about} />}
    </FieldHead>
  );
  const component = asText(value) ?? asText(definition["default"]);
  return (
    <div data-field={name}>
      {head}
      {type === "array" ? (
        <ArrayField param={param} value={value} scope={scope} onChange={set} id={id} />
      ) : (
        type !== "boolean" && <Control id={id} labelId={labelId} param={param} value={value} values={values} scope={scope} onChange={set} onChangeAll={onChange} describedBy={about} invalid={error !== undefined} />
      )}
      {asText(definition["description"]) && (
        <p id={`${id}-about`} className="mt-1 text-xs text-muted [overflow-wrap:anywhere]">
          {asText(definition["description"])}
        </p>
      )}
      {asText(definition["warning"]) && <p className="mt-1 text-xs text-warning">{asText(definition["warning"])}</p>}
      {error && (
        <p id={`${id}-error`} className="mt-1 text-xs text-danger">
          {error}
        </p>
      )}
      {definition["loadConfig"] === true && component && <ConfigForm param={param} component={component} values={values} scope={scope} onChange={onChange} />}
    </div>
  );
}

interface FieldHeadProps {
  param: Param;
  labelId: string;
  htmlFor: string;
  scope: FormScope;
  /** Puts a changed field back to its default. */
  onReset: (() => void) | undefined;
  children: ReactNode;
}

/** Beside a field's name: in view while the pointer or the focus is there, and always where there is no pointer to hover with. */
const BESIDE = "size-6! opacity-0 group-hover/head:opacity-100 focus-visible:opacity-100 pointer-coarse:opacity-100";

function FieldHead({ param, labelId, htmlFor, scope, onReset, children }: FieldHeadProps) {
  const { t } = useTranslation("canvas");
  const { name, label, type, definition } = param;
  const required = definition["optional"] !== true && type !== "boolean";
  const pinned = scope.pins?.names.includes(name) ?? false;
  // A label names a control; what is no control of the browser's is named by `aria-labelledby`.
  const isPlain = ["string", "number", "password", "boolean", "date", "options", "datePicker", "timePicker"].includes(type) && !isLong(param);
  const Label = isPlain ? "label" : "span";
  return (
    <div className={cx("group/head flex min-h-7 items-center gap-1.5", Boolean(children) && "min-h-8")}>
      <Label id={labelId} {...(isPlain ? { htmlFor } : {})} className="min-w-0 text-sm font-medium text-ink [overflow-wrap:anywhere]">
        {label}
        {required && (
          <span aria-hidden className="text-danger">
            {" "}
            *
          </span>
        )}
      </Label>
      {onReset && <span title={t("inspector.changed")} className="size-1.5 shrink-0 rounded-full bg-primary" />}
      <div className="ms-auto flex items-center gap-1">
        {onReset && (
          <Button variant="ghost" size="icon-sm" aria-label={t("inspector.reset", { field: label })} title={t("inspector.resetShort", { value: shortDefault(param) })} onClick={onReset} className={BESIDE}>
            <RotateCcw aria-hidden className="size-3.5!" />
          </Button>
        )}
        {scope.pins && (
          <Button
            variant="ghost"
            size="icon-sm"
            aria-pressed={pinned}
            aria-label={t("inspector.pin", { field: label })}
            title={t("inspector.pinShort")}
            onClick={() => scope.pins?.toggle(name)}
            className={pinned ? "size-6! text-primary-ink [&_svg]:fill-current" : BESIDE}
          >
            <Star aria-hidden className="size-3.5!" />
          </Button>
        )}
        {children}
      </div>
    </div>
  );
}

/** A field's default in a few words. */
function shortDefault({ definition }: Param): string {
  const value = definition["default"];
  const option = optionsOf(definition).find((one) => one.value === value);
  const text = option?.label ?? asShownText(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
