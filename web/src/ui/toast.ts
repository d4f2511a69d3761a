// Short notices at the edge of the page, from anywhere: `toast.success("…")`.
import { create } from "zustand";

type Tone = "success" | "danger" | "info";

export interface ToastOptions {
  /** One thing to do about it, such as undoing it. */
  action?: { label: string; run: () => void };
  /** How long it stays, in milliseconds; hovering and focus hold it. */
  duration?: number;
  /** It went away, by itself or by hand, without its action. */
  onGone?: () => void;
}

export interface Notice extends ToastOptions {
  id: number;
  tone: Tone;
  text: string;
}

/** What stands at the edge now. */
export const useNotices = create<{ notices: Notice[] }>(() => ({ notices: [] }));
/** More at a time would hide the page. */
const MOST = 3;
let nextId = 1;

function show(tone: Tone, text: string, options: ToastOptions = {}): void {
  const notice = { id: nextId, tone, text, ...options };
  nextId += 1;
  const { notices } = useNotices.getState();
  const pushedOut = notices.slice(0, Math.max(0, notices.length - MOST + 1));
  useNotices.setState({ notices: [...notices.slice(pushedOut.length), notice] });
  for (const old of pushedOut) old.onGone?.();
}

export const toast = {
  success: (text: string, options?: ToastOptions) => show("success", text, options),
  error: (text: string, options?: ToastOptions) => show("danger", text, options),
  info: (text: string, options?: ToastOptions) => show("info", text, options),
};

/** Takes a notice away; `acted` when its action was wanted. */
export function remove(notice: Notice, acted: boolean): void {
  const { notices } = useNotices.getState();
  if (!notices.some((entry) => entry.id === notice.id)) return;
  useNotices.setState({ notices: notices.filter((entry) => entry.id !== notice.id) });
  if (acted) notice.action?.run();
  else notice.onGone?.();
}
