// The colour theme: light, dark, or what the system wants; kept in this browser.
import { create } from "zustand";
import { readStored, writeStored } from "~/lib/storage";

export type ThemeChoice = "light" | "dark" | "system";

const KEY = "flowstone.theme";

/** Whether `choice` comes out dark on this machine now. */
function isDark(choice: ThemeChoice): boolean {
  return choice === "dark" || (choice === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
}

function apply(choice: ThemeChoice): void {
  document.documentElement.dataset["theme"] = isDark(choice) ? "dark" : "light";
}

function storedChoice(): ThemeChoice {
  const stored = readStored(KEY);
  return stored === "light" || stored === "dark" ? stored : "system";
}

interface ThemeState {
  choice: ThemeChoice;
  choose: (choice: ThemeChoice) => void;
}

export const useTheme = create<ThemeState>((set) => ({
  choice: storedChoice(),
  choose: (choice) => {
    writeStored(KEY, choice);
    apply(choice);
    set({ choice });
  },
}));

/** Follows the system while the choice is "system", and other tabs always. Call once at start. */
export function watchTheme(): void {
  apply(useTheme.getState().choice);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => apply(useTheme.getState().choice));
  window.addEventListener("storage", (event) => {
    if (event.key !== KEY) return;
    useTheme.setState({ choice: storedChoice() });
    apply(useTheme.getState().choice);
  });
}
