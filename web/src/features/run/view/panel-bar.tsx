// The head of the runs under the canvas.
import type { ReactNode } from "react";

/** `frame` opens, sizes and closes the panel; `action` stands before it. */
export function PanelBar({ children, action, frame }: { children: ReactNode; action?: ReactNode; frame: ReactNode }) {
  return (
    <div className="flex min-h-12 shrink-0 items-center gap-x-3 gap-y-1 border-b border-line ps-3 pe-1.5">
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-1 py-1.5 text-sm text-muted">{children}</div>
      <div className="flex shrink-0 items-center self-start pt-2">
        {action && <div className="me-1">{action}</div>}
        {frame}
      </div>
    </div>
  );
}
