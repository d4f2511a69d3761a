// The line that opens and closes a `details`.
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
