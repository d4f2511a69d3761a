// Tables as text that spreadsheets open, safely.

/** A first character with which spreadsheets take a cell for a formula. */
const FORMULA = /^[=+\-@\t\r\n]/;

/** `value` as one cell: quoted, and never run as a formula. */
export function csvCell(value: unknown): string {
  const text = value === null || value === undefined ? "" : typeof value === "string" ? value : typeof value === "object" ? JSON.stringify(value) : String(value);
  // A number may begin with a minus; anything else that begins so is made a text.
  const isNumber = /^-?\d+(\.\d+)?$/.test(text);
  const safe = FORMULA.test(text) && !isNumber ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

/** Head and rows with the line ends of RFC 4180; the mark at the front makes spreadsheets read it as UTF-8. */
export function csvText(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  return `\uFEFF${[head, ...rows].map((row) => row.map(csvCell).join(",")).join("\r\n")}\r\n`;
}
