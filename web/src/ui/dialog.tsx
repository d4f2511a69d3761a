// Dialogs over the page: a box in the middle, a sheet at the side, a question.
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useRef } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { Button } from "./button";
import { useReturnFocus } from "./return-focus";

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: string | undefined;
  children?: ReactNode;
}

const WIDTHS = {
  md: "w-[min(32rem,calc(100vw-2rem))]",
  lg: "w-[min(46rem,calc(100vw-2rem))]",
  xl: "w-[min(72rem,calc(100vw-2rem))]",
};

export interface BoxProps extends DialogProps {
  size?: keyof typeof WIDTHS;
  /** Buttons that stay in view under what scrolls. */
  footer?: ReactNode;
}

function Overlay() {
  return <Radix.Overlay className="fixed inset-0 z-40 animate-fade-in bg-scrim" />;
}

/** A box in the middle of the page. It opens with the first field in focus, where it has one. */
export function Dialog({ open, onOpenChange, title, description, children, footer, size = "md" }: BoxProps) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const { remember, onCloseAutoFocus } = useReturnFocus();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Overlay />
        <Radix.Content
          ref={box}
          {...(description ? {} : { "aria-describedby": undefined })}
          onCloseAutoFocus={onCloseAutoFocus}
          onOpenAutoFocus={(event) => {
            remember(event);
            const first = box.current?.querySelector<HTMLElement>("[data-autofocus], input:not([type=hidden], [type=file], :disabled), textarea:not(:disabled), select:not(:disabled)");
            if (!first) return;
            event.preventDefault();
            first.focus();
          }}
          className={cx(
            "fixed top-1/2 left-1/2 z-50 flex max-h-[85dvh] -translate-x-1/2 -translate-y-1/2 animate-fade-in flex-col overflow-hidden rounded-xl border border-line bg-overlay shadow-lg outline-none",
            WIDTHS[size],
          )}
        >
          <div className="flex shrink-0 items-start justify-between gap-4 px-5 pt-5">
            <div className="min-w-0">
              <Radix.Title className="text-lg font-semibold [overflow-wrap:anywhere]">{title}</Radix.Title>
              {description && <Radix.Description className="mt-1 text-base text-muted [overflow-wrap:anywhere]">{description}</Radix.Description>}
            </div>
            <Radix.Close asChild>
              <Button variant="ghost" size="icon-sm" aria-label={t("close")} className="-me-1 -mt-0.5">
                <X aria-hidden />
              </Button>
            </Radix.Close>
          </div>
          <div className={cx("min-h-0 overflow-y-auto px-5", children ? "pt-4 pb-5" : "pb-1")}>{children}</div>
          {footer && <div className="flex shrink-0 flex-wrap items-center justify-end gap-2 border-t border-line px-5 py-3.5">{footer}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A panel that slides over the page from one side, for narrow screens. */
export function Sheet({ open, onOpenChange, title, children, side = "end" }: DialogProps & { side?: "start" | "end" }) {
  const { remember, onCloseAutoFocus } = useReturnFocus();
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Overlay />
        <Radix.Content
          aria-describedby={undefined}
          onOpenAutoFocus={remember}
          onCloseAutoFocus={onCloseAutoFocus}
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
    <Dialog
      {...dialog}
      footer={
        <>
          <Button onClick={() => dialog.onOpenChange(false)}>{t("cancel")}</Button>
          <Button variant="danger" busy={busy} onClick={onConfirm}>
            {confirm}
          </Button>
        </>
      }
    />
  );
}
