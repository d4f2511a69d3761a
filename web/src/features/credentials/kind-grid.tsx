// Choosing which kind of credential to add: a grid that is searched by typing.
import { SearchX } from "lucide-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { CredentialKind } from "~/api/workbench";
import { SearchField } from "~/ui/input";
import { EmptyState } from "~/ui/states";
import { KindIcon } from "./kind-icon";
import { findKinds } from "./model";

export function KindGrid({ kinds, onChoose }: { kinds: readonly CredentialKind[]; onChoose: (kind: CredentialKind) => void }) {
  const { t } = useTranslation("credentials");
  const [query, setQuery] = useState("");
  const list = useRef<HTMLUListElement>(null);
  const found = findKinds(kinds, query);

  const onSearchKey = (event: KeyboardEvent) => {
    if (event.key === "Enter" && found[0]) {
      event.preventDefault();
      onChoose(found[0]);
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      list.current?.querySelector("button")?.focus();
    }
  };
  return (
    <div className="flex flex-col gap-3">
      <SearchField value={query} onChange={setQuery} onKeyDown={onSearchKey} label={t("kinds.search")} clearLabel={t("kinds.clear")} />
      <p role="status" className="sr-only">
        {t("kinds.found", { count: found.length })}
      </p>
      {found.length === 0 ? (
        <EmptyState icon={<SearchX />} title={t("kinds.none", { query })} body={t("kinds.noneBody")} className="py-8" />
      ) : (
        <ul ref={list} className="grid min-h-72 grid-cols-[repeat(auto-fill,minmax(min(14rem,100%),1fr))] content-start gap-2">
          {found.map((kind) => (
            <li key={kind.name}>
              <button
                type="button"
                onClick={() => onChoose(kind)}
                className="flex size-full min-h-14 items-center gap-3 rounded-lg border border-line bg-surface px-3 py-2 text-start transition-colors duration-120 hover:border-primary hover:bg-hover"
              >
                <KindIcon kind={kind.name} />
                <span className="min-w-0 text-base font-medium text-ink [overflow-wrap:anywhere]">{kind.label}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
