// Dialogs that any page, the header or the palette can open; `AppDialogs` draws them.
import { create } from "zustand";

export type AppDialog =
  /** Takes flows, or a whole workspace, from files; the plan comes first. */
  | { kind: "import"; files?: readonly File[] }
  | { kind: "export" }
  | { kind: "shortcuts" }
  /** Makes a document store and leads to it. */
  | { kind: "store" }
  /** Lets a model draw an agentflow, which then opens. */
  | { kind: "generate" };

export const useAppDialog = create<{ dialog: AppDialog | null }>(() => ({ dialog: null }));

export function openDialog(dialog: AppDialog): void {
  useAppDialog.setState({ dialog });
}

export function closeDialog(): void {
  useAppDialog.setState({ dialog: null });
}
