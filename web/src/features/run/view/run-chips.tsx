// Where a run comes from, beside its state: begun again from another, or on a flow that is not live.
import { useTranslation } from "react-i18next";
import { Chip } from "~/ui/card";
import type { ExecutionSummary } from "../model/runs-api";

export function RunChips({ row }: { row: ExecutionSummary }) {
  const { t } = useTranslation("run");
  return (
    <>
      {row.rerunOf && <Chip>{t("again")}</Chip>}
      {row.flowSource && row.flowSource !== "published" && <Chip>{t(`source.${row.flowSource}`)}</Chip>}
    </>
  );
}
