// A line that opens to show more, and the pieces of text inside it.
import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";

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

/** A named value: text as it is, everything else as JSON; nothing when there is none. */
export function Detail({ label, value }: { label: string; value: unknown }) {
  if (value === undefined || value === null || value === "") return null;
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return (
    <div className="min-w-0">
      <p className="mb-1 text-xs font-medium text-faint">{label}</p>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard */}
      <pre tabIndex={0} className="max-h-48 overflow-auto rounded-md bg-sunken p-2 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]">
        {text}
      </pre>
    </div>
  );
}
