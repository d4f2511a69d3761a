// How flows and callers use variables, with the text to copy.
import { useTranslation } from "react-i18next";
import { CopyButton } from "~/ui/copy-button";
import { Dialog } from "~/ui/dialog";
import { usesOf } from "./model";

export function HowToUse({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useTranslation("variables");
  const uses = usesOf(name);
  const call = JSON.stringify({ question: "…", overrideConfig: { vars: { [name]: "…" } } }, null, 2);
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("how.title")}>
      <dl className="flex flex-col gap-5">
        {[
          { key: "text", term: t("how.text"), body: t("how.textBody"), code: uses.text },
          { key: "code", term: t("how.code"), body: t("how.codeBody"), code: uses.code },
          { key: "call", term: t("how.call"), body: t("how.callBody"), code: call },
        ].map((row) => (
          <div key={row.key}>
            <dt className="text-base font-medium text-ink">{row.term}</dt>
            <dd className="text-sm text-muted">
              {row.body}
              <span className="mt-2 flex items-start gap-1 rounded-md border border-line bg-sunken py-1 ps-3 pe-1">
                <code className="min-w-0 flex-1 py-1 font-mono text-xs leading-5 whitespace-pre-wrap text-ink">{row.code}</code>
                <CopyButton text={row.code} label={t("how.copy", { what: row.term })} size="icon-sm" />
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
