// The chat dock's width and whether it is open, kept in this browser.
import { create } from "zustand";
import { asObject, parseJson } from "~/lib/json";
import { readStored, writeStored } from "~/lib/storage";

export const CHAT_MIN = 320;
export const CHAT_MAX = 760;
const CHAT_DEFAULT = 420;
const KEY = "flowstone.dock";

interface DockState {
  width: number;
  open: boolean;
  resize: (width: number) => void;
  reset: () => void;
  toggle: () => void;
}

function stored(): { width: number; open: boolean } {
  const saved = asObject(parseJson(readStored(KEY) ?? ""));
  const width = Number(saved?.["width"]);
  return { width: width >= CHAT_MIN && width <= CHAT_MAX ? width : CHAT_DEFAULT, open: saved?.["open"] !== false };
}

export const useDock = create<DockState>((set, get) => {
  const change = (next: Partial<DockState>) => {
    set(next);
    const { width, open } = get();
    writeStored(KEY, JSON.stringify({ width, open }));
  };
  return {
    ...stored(),
    resize: (width) => change({ width }),
    reset: () => change({ width: CHAT_DEFAULT }),
    toggle: () => change({ open: !get().open }),
  };
});
