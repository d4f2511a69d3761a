// Searching, filtering, sorting and paging of rows that are all here already.

type Plain = string | number | boolean | null | undefined;

/** How the rows of a list are looked through. */
export interface ListRules<Row> {
  /** The texts that a search looks at. */
  text: (row: Row) => readonly Plain[];
  /** For each filter, what a row has of it. */
  filters?: Record<string, (row: Row) => Plain | readonly string[]>;
  /** For each column that sorts, what it sorts by. */
  sorts?: Record<string, (row: Row) => Plain>;
}

/** What of a list's state the arranging needs; `ListState` is one. */
export interface Arrangement {
  q: string;
  page: number;
  limit: number;
  sort: { key: string; descending: boolean };
  filters: Readonly<Record<string, readonly string[]>>;
}

/** The rows of the present page, and how many were found in all. Every word of the search must be somewhere in a row. */
export function arrange<Row>(rows: readonly Row[], list: Arrangement, rules: ListRules<Row>, locale?: string): { rows: Row[]; total: number; found: Row[] } {
  const words = list.q.trim().toLocaleLowerCase(locale).split(/\s+/).filter(Boolean);
  const found = rows.filter((row) => hasWords(rules.text(row), words, locale) && passes(row, list.filters, rules.filters ?? {}));
  const by = rules.sorts?.[list.sort.key];
  if (by) {
    const compare = new Intl.Collator(locale, { numeric: true, sensitivity: "base" }).compare;
    const turn = list.sort.descending ? -1 : 1;
    found.sort((a, b) => turn * inOrder(by(a), by(b), compare));
  }
  const last = Math.max(1, Math.ceil(found.length / list.limit));
  const start = (Math.min(list.page, last) - 1) * list.limit;
  return { rows: found.slice(start, start + list.limit), total: found.length, found };
}

function hasWords(texts: readonly Plain[], words: readonly string[], locale: string | undefined): boolean {
  if (words.length === 0) return true;
  const all = texts.map((text) => String(text ?? "").toLocaleLowerCase(locale)).join("\n");
  return words.every((word) => all.includes(word));
}

function passes<Row>(row: Row, wanted: Arrangement["filters"], filters: NonNullable<ListRules<Row>["filters"]>): boolean {
  return Object.entries(wanted).every(([key, values]) => {
    const read = filters[key];
    if (!read || values.length === 0) return true;
    const own = read(row);
    const has = Array.isArray(own) ? own : [String(own ?? "")];
    return values.some((value) => has.includes(value));
  });
}

/** Numbers by size, texts by the alphabet of the language, nothing last. */
function inOrder(a: Plain, b: Plain, compare: (a: string, b: string) => number): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  const [left, right] = [String(a ?? ""), String(b ?? "")];
  if (left === "" || right === "") return left === right ? 0 : left === "" ? 1 : -1;
  return compare(left, right);
}
