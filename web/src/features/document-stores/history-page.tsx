// `/document-stores/history/:store`: when the store was written to its vector store, and with which settings.
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { UpsertList } from "~/features/upserts";

export function HistoryPage() {
  const { t } = useTranslation("documentStores");
  const { storeId } = useParams({ from: "/signed-in/shell/store/document-stores/history/$storeId" });
  return <UpsertList id={storeId} title={t("pages.history")} lead={t("history.lead")} emptyBody={t("history.empty")} />;
}
