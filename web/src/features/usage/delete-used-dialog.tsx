// Deleting something that flows may use: tells which before it is gone.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type UsageKind, usageQuery } from "~/api/usage";
import { Button } from "~/ui/button";
import { Notice } from "~/ui/card";
import { Dialog } from "~/ui/dialog";
import { ErrorNotice, Hidden, Skeleton } from "~/ui/states";
import { UsageList } from "./usage-list";

export interface DeleteUsedProps {
  kind: UsageKind;
  /** What goes; null closes the dialog. */
  target: { id: string; name: string } | null;
  onClose: () => void;
  title: string;
  /** What follows from deleting it where flows use it. */
  consequence: string;
  remove: (id: string) => Promise<unknown>;
  /** After it is gone. */
  onDeleted: () => unknown;
}

export function DeleteUsedDialog({ target, ...rest }: DeleteUsedProps) {
  return target ? <Question key={target.id} target={target} {...rest} /> : null;
}

function Question({ kind, target, onClose, title, consequence, remove, onDeleted }: DeleteUsedProps & { target: { id: string; name: string } }) {
  const { t } = useTranslation("usage");
  const { t: common } = useTranslation();
  const usage = useQuery(usageQuery(kind, target.id));
  const removal = useMutation({
    mutationFn: () => remove(target.id),
    onSuccess: async () => {
      await onDeleted();
      onClose();
    },
  });
  const rows = usage.data ?? [];
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      footer={
        <>
          <Button onClick={onClose}>{common("cancel")}</Button>
          <Button variant="danger" busy={removal.isPending} disabled={usage.isPending} onClick={() => removal.mutate()}>
            {rows.length > 0 ? t("deleteAnyway") : common("delete")}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <ErrorNotice error={removal.error} />
        {usage.isPending && (
          <div role="status">
            <Hidden>{t("looking")}</Hidden>
            <Skeleton className="h-10" />
          </div>
        )}
        {usage.isError && <Notice tone="warning">{t("unknown")}</Notice>}
        {usage.isSuccess && rows.length === 0 && <p className="text-base text-muted">{t("nowhere")}</p>}
        {rows.length > 0 && (
          <>
            <Notice tone="warning">
              {t("used", { count: rows.length })} {consequence}
            </Notice>
            <UsageList rows={rows} />
          </>
        )}
      </div>
    </Dialog>
  );
}
