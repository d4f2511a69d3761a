// Dialogs over the page: a box in the middle, a sheet at the side, a question.
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { Button } from "./button";

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: string;
  children?: ReactNode;
}

function Overlay() {
  return <Radix.Overlay className="fixed inset-0 z-40 animate-fade-in bg-scrim" />;
}

/** A box in the middle of the page. */
export function Dialog({ open, onOpenChange, title, description, children }: DialogProps) {
  const { t } = useTranslation();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Overlay />
        <Radix.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          className="fixed top-1/2 left-1/2 z-50 flex max-h-[85dvh] w-[min(32rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 animate-fade-in flex-col overflow-auto rounded-xl border border-line bg-overlay p-5 shadow-lg outline-none"
        >
          <div className="flex items-start justify-between gap-4">
            <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
            <Radix.Close asChild>
              <Button variant="ghost" size="icon-sm" aria-label={t("close")} className="-me-1 -mt-0.5">
                <X aria-hidden />
              </Button>
            </Radix.Close>
          </div>
          {description && <Radix.Description className="mt-1 text-base text-muted">{description}</Radix.Description>}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A panel that slides over the page from one side, for narrow screens. */
export function Sheet({ open, onOpenChange, title, children, side = "end" }: DialogProps & { side?: "start" | "end" }) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Overlay />
        <Radix.Content
          aria-describedby={undefined}
          className={cx(
            "fixed inset-y-0 z-50 flex w-[min(24rem,calc(100vw-3rem))] flex-col bg-overlay shadow-lg outline-none",
            side === "end" ? "end-0 animate-slide-in border-s border-line" : "start-0 animate-slide-in-start border-e border-line",
          )}
        >
          <Radix.Title className="sr-only">{title}</Radix.Title>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A question before something that cannot be undone. */
export function ConfirmDialog({ confirm, busy, onConfirm, ...dialog }: DialogProps & { confirm: string; busy: boolean; onConfirm: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog {...dialog}>
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={() => dialog.onOpenChange(false)}>{t("cancel")}</Button>
        <Button variant="danger" busy={busy} onClick={onConfirm}>
          {confirm}
        </Button>
      </div>
    </Dialog>
  );
}
