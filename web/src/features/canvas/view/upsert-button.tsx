// Opens the dialog that fills a vector store of the flow.
import { DatabaseZap } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "~/ui/button";
import { Tip } from "~/ui/tooltip";
import { fillable } from "../model/filling";
import { useEditor, usePanels, useParts } from "./editor-context";

/** Nothing where the flow fills no vector store. */
export function UpsertButton() {
  const { t } = useTranslation("canvas");
  const { panels, flowId } = useParts();
  const fills = useEditor((state) => fillable(state.graph).length > 0);
  const isOpen = usePanels((state) => state.dialog?.name === "upsert");
  if (!flowId || !fills) return null;
  return (
    <Tip text={t("upsert.title")} side="bottom">
      <Button aria-label={`${t("upsert.action")}: ${t("upsert.title")}`} aria-haspopup="dialog" aria-expanded={isOpen} onClick={() => panels.setState({ dialog: { name: "upsert" } })}>
        <DatabaseZap aria-hidden />
        <span className="max-lg:sr-only">{t("upsert.action")}</span>
      </Button>
    </Tip>
  );
}
