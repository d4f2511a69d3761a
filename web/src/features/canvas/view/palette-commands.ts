// What the command palette offers while a flow is open: the canvas's own commands, by the same names and keys as its table of keys.
import { Activity, FilePlus2, Frame, Keyboard, ListTree, type LucideIcon, Maximize, MessageSquare, OctagonPause, PanelLeft, PanelRight, Redo2, Save, Search, Send, StickyNote, Undo2, WandSparkles } from "lucide-react";
import { type RefObject, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Command as Offered, useCommands } from "~/lib/commands";
import { MOD } from "~/ui/keys";
import { type Command, SHORTCUTS } from "./shortcuts";

interface Entry {
  command: Command;
  icon: LucideIcon;
  /** Also on a flow that may only be looked at. */
  looking?: boolean;
}

const ENTRIES: readonly Entry[] = [
  { command: "add", icon: FilePlus2 },
  { command: "note", icon: StickyNote },
  { command: "frame", icon: Frame },
  { command: "find", icon: Search, looking: true },
  { command: "save", icon: Save },
  { command: "publish", icon: Send },
  { command: "undo", icon: Undo2 },
  { command: "redo", icon: Redo2 },
  { command: "tidy", icon: WandSparkles },
  { command: "fitAll", icon: Maximize, looking: true },
  { command: "left", icon: PanelLeft, looking: true },
  { command: "inspector", icon: PanelRight, looking: true },
  { command: "outline", icon: ListTree, looking: true },
  { command: "chat", icon: MessageSquare, looking: true },
  { command: "runs", icon: Activity, looking: true },
  { command: "breakpoint", icon: OctagonPause },
  { command: "shortcuts", icon: Keyboard, looking: true },
];

/** `latest` holds what the commands do; it may change at every drawing. */
export function useCanvasCommands(latest: RefObject<{ handlers: Record<Command, (key: string) => void> }>, readOnly: boolean): void {
  const { t } = useTranslation("canvas");
  const commands = useMemo(
    (): Offered[] =>
      ENTRIES.filter((entry) => entry.looking || !readOnly).map(({ command, icon }) => {
        const keys = SHORTCUTS.find((shortcut) => shortcut.command === command)?.keys[0]?.replaceAll("+", " ").replace("Mod", MOD);
        return { id: `canvas-${command}`, label: t(`shortcuts.command.${command}`), icon, ...(keys ? { shortcut: keys } : {}), run: () => latest.current.handlers[command]("") };
      }),
    [t, readOnly, latest],
  );
  useCommands(commands);
}
