// Deleting with ten seconds to think: rows vanish at once, the server is told when the notice goes.
import { create } from "zustand";
import { toast } from "~/ui/toast";

/** How long an undo is offered, in milliseconds. */
const TIME_TO_UNDO = 10_000;

/** Rows that are on their way out; lists leave them away. */
export const useLeaving = create<{ ids: ReadonlySet<string> }>(() => ({ ids: new Set() }));

export interface Deletion {
  ids: readonly string[];
  /** What the notice says, such as “Weather” was deleted. */
  done: string;
  undo: string;
  /** Deletes one row on the server. */
  remove: (id: string) => Promise<unknown>;
  /** When all is over, whether or not it worked: read the list again. */
  settled: () => Promise<unknown>;
  /** One of them could not be deleted; it is back in the list. */
  failed: (error: unknown) => void;
}

const pending = new Set<() => void>();

/** Takes rows out of every list at once and deletes them when the notice goes, unless it was undone. */
export function deleteWithUndo(deletion: Deletion): void {
  mark(deletion.ids, true);
  const carryOut = () => {
    if (!pending.delete(carryOut)) return;
    void settle(deletion);
  };
  pending.add(carryOut);
  toast.success(deletion.done, {
    duration: TIME_TO_UNDO,
    onGone: carryOut,
    action: {
      label: deletion.undo,
      run: () => {
        if (pending.delete(carryOut)) mark(deletion.ids, false);
      },
    },
  });
}

async function settle({ ids, remove, settled, failed }: Deletion): Promise<void> {
  const outcomes = await Promise.allSettled(ids.map((id) => remove(id)));
  await settled().catch(() => undefined);
  mark(ids, false);
  const refused = outcomes.find((outcome) => outcome.status === "rejected");
  if (refused) failed(refused.reason);
}

function mark(ids: readonly string[], leaving: boolean): void {
  useLeaving.setState((state) => {
    const next = new Set(state.ids);
    for (const id of ids) {
      if (leaving) next.add(id);
      else next.delete(id);
    }
    return { ids: next };
  });
}

/** A tab that is closed meant what it deleted; the requests outlive it. */
if (typeof window !== "undefined") {
  window.addEventListener("pagehide", () => {
    for (const carryOut of pending) carryOut();
  });
}
