// Tells a screen reader what just happened on the canvas.
import { create } from "zustand";
import { Hidden } from "~/ui/states";

const useSaid = create<{ text: string; turn: number }>(() => ({ text: "", turn: 0 }));

/** Says `text` once the screen reader is free. */
export function announce(text: string): void {
  useSaid.setState((state) => ({ text, turn: state.turn + 1 }));
}

export function CanvasAnnouncer() {
  const { text, turn } = useSaid();
  // A no-break space more or less makes the same sentence a new one.
  return (
    <div role="status">
      <Hidden>{turn % 2 === 0 ? text : `${text}\u00A0`}</Hidden>
    </div>
  );
}
