// What is missing or wrong in a form within a form, as sentences for its fields.
import { useTranslation } from "react-i18next";
import type { JsonObject } from "~/lib/json";
import { visibleOf } from "../../model/fields";
import type { Param } from "../../model/node-data";
import { fieldProblems } from "../../model/validate";
import { fieldOf, fieldSentence } from "../problem-text";
import type { FormScope } from "./types";

/** Undefined where the form around tells none either. `root` and `index` are those of the inner form. */
export function useInnerErrors(scope: FormScope): (params: readonly Param[], values: JsonObject, root: JsonObject, index?: number) => ReadonlyMap<string, string> | undefined {
  const { t } = useTranslation("canvas");
  return (params, values, root, index) => {
    if (!scope.errors) return undefined;
    const problems = fieldProblems(visibleOf(params, values, root, index), values, { id: scope.nodeId, label: "" });
    return new Map(problems.flatMap((problem) => (fieldOf(problem) && fieldSentence(problem) ? [[fieldOf(problem) ?? "", t(`field.${fieldSentence(problem) ?? "needed"}`)] as const] : [])));
  };
}
