// The line between two panels: drag it, or move it with the arrow keys.
import { type KeyboardEvent, type PointerEvent, useState } from "react";
import { cx } from "~/lib/cx";

export interface ResizeHandleProps {
  label: string;
  /** Width in pixels of the panel after the line. */
  width: number;
  min: number;
  max: number;
  onResize: (width: number) => void;
  onReset: () => void;
}

const STEP = 24;

export function ResizeHandle({ label, width, min, max, onResize, onReset }: ResizeHandleProps) {
  const [dragging, setDragging] = useState(false);
  const set = (next: number) => onResize(Math.round(Math.min(max, Math.max(min, next))));
  // In a right-to-left page the panel lies on the other side, and every direction turns round.
  const direction = () => (document.documentElement.dir === "rtl" ? -1 : 1);

  const onPointerMove = (event: PointerEvent<HTMLDivElement>) => {
    if (!dragging) return;
    const edge = event.currentTarget.parentElement?.getBoundingClientRect();
    if (edge) set(direction() === 1 ? edge.right - event.clientX : event.clientX - edge.left);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, () => void> = {
      ArrowLeft: () => set(width + STEP * direction()),
      ArrowRight: () => set(width - STEP * direction()),
      Home: () => set(max),
      End: () => set(min),
      Enter: onReset,
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    step();
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- a focusable separator with a value is a widget (WAI-ARIA window splitter)
    <div
      role="separator"
      aria-label={label}
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={min}
      aria-valuemax={max}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- see above
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDragging(true);
      }}
      onPointerMove={onPointerMove}
      onPointerUp={() => setDragging(false)}
      onPointerCancel={() => setDragging(false)}
      onDoubleClick={onReset}
      onKeyDown={onKeyDown}
      className={cx(
        "relative z-10 w-px shrink-0 cursor-col-resize touch-none bg-line transition-colors duration-120 after:absolute after:inset-y-0 after:-inset-x-1.5 hover:bg-primary",
        dragging && "bg-primary",
      )}
    />
  );
}
