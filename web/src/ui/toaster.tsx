// Draws the notices of `toast.ts`; comes after the first picture.
import { CircleAlert, CircleCheck, Info, X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { Button } from "./button";
import { remove, useNotices } from "./toast";

const LOOKS = {
  success: { icon: CircleCheck, color: "text-success" },
  danger: { icon: CircleAlert, color: "text-danger" },
  info: { icon: Info, color: "text-primary-ink" },
};

/** Where toasts appear; stands once, in the shell. */
export function Toaster() {
  const { t } = useTranslation();
  const notices = useNotices((state) => state.notices);
  return (
    <Radix.Provider swipeDirection="right">
      {notices.map((notice) => {
        const { icon: Icon, color } = LOOKS[notice.tone];
        return (
          <Radix.Root
            key={notice.id}
            type={notice.tone === "danger" ? "foreground" : "background"}
            duration={notice.duration ?? (notice.tone === "danger" ? 10_000 : 4_000)}
            onOpenChange={(open) => !open && remove(notice, false)}
            className="flex animate-pop-in items-start gap-2.5 rounded-lg border border-line bg-overlay p-3 shadow-lg"
          >
            <Icon aria-hidden className={cx("mt-0.5 size-4 shrink-0", color)} />
            <Radix.Description className="min-w-0 flex-1 text-sm text-ink [overflow-wrap:anywhere]">{notice.text}</Radix.Description>
            {notice.action && (
              <Radix.Action asChild altText={notice.action.label} onClick={() => remove(notice, true)}>
                <Button size="sm" className="-my-1">
                  {notice.action.label}
                </Button>
              </Radix.Action>
            )}
            <Radix.Close asChild>
              <Button variant="ghost" size="icon-sm" aria-label={t("toast.dismiss")} className="-m-1">
                <X aria-hidden />
              </Button>
            </Radix.Close>
          </Radix.Root>
        );
      })}
      <Radix.Viewport label={t("toast.region")} className="fixed end-4 bottom-4 z-60 flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-2 outline-none" />
    </Radix.Provider>
  );
}
