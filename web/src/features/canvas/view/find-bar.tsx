// Find in this flow: names, settings, notes; from hit to hit.
import { ChevronDown, ChevronUp, X } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "~/ui/button";
import { SearchField } from "~/ui/input";
import { fieldsOf, type FieldValue, plainText } from "../model/fields";
import type { NodeView } from "../model/view-graph";
import { useGraph, useParts } from "./editor-context";
import type { Actions } from "./use-actions";

interface Hit {
  id: string;
  field: string | undefined;
  where: string;
}

function hitsIn(view: NodeView, wanted: string): Hit[] {
  const has = (text: string) => text.toLowerCase().includes(wanted);
  const found: Hit[] = has(`${view.label} ${view.id} ${view.typeLabel}`) ? [{ id: view.id, field: undefined, where: view.label }] : [];
  for (const field of fieldsOf(view.node)) {
    if (has(field.label) || has(wordsOf(field.value))) found.push({ id: view.id, field: field.name, where: `${view.label} · ${field.label}` });
  }
  return found;
}

/** All that a person wrote into a field, lists within lists included. */
function wordsOf(value: FieldValue): string {
  if (value.kind === "items") return value.items.flatMap((fields) => fields.map((field) => wordsOf(field.value))).join("\n");
  return value.kind === "text" || value.kind === "block" ? plainText(value.text) : "";
}

/** After so long a pause in the typing the first hit is shown, in milliseconds. */
const PAUSE = 250;

export function FindBar({ actions }: { actions: Actions }) {
  const { t } = useTranslation("canvas");
  const { panels } = useParts();
  const graph = useGraph();
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const wanted = query.trim().toLowerCase();
  const hits = useMemo(() => (wanted ? graph.nodes.flatMap((view) => hitsIn(view, wanted)) : []), [graph.nodes, wanted]);
  useEffect(() => field.current?.focus(), []);
  const first = hits[0]?.id;
  const { reveal } = actions;
  useEffect(() => {
    if (first === undefined) return undefined;
    const timer = setTimeout(() => reveal(first), PAUSE);
    return () => clearTimeout(timer);
  }, [wanted, first, reveal]);
  const close = () => {
    panels.setState({ finding: false });
    document.querySelector<HTMLElement>("[data-canvas]")?.focus();
  };
  const go = (step: number) => {
    if (hits.length === 0) return;
    const next = (at + step + hits.length) % hits.length;
    setAt(next);
    const hit = hits[next];
    if (hit) actions.reveal(hit.id);
  };
  const hit = hits[Math.min(at, hits.length - 1)];
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- only listens for Escape and Enter of the field inside
    <div
      role="search"
      onKeyDown={(event) => {
        if (event.key === "Escape" && !query) close();
        if (event.key === "Enter") go(event.shiftKey ? -1 : 1);
      }}
      className="absolute end-3 top-3 z-20 flex w-[min(30rem,calc(100%-1.5rem))] items-center gap-1 rounded-lg border border-line bg-overlay p-1.5 shadow-lg"
    >
      <SearchField
        ref={field}
        value={query}
        onChange={(next) => {
          setQuery(next);
          setAt(0);
        }}
        label={t("find.label")}
        clearLabel={t("picker.clear")}
        className="min-w-0 flex-1"
      />
      <span role="status" className="flex max-w-40 shrink-0 flex-col px-1 text-xs text-muted tabular-nums" title={hit?.where}>
        <span>{wanted ? t("find.hits", { at: hits.length === 0 ? 0 : Math.min(at, hits.length - 1) + 1, count: hits.length }) : ""}</span>
        {hit && <span className="truncate text-ink">{hit.where}</span>}
      </span>
      <Button variant="ghost" size="icon-sm" aria-label={t("find.previous")} onClick={() => go(-1)}>
        <ChevronUp aria-hidden />
      </Button>
      <Button variant="ghost" size="icon-sm" aria-label={t("find.next")} onClick={() => go(1)}>
        <ChevronDown aria-hidden />
      </Button>
      <Button variant="ghost" size="icon-sm" aria-label={t("find.close")} onClick={close}>
        <X aria-hidden />
      </Button>
    </div>
  );
}
