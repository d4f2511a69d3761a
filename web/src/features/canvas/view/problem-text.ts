// Problems in words.
import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { Problem } from "../model/validate";

export function useProblemText(): (problem: Problem) => string {
  const { t } = useTranslation("canvas");
  return useCallback((problem: Problem) => {
    switch (problem.code) {
      case "unknownNode":
        return t("problems.unknownNode", problem);
      case "missingInput":
        return t("problems.missingInput", problem);
      case "missingField":
        return t("problems.missingField", problem);
      case "missingCredential":
        return t("problems.missingCredential", problem);
      case "notJson":
        return t("problems.notJson", problem);
      case "notNumber":
        return t("problems.notNumber", problem);
      case "inField":
        return t("problems.inField", problem);
      case "outdated":
        return t("problems.outdated", problem);
      case "edgeWithoutNode":
        return t("problems.edgeWithoutNode", problem);
      case "duplicateId":
        return t("problems.duplicateId", problem);
      case "unconnected":
        return t("problems.unconnected", problem);
      case "inside":
        return t("problems.inside", problem);
      case "server":
        return t("problems.server", problem);
      case "brokenPart":
      case "placed":
      case "noStart":
      case "twoStarts":
        return t(`problems.${problem.code}`);
    }
  }, [t]);
}

/** The field that a problem is about. */
export function fieldOf(problem: Problem): string | undefined {
  return problem.code === "inField" || problem.code === "missingField" || problem.code === "missingCredential" || problem.code === "notJson" || problem.code === "notNumber" ? problem.name : undefined;
}

/** A short sentence for the field itself, by the problem's kind. */
export function fieldSentence(problem: Problem): "needed" | "neededCredential" | "notJson" | "notNumber" | undefined {
  if (problem.code === "missingField") return "needed";
  if (problem.code === "missingCredential") return "neededCredential";
  if (problem.code === "notJson" || problem.code === "notNumber") return problem.code;
  return undefined;
}
