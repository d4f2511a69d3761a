// Short notices at the edge of the page, from anywhere: `toast.success("…")`.
import { CircleAlert, CircleCheck, Info, X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { useTranslation } from "react-i18next";
import { create } from "zustand";
import { cx } from "~/lib/cx";
import { Button } from "./button";

type Tone = "success" | "danger" | "info";

export interface ToastOptions {
  /** One thing to do about it, such as undoing it. */
  action?: { label: string; run: () => void };
  /** How long it stays, in milliseconds; hovering and focus hold it. */
  duration?: number;
  /** It went away, by itself or by hand, without its action. */
  onGone?: () => void;
}

interface Notice extends ToastOptions {
  id: number;
  tone: Tone;
  text: string;
}

const useNotices = create<{ notices: Notice[] }>(() => ({ notices: [] }));
/** More at a time would hide the page. */
const MOST = 3;
let nextId = 1;

function show(tone: Tone, text: string, options: ToastOptions = {}): void {
  const notice = { id: nextId, tone, text, ...options };
  nextId += 1;
  const { notices } = useNotices.getState();
  const pushedOut = notices.slice(0, Math.max(0, notices.length - MOST + 1));
  useNotices.setState({ notices: [...notices.slice(pushedOut.length), notice] });
  for (const old of pushedOut) old.onGone?.();
}

export const toast = {
  success: (text: string, options?: ToastOptions) => show("success", text, options),
  error: (text: string, options?: ToastOptions) => show("danger", text, options),
  info: (text: string, options?: ToastOptions) => show("info", text, options),
};

function remove(notice: Notice, acted: boolean): void {
  const { notices } = useNotices.getState();
  if (!notices.some((entry) => entry.id === notice.id)) return;
  useNotices.setState({ notices: notices.filter((entry) => entry.id !== notice.id) });
  if (acted) notice.action?.run();
  else notice.onGone?.();
}

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
