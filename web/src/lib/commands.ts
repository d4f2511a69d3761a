// What the command palette offers beside pages and flows: each page registers what can be done on it while it is open.
import type { LucideIcon } from "lucide-react";
import { useEffect } from "react";
import { create } from "zustand";

export interface Command {
  id: string;
  label: string;
  icon: LucideIcon;
  run: () => void;
  /** Other words that find it. */
  keywords?: string;
  /** Keys that do the same, as people read them: "Ctrl S". */
  shortcut?: string;
}

interface CommandState {
  open: boolean;
  /** Commands by who registered them; the newest group is shown first. */
  groups: readonly (readonly Command[])[];
}

export const useCommandState = create<CommandState>(() => ({ open: false, groups: [] }));

export function openPalette(): void {
  useCommandState.setState({ open: true });
}

/** Offers `commands` while the component stands; keep the list stable (`useMemo`). */
export function useCommands(commands: readonly Command[]): void {
  useEffect(() => {
    useCommandState.setState((state) => ({ groups: [commands, ...state.groups] }));
    return () => useCommandState.setState((state) => ({ groups: state.groups.filter((group) => group !== commands) }));
  }, [commands]);
}
