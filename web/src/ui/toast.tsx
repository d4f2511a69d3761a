// Short notices at the edge of the page, from anywhere: `toast.success("…")`.
import { CircleAlert, CircleCheck, X } from "lucide-react";
import { Toast as Radix } from "radix-ui";
import { useTranslation } from "react-i18next";
import { create } from "zustand";
import { Button } from "./button";

interface Notice {
  id: number;
  tone: "success" | "danger";
  text: string;
}

const useNotices = create<{ notices: Notice[] }>(() => ({ notices: [] }));
let nextId = 1;

function show(tone: Notice["tone"], text: string): void {
  const notice = { id: nextId, tone, text };
  nextId += 1;
  useNotices.setState((state) => ({ notices: [...state.notices.slice(-2), notice] }));
}

export const toast = {
  success: (text: string) => show("success", text),
  error: (text: string) => show("danger", text),
};

function remove(id: number): void {
  useNotices.setState((state) => ({ notices: state.notices.filter((notice) => notice.id !== id) }));
}

/** Where toasts appear; stands once, in the shell. */
export function Toaster() {
  const { t } = useTranslation();
  const notices = useNotices((state) => state.notices);
  return (
    <Radix.Provider swipeDirection="right">
      {notices.map((notice) => (
        <Radix.Root
          key={notice.id}
          type={notice.tone === "danger" ? "foreground" : "background"}
          duration={notice.tone === "danger" ? 10_000 : 4_000}
          onOpenChange={(open) => !open && remove(notice.id)}
          className="flex animate-pop-in items-start gap-2.5 rounded-lg border border-line bg-overlay p-3 shadow-lg"
        >
          {notice.tone === "danger" ? (
            <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
          ) : (
            <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-success" />
          )}
          <Radix.Description className="min-w-0 flex-1 text-sm text-ink [overflow-wrap:anywhere]">{notice.text}</Radix.Description>
          <Radix.Close asChild>
            <Button variant="ghost" size="icon-sm" aria-label={t("toast.dismiss")} className="-m-1">
              <X aria-hidden />
            </Button>
          </Radix.Close>
        </Radix.Root>
      ))}
      <Radix.Viewport label={t("toast.region")} className="fixed end-4 bottom-4 z-60 flex w-[min(22rem,calc(100vw-2rem))] flex-col gap-2 outline-none" />
    </Radix.Provider>
  );
}
