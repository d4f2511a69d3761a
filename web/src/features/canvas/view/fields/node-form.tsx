// The settings of one node as a form, for pages without a canvas.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { nodesQuery } from "~/api/queries";
import type { CatalogNode } from "~/api/types";
import { asText, type JsonObject } from "~/lib/json";
import { paramsIn, visibleOf } from "../../model/fields";
import { defaultsOf, isField } from "../../model/make-node";
import type { Param } from "../../model/node-data";
import { fieldProblems, type Problem } from "../../model/validate";
import { fieldOf, fieldSentence } from "../problem-text";
import { FieldForm } from "./field-form";
import { LoneFormContext } from "./surroundings";

/** The fields of `entry` in the order of its form, the credential first. */
export function fieldsOfEntry(entry: CatalogNode): Param[] {
  const fields = (entry.inputs ?? []).filter((input) => isField(String(input["type"])));
  return paramsIn(entry.credential ? [entry.credential, ...fields] : fields);
}

/** The fields of `entry` at their defaults. */
export function defaultsOfEntry(entry: CatalogNode): JsonObject {
  return defaultsOf((entry.inputs ?? []).filter((input) => isField(String(input["type"]))));
}

/** What is missing or wrong in `values`, as the canvas would tell it. */
export function problemsOfEntry(entry: CatalogNode, values: JsonObject): Problem[] {
  const holder = { ...values, credential: asText(values["credential"]) ?? values["FLOWISE_CREDENTIAL_ID"] };
  return fieldProblems(visibleOf(fieldsOfEntry(entry), holder, holder), holder, { id: entry.name, label: entry.label });
}

export interface NodeFormProps {
  entry: CatalogNode;
  values: JsonObject;
  /** Takes the whole form. */
  onChange: (values: JsonObject) => void;
  readOnly?: boolean;
  /** Tells at each field what is wrong with it. */
  checked?: boolean;
  /** Tells forms of the same node on one page apart. */
  id?: string;
  /** Which fields are left out. */
  without?: readonly string[];
  /** How many bytes chosen files may have; as on the canvas where it is left out. */
  mostBytes?: number;
}

const NONE: readonly string[] = [];

export function NodeForm({ entry, values, onChange, readOnly = false, checked = false, id = entry.name, without = NONE, mostBytes }: NodeFormProps) {
  const { t } = useTranslation("canvas");
  const nodes = useQuery(nodesQuery());
  const params = useMemo(() => fieldsOfEntry(entry).filter((param) => !without.includes(param.name)), [entry, without]);
  const around = useMemo(() => ({ catalog: nodes.data }), [nodes.data]);
  const errors = new Map<string, string>();
  for (const problem of checked ? problemsOfEntry(entry, values) : []) {
    const [field, sentence] = [fieldOf(problem), fieldSentence(problem)];
    if (field && sentence) errors.set(field, t(`field.${sentence}`));
  }
  if (params.length === 0) return <p className="text-sm text-muted">{t("inspector.noSettings")}</p>;
  return (
    <LoneFormContext value={around}>
      <FieldForm
        params={params}
        values={values}
        scope={{ nodeId: id, component: entry.name, root: values, path: "", readOnly, form: FieldForm, errors, mostBytes }}
        onChange={(more) => onChange({ ...values, ...more })}
      />
    </LoneFormContext>
  );
}
