// Browser storage that never throws: a private window or a full disk must not break a page.

/** The text stored under `key`, or null when absent or storage is forbidden. */
export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** Stores `value` under `key`, or removes it when null. Says nothing when storage is forbidden. */
export function writeStored(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Nothing is lost but the memory of a preference.
  }
}
