// Narrowing conversations down: words, days, source, ratings.
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { MessageFilter } from "~/api/conversations";
import { cx } from "~/lib/cx";
import { SelectField } from "~/ui/form";
import { Field, SearchField } from "~/ui/input";
import { asSource, SOURCES, type MessagesSearch } from "./search";

/** Time after the last key before the address follows the search box, in milliseconds. */
const TYPING_PAUSE = 250;

/** Where there is room, all that narrows the list stands in one row; the page says how wide its fields are. They keep their place in the tree: they must not lose the focus. */
export const ONE_ROW = "flex flex-col gap-2 min-[87.5rem]:grid min-[87.5rem]:items-end";
export const FILTERS_IN_ROW = "min-[87.5rem]:contents [&>*]:min-[87.5rem]:w-auto";

/** What the server filters by. */
export function filterOf(search: MessagesSearch): MessageFilter {
  return { chatType: search.type, feedbackType: search.feedback, startDate: search.from, endDate: search.to };
}

export function isFiltered(search: MessagesSearch): boolean {
  return Boolean(search.type || search.kind || search.feedback || search.from || search.to);
}

export function Filters({ search, onSearch, className }: { search: MessagesSearch; onSearch: (more: MessagesSearch, replace: boolean) => void; className?: string }) {
  const { t } = useTranslation("conversations");
  return (
    <div role="search" className={cx("grid w-full grid-cols-2 items-end gap-2 sm:flex sm:w-auto sm:flex-wrap", className)}>
      <WordsField query={search.q ?? ""} onQuery={(q) => onSearch({ q: q || undefined, session: undefined }, true)} />
      <Field className="sm:w-40" label={t("filter.from")} type="date" value={search.from ?? ""} max={search.to} onChange={(event) => onSearch({ from: event.target.value || undefined, session: undefined }, true)} />
      <Field className="sm:w-40" label={t("filter.to")} type="date" value={search.to ?? ""} min={search.from} onChange={(event) => onSearch({ to: event.target.value || undefined, session: undefined }, true)} />
      <SelectField
        className="sm:w-40"
        label={t("filter.source")}
        value={search.type ?? ""}
        onChange={(type) => onSearch({ type: asSource(type), session: undefined }, false)}
        placeholder={t("filter.any")}
        choices={SOURCES.map((value) => ({ value, label: t(`source.${value}`) }))}
      />
      <SelectField
        className="sm:w-40"
        label={t("filter.feedback")}
        value={search.feedback ?? ""}
        onChange={(feedback) => onSearch({ feedback: feedback === "THUMBS_UP" || feedback === "THUMBS_DOWN" ? feedback : undefined, session: undefined }, false)}
        placeholder={t("filter.any")}
        choices={[
          { value: "THUMBS_UP", label: t("filter.positive") },
          { value: "THUMBS_DOWN", label: t("filter.negative") },
        ]}
      />
    </div>
  );
}

function WordsField({ query, onQuery }: { query: string; onQuery: (query: string) => void }) {
  const { t } = useTranslation("conversations");
  const [text, setText] = useState(query);
  const [before, setBefore] = useState(query);
  if (query !== before) {
    // The address changed by itself: a link, or going back.
    setBefore(query);
    setText(query);
  }
  useEffect(() => {
    if (text === query) return undefined;
    const timer = setTimeout(() => onQuery(text), TYPING_PAUSE);
    return () => clearTimeout(timer);
  }, [text, query, onQuery]);
  return <SearchField value={text} onChange={setText} label={t("filter.words")} clearLabel={t("filter.clear")} className="col-span-2 sm:col-span-1 sm:w-60 [&_input]:h-10" />;
}
