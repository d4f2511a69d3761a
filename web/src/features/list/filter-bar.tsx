// Above a list: search, filters, the order and the way of looking.
import { ArrowDownWideNarrow, ArrowUpNarrowWide, LayoutGrid, ListFilter as FilterIcon, Rows3, SlidersHorizontal, X } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { isSilenced } from "~/lib/single-keys";
import { Button } from "~/ui/button";
import { SearchField } from "~/ui/input";
import { Menu, MenuCheckItem, MenuContent, MenuLabel, MenuRadioGroup, MenuRadioItem, MenuSeparator, MenuTrigger } from "~/ui/menu";
import type { ListState, ListView } from "./list-state";

/** One filter: some of its values, any of which a row must have. */
export interface ListFilter {
  key: string;
  label: string;
  options: readonly { value: string; label: string }[];
  /** Only one value at a time, where the server takes no more. */
  single?: boolean;
}

interface ColumnName {
  key: string;
  label: string;
  sortable?: boolean;
  fixed?: boolean;
}

export interface FilterBarProps {
  list: ListState;
  /** Without it there is no search. */
  searchLabel: string | undefined;
  filters: readonly ListFilter[];
  columns: readonly ColumnName[];
  /** Whether there are cards to change to. */
  hasCards: boolean;
  /** How many there are, in words. */
  count: ReactNode;
}

/** Time after the last key before the address follows the search box, in milliseconds. */
const TYPING_PAUSE = 250;

export function FilterBar({ list, searchLabel, filters, columns, hasCards, count }: FilterBarProps) {
  const { t } = useTranslation("list");
  return (
    <div className="flex flex-col gap-2">
      <div className="flex flex-wrap items-center gap-2">
        {searchLabel && <ListSearchField list={list} label={searchLabel} />}
        {/* On a phone one row that scrolls; the margin leaves the focus ring its room. */}
        <div className="-m-1 flex min-w-0 flex-1 items-center gap-2 scroll-strip overflow-x-auto p-1 empty:hidden sm:contents">
          {filters.map((filter) => (
            <FilterMenu key={filter.key} filter={filter} chosen={list.filters[filter.key] ?? []} onChange={(values) => list.setFilter(filter.key, values)} />
          ))}
        </div>
        <p role="status" className={cx("text-sm text-muted sm:ms-1", filters.length > 0 && "max-sm:order-last max-sm:w-full")}>
          {count}
        </p>
        <div className="ms-auto flex items-center gap-1">
          <ViewMenu list={list} columns={columns} hasCards={hasCards} />
        </div>
      </div>
      {list.narrowed && <Chosen list={list} filters={filters} clearLabel={t("clear")} />}
    </div>
  );
}

