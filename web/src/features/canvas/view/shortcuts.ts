// Every key of the canvas, in one table: the keys work from it, and the dialog shows it.

import { isSilenced } from "~/lib/single-keys";

export type Command =
  | "undo" | "redo" | "copy" | "cut" | "paste" | "pasteWired" | "duplicate" | "selectAll" | "clear" | "delete" | "deleteNoHeal"
  | "add" | "note" | "frame" | "connect" | "open" | "rename" | "tidy" | "find" | "save" | "publish"
  | "fitAll" | "fitSelection" | "zoomIn" | "zoomOut" | "zoomReset" | "left" | "inspector" | "chat" | "outline" | "hand" | "select" | "snap"
  | "move" | "moveFar" | "walk" | "upstream" | "downstream" | "shortcuts" | "breakpoint" | "runs";

export interface Shortcut {
  command: Command;
  group: "edit" | "build" | "move" | "view";
  /** As written in the dialog; `Mod` is Ctrl or ⌘. Several are alternatives. */
  keys: string[];
  /** Works wherever the focus is on the page, except in a field. */
  everywhere?: boolean;
}

export const SHORTCUTS: Shortcut[] = [
  { command: "add", group: "build", keys: ["A", "/"], everywhere: true },
  { command: "connect", group: "build", keys: ["C"] },
  { command: "open", group: "build", keys: ["Enter"] },
  { command: "rename", group: "build", keys: ["F2"] },
  { command: "note", group: "build", keys: ["N"] },
  { command: "frame", group: "build", keys: ["Mod+G"] },
  { command: "breakpoint", group: "build", keys: ["B"] },
  { command: "undo", group: "edit", keys: ["Mod+Z"], everywhere: true },
  { command: "redo", group: "edit", keys: ["Mod+Shift+Z", "Mod+Y"], everywhere: true },
  { command: "copy", group: "edit", keys: ["Mod+C"] },
  { command: "cut", group: "edit", keys: ["Mod+X"] },
  { command: "paste", group: "edit", keys: ["Mod+V"] },
  { command: "pasteWired", group: "edit", keys: ["Mod+Shift+V"] },
  { command: "duplicate", group: "edit", keys: ["Mod+D"] },
  { command: "selectAll", group: "edit", keys: ["Mod+A"] },
  { command: "clear", group: "edit", keys: ["Escape"] },
  { command: "delete", group: "edit", keys: ["Delete", "Backspace"] },
  { command: "deleteNoHeal", group: "edit", keys: ["Shift+Delete"] },
  { command: "save", group: "edit", keys: ["Mod+S"], everywhere: true },
  { command: "publish", group: "edit", keys: ["Mod+Shift+P"], everywhere: true },
  { command: "move", group: "move", keys: ["Arrows"] },
  { command: "moveFar", group: "move", keys: ["Shift+Arrows"] },
  { command: "walk", group: "move", keys: ["Alt+Arrows"] },
  { command: "upstream", group: "move", keys: ["Shift+Alt+ArrowLeft"] },
  { command: "downstream", group: "move", keys: ["Shift+Alt+ArrowRight"] },
  { command: "tidy", group: "move", keys: ["Shift+L"] },
  { command: "snap", group: "move", keys: ["G"] },
  { command: "find", group: "view", keys: ["Mod+F"], everywhere: true },
  { command: "fitAll", group: "view", keys: ["1"] },
  { command: "fitSelection", group: "view", keys: ["2"] },
  { command: "zoomReset", group: "view", keys: ["0"] },
  { command: "zoomIn", group: "view", keys: ["+", "="] },
  { command: "zoomOut", group: "view", keys: ["-"] },
  { command: "select", group: "view", keys: ["V"] },
  { command: "hand", group: "view", keys: ["H"] },
  { command: "left", group: "view", keys: ["Mod+B"], everywhere: true },
  { command: "inspector", group: "view", keys: ["Mod+I"], everywhere: true },
  { command: "chat", group: "view", keys: ["Mod+J"], everywhere: true },
  { command: "outline", group: "view", keys: ["T"], everywhere: true },
  { command: "runs", group: "view", keys: ["R"], everywhere: true },
  { command: "shortcuts", group: "view", keys: ["?"], everywhere: true },
];

interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}

/** How `event` would be written in the table. */
export function written({ key, ctrlKey, metaKey, shiftKey, altKey }: Pressed): string {
  const name = key.length === 1 ? key.toUpperCase() : key;
  // A sign that needs Shift on some keyboards and not on others says enough by itself.
  const isSign = key.length === 1 && !/[a-z0-9]/i.test(key);
  return [ctrlKey || metaKey ? "Mod" : "", shiftKey && !isSign ? "Shift" : "", altKey ? "Alt" : "", name].filter(Boolean).join("+");
}

/** The command of a key press, if it is one. */
export function commandFor(event: Pressed): Shortcut | undefined {
  if (isSilenced(event)) return undefined;
  const text = written(event);
  const anyArrow = text.replace(/Arrow(Left|Right|Up|Down)$/, "Arrows");
  return SHORTCUTS.find((shortcut) => shortcut.keys.includes(text)) ?? SHORTCUTS.find((shortcut) => anyArrow !== text && shortcut.keys.includes(anyArrow));
}

/** Whether somebody types into `target`: then letters are letters. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest("[role=dialog],[role=menu],[role=listbox]") !== null);
}
