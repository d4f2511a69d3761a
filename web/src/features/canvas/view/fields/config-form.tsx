// The settings of what was chosen inside a field: the model of an agent, its tools.
import { useTranslation } from "react-i18next";
import type { CatalogNode } from "~/api/types";
import { asObject, asText, type JsonObject } from "~/lib/json";
import { defaultsOf, isField } from "../../model/make-node";
import type { Param } from "../../model/node-data";
import { settingsOf } from "../../model/validate";
import { byName } from "../../model/view-graph";
import { useSurroundings } from "./surroundings";
import type { FormScope } from "./types";
import { useInnerErrors } from "./use-inner-errors";

interface ConfigFormProps {
  param: Param;
  /** The catalog's name of what was chosen. */
  component: string;
  values: JsonObject;
  scope: FormScope;
  onChange: (values: JsonObject) => void;
}

/** The fields of what is chosen in `param`, where it has settings of its own. */
export function partsOf(param: Param, values: JsonObject, catalog: readonly CatalogNode[] | undefined): Param[] {
  const chosen = asText(values[param.name]) ?? asText(param.definition["default"]);
  const entry = param.definition["loadConfig"] === true && chosen && catalog ? byName(catalog).get(chosen) : undefined;
  return entry ? settingsOf(entry) : [];
}

export function ConfigForm({ param, component, values, scope, onChange }: ConfigFormProps) {
  const { t } = useTranslation("canvas");
  const { catalog } = useSurroundings();
  const innerErrors = useInnerErrors(scope);
  const entry = catalog && byName(catalog).get(component);
  if (!entry) return null;
  const Form = scope.form;
  const key = `${param.name}Config`;
  const fields = (entry.inputs ?? []).filter((input) => isField(String(input["type"])));
  const before = asObject(values[key]);
  // The settings belong to one choice; another choice begins with its own defaults.
  const own = before && (before[param.name] === undefined || before[param.name] === component) ? before : defaultsOf(fields);
  const params = settingsOf(entry);
  if (params.length === 0) return null;
  return (
    <details className="group/config mt-2 rounded-md border border-line bg-sunken/50" open={scope.wanted !== undefined || (!asText(own["credential"]) && entry.credential !== undefined && entry.credential["optional"] !== true) || undefined}>
      <summary className="cursor-pointer rounded-md px-3 py-2 text-sm font-medium text-ink">{t("field.configOf", { name: entry.label })}</summary>
      <div className="px-3 pt-1 pb-3">
        <Form
          params={params}
          values={own}
          scope={{ ...scope, component, root: own, index: undefined, path: `${scope.path}${key}.`, pins: undefined, errors: innerErrors(params, { ...own, credential: own["credential"] || own["FLOWISE_CREDENTIAL_ID"] }, own) }}
          onChange={(next) => onChange({ [param.name]: component, [key]: { ...own, ...next, [param.name]: component } })}
        />
      </div>
    </details>
  );
}
