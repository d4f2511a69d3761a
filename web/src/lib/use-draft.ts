// Text that was entered but not saved, kept in this tab through reloads and an ended session.
import { useCallback, useState } from "react";
import { parseJson } from "./json";

const PREFIX = "flowstone.draft.";

/** What is kept under `key`, or undefined. */
export function readDraft<T>(key: string): T | undefined {
  try {
    const text = sessionStorage.getItem(PREFIX + key);
    return text === null ? undefined : (parseJson(text) as T | undefined);
  } catch {
    return undefined;
  }
}

export function writeDraft(key: string, value: unknown): void {
  try {
    if (value === undefined) sessionStorage.removeItem(PREFIX + key);
    else sessionStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // Storage is full or forbidden: the entry still stands on the page.
  }
}

/** State that survives this tab's reloads under `key` until `clear` is called. Never for passwords. */
export function useDraft<T>(key: string, initial: T): { value: T; set: (value: T) => void; clear: () => void; restored: boolean } {
  const [kept] = useState(() => readDraft<T>(key));
  const [value, setValue] = useState<T>(kept ?? initial);
  const set = useCallback(
    (next: T) => {
      setValue(next);
      writeDraft(key, next);
    },
    [key],
  );
  const clear = useCallback(() => writeDraft(key, undefined), [key]);
  return { value, set, clear, restored: kept !== undefined };
}
