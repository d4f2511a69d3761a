// Lines that open to show more.
import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "~/lib/cx";

export function FoldSummary({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <summary className={cx("flex cursor-pointer list-none items-center gap-2 [&::-webkit-details-marker]:hidden", className)}>
      <ChevronRight aria-hidden className="size-4 shrink-0 text-muted transition-transform duration-120 rtl:rotate-180 [details[open]>summary>&]:rotate-90" />
      {children}
    </summary>
  );
}

/** A framed line with a sign, which opens to show more below it. */
export function Fold({ icon, title, note, open = false, children }: { icon: ReactNode; title: ReactNode; note?: ReactNode; open?: boolean; children: ReactNode }) {
  return (
    <details open={open} className="group/fold min-w-0 rounded-lg border border-line text-sm">
      <summary className="flex cursor-pointer list-none items-center gap-2 rounded-lg px-3 py-2 font-medium text-muted hover:bg-hover hover:text-ink [&::-webkit-details-marker]:hidden [&_svg]:size-4 [&_svg]:shrink-0">
        {icon}
        <span className="min-w-0 flex-1 truncate">{title}</span>
        {note}
        <ChevronRight aria-hidden className="transition-transform duration-120 group-open/fold:rotate-90 rtl:rotate-180" />
      </summary>
      <div className="border-t border-line p-3">{children}</div>
    </details>
  );
}
