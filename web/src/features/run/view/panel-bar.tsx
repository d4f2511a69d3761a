// The head of the runs under the canvas.
import type { ReactNode } from "react";

export function PanelBar({ children, frame }: { children: ReactNode; frame: ReactNode }) {
  return (
    <div className="flex min-h-12 shrink-0 items-center gap-x-3 gap-y-1 border-b border-line ps-3 pe-1.5">
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-1 py-1.5 text-sm text-muted">{children}</div>
      <div className="flex shrink-0 items-center self-start pt-1">{frame}</div>
    </div>
  );
}