function ListSearchField({ list, label }: { list: ListState; label: string }) {
  const { t } = useTranslation("list");
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(list.q);
  const [before, setBefore] = useState(list.q);
  if (list.q !== before) {
    // The address changed by itself: a link, or going back.
    setBefore(list.q);
    setText(list.q);
  }
  const { q, setQuery } = list;
  useEffect(() => {
    if (text === q) return undefined;
    const timer = setTimeout(() => setQuery(text), TYPING_PAUSE);
    return () => clearTimeout(timer);
  }, [text, q, setQuery]);
  useEffect(() => {
    const jump = (event: KeyboardEvent) => {
      const isFind = event.key.toLowerCase() === "f" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey;
      const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !isSilenced(event) && !isTyping(event.target);
      // A second time the browser's own search opens.
      if (!(isFind || isSlash) || document.activeElement === field.current || document.querySelector("[role=dialog]")) return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    window.addEventListener("keydown", jump);
    return () => window.removeEventListener("keydown", jump);
  }, []);
  return (
    <SearchField
      ref={field}
      value={text}
      onChange={setText}
      onLeave={() => field.current?.blur()}
      label={label}
      clearLabel={t("clearSearch")}
      className="w-full sm:w-80"
    />
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

function FilterMenu({ filter, chosen, onChange }: { filter: ListFilter; chosen: readonly string[]; onChange: (values: string[]) => void }) {
  if (filter.options.length === 0 && chosen.length === 0) return null;
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button className="h-9 shrink-0">
          <FilterIcon aria-hidden className="text-muted" />
          {filter.label}
          {chosen.length > 0 && <span className="rounded-full bg-primary-soft px-1.5 text-xs text-primary-ink tabular-nums">{chosen.length}</span>}
        </Button>
      </MenuTrigger>
      <MenuContent align="start" className="max-w-80">
        {filter.options.map((option) => (
          <MenuCheckItem
            key={option.value}
            checked={chosen.includes(option.value)}
            onChange={(on) => onChange(on ? [...(filter.single ? [] : chosen), option.value] : chosen.filter((value) => value !== option.value))}
          >
            <span className="min-w-0 truncate">{option.label}</span>
          </MenuCheckItem>
        ))}
      </MenuContent>
    </Menu>
  );
}

/** What narrows the list now, each with its cross. */
function Chosen({ list, filters, clearLabel }: { list: ListState; filters: readonly ListFilter[]; clearLabel: string }) {
  const { t } = useTranslation("list");
  const chosen = filters.flatMap((filter) =>
    (list.filters[filter.key] ?? []).map((value) => ({ filter, value, label: filter.options.find((option) => option.value === value)?.label ?? value })),
  );
  if (chosen.length === 0) return null;
  return (
    <div className="flex flex-wrap items-center gap-1.5">
      {chosen.map(({ filter, value, label }) => (
        <span key={`${filter.key} ${value}`} className="inline-flex h-6 items-center gap-1 rounded-full bg-primary-soft ps-2.5 pe-0.5 text-xs text-primary-ink">
          {t("filterValue", { filter: filter.label, value: label })}
          <button
            type="button"
            aria-label={t("removeFilter", { filter: filter.label, value: label })}
            onClick={() => list.setFilter(filter.key, (list.filters[filter.key] ?? []).filter((other) => other !== value))}
            className="inline-flex size-5 items-center justify-center rounded-full hover:bg-hover"
          >
            <X aria-hidden className="size-3" />
          </button>
        </span>
      ))}
      <Button variant="ghost" size="sm" onClick={list.clear}>
        {clearLabel}
      </Button>
    </div>
  );
}

function ViewMenu({ list, columns, hasCards }: { list: ListState; columns: readonly ColumnName[]; hasCards: boolean }) {
  const { t } = useTranslation("list");
  const sortable = columns.filter((column) => column.sortable);
  const optional = columns.filter((column) => !column.fixed);
  const isTable = list.view === "table" || !hasCards;
  return (
    <>
      {sortable.length > 0 && (
        <Menu>
          <MenuTrigger asChild>
            <Button variant="ghost" className="h-9">
              {list.sort.descending ? <ArrowDownWideNarrow aria-hidden /> : <ArrowUpNarrowWide aria-hidden />}
              <span className="max-sm:sr-only">{sortable.find((column) => column.key === list.sort.key)?.label ?? t("sort.label")}</span>
              <span className="sr-only">{t("sort.label")}</span>
            </Button>
          </MenuTrigger>
          <MenuContent>
            <MenuLabel>{t("sort.label")}</MenuLabel>
            <MenuRadioGroup value={list.sort.key} onValueChange={(key) => list.setSort({ ...list.sort, key })}>
              {sortable.map((column) => (
                <MenuRadioItem key={column.key} value={column.key}>
                  {column.label}
                </MenuRadioItem>
              ))}
            </MenuRadioGroup>
            <MenuSeparator />
            <MenuRadioGroup value={list.sort.descending ? "down" : "up"} onValueChange={(way) => list.setSort({ ...list.sort, descending: way === "down" })}>
              <MenuRadioItem value="up">{t("sort.ascending")}</MenuRadioItem>
              <MenuRadioItem value="down">{t("sort.descending")}</MenuRadioItem>
            </MenuRadioGroup>
          </MenuContent>
        </Menu>
      )}
      {(hasCards || optional.length > 0) && (
        <Menu>
          <MenuTrigger asChild>
            <Button variant="ghost" size="icon" className="size-9" aria-label={t("view.label")}>
              <SlidersHorizontal aria-hidden />
            </Button>
          </MenuTrigger>
          <MenuContent>
            {hasCards && (
              <>
                <MenuLabel>{t("view.label")}</MenuLabel>
                <MenuRadioGroup value={list.view} onValueChange={(view) => list.setView(view as ListView)}>
                  <MenuRadioItem value="cards">
                    <LayoutGrid aria-hidden />
                    {t("view.cards")}
                  </MenuRadioItem>
                  <MenuRadioItem value="table">
                    <Rows3 aria-hidden />
                    {t("view.table")}
                  </MenuRadioItem>
                </MenuRadioGroup>
              </>
            )}
            {isTable && optional.length > 0 && (
              <>
                {hasCards && <MenuSeparator />}
                <MenuLabel>{t("view.columns")}</MenuLabel>
                {optional.map((column) => (
                  <MenuCheckItem key={column.key} checked={!list.hidden.includes(column.key)} onChange={() => list.toggleColumn(column.key)}>
                    {column.label}
                  </MenuCheckItem>
                ))}
              </>
            )}
          </MenuContent>
        </Menu>
      )}
    </>
  );
}
