// Asks before a page with unsaved work is left: inside the product by a dialog, out of it by the browser's own question.
import { useBlocker } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "./dialog";

/** Stands anywhere on a page; `when` says whether there is something to lose. A change of the search part alone is no leaving. */
export function UnsavedGuard({ when, body }: { when: boolean; body?: string }) {
  const { t } = useTranslation();
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => when && current.pathname !== next.pathname && !ALWAYS_FREE.has(next.pathname),
    enableBeforeUnload: () => when,
    withResolver: true,
  });
  return (
    <ConfirmDialog
      open={blocker.status === "blocked"}
      onOpenChange={(open) => !open && blocker.reset?.()}
      title={t("form.leaveTitle")}
      description={body ?? t("form.leaveBody")}
      confirm={t("form.leave")}
      busy={false}
      onConfirm={() => blocker.proceed?.()}
    />
  );
}

/** An ended session leads here and back again; drafts outlive that, and a question in between would be in the way. */
const ALWAYS_FREE = new Set(["/signin", "/login"]);
