// What people may hand over to this flow besides text, where each of it is switched on, and how the two ways of taking files differ.
import { useQuery } from "@tanstack/react-query";
import { CircleCheck, CircleDashed } from "lucide-react";
import { useTranslation } from "react-i18next";
import { flowUploadsQuery } from "~/api/flow-record";
import { cx } from "~/lib/cx";
import { Notice } from "~/ui/card";
import { FoldSummary } from "~/ui/fold";
import { Hidden } from "~/ui/states";

const KINDS = ["images", "speech", "rag"] as const;
const ROWS = ["reads", "size", "cost", "kept"] as const;

export function UploadsOverview({ flowId, takesWholeFiles }: { flowId: string; takesWholeFiles: boolean }) {
  const { t } = useTranslation("flowSettings");
  const { data } = useQuery(flowUploadsQuery(flowId));
  const on = { images: data?.isImageUploadAllowed ?? false, speech: data?.isSpeechToTextEnabled ?? false, rag: data?.isRAGFileUploadAllowed ?? false };
  return (
    <>
      {takesWholeFiles && on.rag && <Notice tone="warning">{t("fileUpload.both")}</Notice>}
      {data && (
        <section aria-labelledby="uploads-besides" className="border-t border-line pt-4">
          <h3 id="uploads-besides" className="text-sm font-medium text-ink">
            {t("fileUpload.besides")}
          </h3>
          <ul className="mt-2 flex flex-col gap-2.5">
            {KINDS.map((kind) => {
              const Icon = on[kind] ? CircleCheck : CircleDashed;
              return (
                <li key={kind} className="flex items-start gap-2.5 text-sm">
                  <Icon aria-hidden className={cx("mt-0.5 size-4 shrink-0", on[kind] ? "text-success" : "text-faint")} />
                  <span>
                    <span className="font-medium text-ink">
                      {t(`fileUpload.kinds.${kind}.name`)}: {t(on[kind] ? "fileUpload.taken" : "fileUpload.notTaken")}
                    </span>
                    <span className="block text-muted">{t(`fileUpload.kinds.${kind}.how`)}</span>
                  </span>
                </li>
              );
            })}
          </ul>
        </section>
      )}
      <details className="rounded-md border border-line">
        <FoldSummary className="rounded-md px-3 py-2 text-sm font-medium">{t("fileUpload.compare.title")}</FoldSummary>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard */}
        <div tabIndex={0} role="region" aria-label={t("fileUpload.compare.title")} className="overflow-x-auto border-t border-line">
          <table className="w-full min-w-112 text-start text-sm">
            <thead className="bg-sunken text-muted">
              <tr>
                <th scope="col" className="px-3 py-2">
                  <Hidden>{t("fileUpload.compare.what")}</Hidden>
                </th>
                <th scope="col" className="px-3 py-2 text-start font-medium">
                  {t("fileUpload.compare.full")}
                </th>
                <th scope="col" className="px-3 py-2 text-start font-medium">
                  {t("fileUpload.compare.rag")}
                </th>
              </tr>
            </thead>
            <tbody>
              {ROWS.map((row) => (
                <tr key={row} className="border-t border-line align-top">
                  <th scope="row" className="px-3 py-2 text-start font-medium">
                    {t(`fileUpload.compare.${row}.name`)}
                  </th>
                  <td className="px-3 py-2 text-muted">{t(`fileUpload.compare.${row}.full`)}</td>
                  <td className="px-3 py-2 text-muted">{t(`fileUpload.compare.${row}.rag`)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </>
  );
}
