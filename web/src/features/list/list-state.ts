// The state of a list page: what the address says, and what this browser remembers of how one likes to look at it.
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { asObject, parseJson } from "~/lib/json";
import { readStored, writeStored } from "~/lib/storage";
import { type ListSearch, textOf, valuesOf } from "./search";

export type ListView = "cards" | "table";

export interface SortOrder {
  key: string;
  descending: boolean;
}

export interface ListState {
  /** Under this name the view is remembered. */
  name: string;
  q: string;
  page: number;
  limit: number;
  sort: SortOrder;
  filters: Readonly<Record<string, readonly string[]>>;
  /** Whether anything narrows the list. */
  narrowed: boolean;
  view: ListView;
  /** Columns that are switched off. */
  hidden: readonly string[];
  setQuery: (q: string) => void;
  setPage: (page: number, limit: number) => void;
  /** Sorts by `key`; a second time turns the order round. */
  toggleSort: (key: string) => void;
  setSort: (sort: SortOrder) => void;
  setFilter: (key: string, values: readonly string[]) => void;
  /** Takes search and filters away. */
  clear: () => void;
  setView: (view: ListView) => void;
  toggleColumn: (key: string) => void;
}

export interface ListOptions {
  /** A name of its own, such as `chatflows`. */
  name: string;
  /** How the list is sorted at first. */
  sort: SortOrder;
  /** The names of its filters, the same as `listSearch` was given. */
  filters?: readonly string[];
  view?: ListView;
  /** Rows on a page at first. */
  limit?: number;
}

interface Remembered {
  view?: ListView;
  limit?: number;
  hidden?: string[];
}

const DEFAULT_LIMIT = 24;

export function useListState(options: ListOptions): ListState {
  const { name, filters: filterNames } = options;
  // Every list route answers with `ListSearch`; which of them this is does not matter here.
  const search = useSearch({ strict: false }) as ListSearch;
  const navigate = useNavigate();
  const [remembered, setRemembered] = useState<Remembered>(() => recall(name));
  const remember = useCallback(
    (more: Remembered) =>
      setRemembered((before) => {
        const next = { ...before, ...more };
        writeStored(keyOf(name), JSON.stringify(next));
        return next;
      }),
    [name],
  );
  const change = useCallback(
    (more: ListSearch, replace: boolean) => void navigate({ to: ".", search: ((before: ListSearch) => ({ ...before, page: undefined, ...more })) as never, replace }),
    [navigate],
  );
  return useMemo(() => {
    const filters = Object.fromEntries((filterNames ?? []).map((key) => [key, valuesOf(search[key])]));
    const sort = search.sort ? { key: search.sort.replace(/^-/, ""), descending: search.sort.startsWith("-") } : options.sort;
    const setSort = (next: SortOrder) => change({ sort: isSame(next, options.sort) ? undefined : `${next.descending ? "-" : ""}${next.key}` }, true);
    const hidden = remembered.hidden ?? [];
    return {
      name,
      q: search.q ?? "",
      page: search.page ?? 1,
      limit: search.limit ?? remembered.limit ?? options.limit ?? DEFAULT_LIMIT,
      sort,
      filters,
      narrowed: Boolean(search.q) || Object.values(filters).some((values) => values.length > 0),
      view: remembered.view ?? options.view ?? "table",
      hidden,
      setQuery: (q) => change({ q: q || undefined }, true),
      setPage: (page, limit) => {
        remember({ limit });
        change({ page: page > 1 ? page : undefined, limit: undefined }, false);
      },
      toggleSort: (key) => setSort({ key, descending: sort.key === key && !sort.descending }),
      setSort,
      setFilter: (key, values) => change({ [key]: textOf(values) }, false),
      clear: () => change({ q: undefined, ...Object.fromEntries(Object.keys(filters).map((key) => [key, undefined])) }, false),
      setView: (view) => remember({ view }),
      toggleColumn: (key) => remember({ hidden: hidden.includes(key) ? hidden.filter((other) => other !== key) : [...hidden, key] }),
    };
    // The options are written in place by pages; their contents never change.
    // oxlint-disable-next-line react/exhaustive-deps -- see above
  }, [search, remembered, remember, change, name]);
}

function isSame(a: SortOrder, b: SortOrder): boolean {
  return a.key === b.key && a.descending === b.descending;
}

function keyOf(name: string): string {
  return `flowstone.list.${name}`;
}

/** What is remembered of `name`, whatever else stands under its key. */
function recall(name: string): Remembered {
  const stored = asObject(parseJson(readStored(keyOf(name)) ?? ""));
  const remembered: Remembered = {};
  if (stored?.["view"] === "cards" || stored?.["view"] === "table") remembered.view = stored["view"];
  if (typeof stored?.["limit"] === "number" && stored["limit"] > 0) remembered.limit = stored["limit"];
  if (Array.isArray(stored?.["hidden"])) remembered.hidden = stored["hidden"].filter((key) => typeof key === "string");
  return remembered;
}
