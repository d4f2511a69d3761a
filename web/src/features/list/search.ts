// What of a list stands in the address: search, page, order and filters, so that a view can be linked to.

/** The search part of a list page's address; filters stand beside the five fixed entries under their own names. */
export interface ListSearch {
  q?: string | undefined;
  page?: number | undefined;
  limit?: number | undefined;
  /** A column's key, with `-` before it for the other way round. */
  sort?: string | undefined;
  [filter: string]: string | number | undefined;
}

/** Between the values of one filter. */
const BETWEEN = ";";

/** The `validateSearch` of a list page that has `filters`: takes what makes sense and drops the rest. */
export function listSearch(...filters: string[]): (raw: Record<string, unknown>) => ListSearch {
  return (raw) => {
    const search: ListSearch = {};
    const page = wholeNumber(raw["page"]);
    const limit = wholeNumber(raw["limit"]);
    if (page && page > 1) search.page = page;
    if (limit) search.limit = Math.min(limit, 200);
    for (const key of ["q", "sort", ...filters]) {
      const value = plainText(raw[key]);
      if (value) search[key] = value;
    }
    return search;
  };
}

export function valuesOf(text: string | number | undefined): string[] {
  return String(text ?? "")
    .split(BETWEEN)
    .filter(Boolean);
}

export function textOf(values: readonly string[]): string | undefined {
  return values.length > 0 ? values.join(BETWEEN) : undefined;
}

/** The router reads `?q=12` as a number and `?q=true` as a truth; a search means the letters. */
function plainText(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

function wholeNumber(value: unknown): number | undefined {
  const number = Number(value);
  return Number.isInteger(number) && number > 0 ? number : undefined;
}
