// Times and money as people read them.

/** `milliseconds` short: "85 ms", "1.4 s", "2 min 5 s". */
export function duration(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** `dollars` with as many digits as it takes to be more than nothing. */
export function money(dollars: number, locale: string): string {
  const digits = dollars > 0 && dollars < 0.01 ? Math.min(8, Math.ceil(-Math.log10(dollars)) + 1) : 2;
  return new Intl.NumberFormat(locale, { style: "currency", currency: "USD", minimumFractionDigits: 2, maximumFractionDigits: digits }).format(dollars);
}

const STATES = { INPROGRESS: "status.running", FINISHED: "status.finished", ERROR: "status.failed", TIMEOUT: "status.failed", STOPPED: "status.waiting", TERMINATED: "status.stopped" } as const;

/** The name of a state, as a key of this feature's texts. */
export function stateKey(state: string): (typeof STATES)[keyof typeof STATES] | "status.unknown" {
  return state in STATES ? STATES[state as keyof typeof STATES] : "status.unknown";
}
