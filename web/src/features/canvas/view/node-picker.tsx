// Finding a node to add: a search field over a list, by keyboard, click or drag. The same in the side panel and in the dialog.
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { nodeIconUrl } from "~/api/client";
import type { CatalogNode } from "~/api/types";
import { lookOf } from "~/design/categories";
import { cx } from "~/lib/cx";
import { groupedBy } from "~/lib/group";
import { parseJson } from "~/lib/json";
import { readStored, writeStored } from "~/lib/storage";
import { Chip } from "~/ui/card";
import { Dialog } from "~/ui/dialog";
import { IconTile } from "~/ui/icon-tile";
import { SearchField } from "~/ui/input";
import { couldJoin, findInput, findOutput, isStep } from "../model/connect";
import { indexOf } from "../model/graph-index";
import { labelOf } from "../model/node-data";
import { found, offered } from "../model/search";
import { wayOf } from "../model/ways";
import { type PickerFor, useEditor, useParts } from "./editor-context";
import { DRAGGED_NODE } from "./flow-canvas";
import type { Actions } from "./use-actions";
import { usePortName } from "./use-port-name";

const RECENT = "flowstone.recent-nodes";

function recentNames(): string[] {
  const names = parseJson(readStored(RECENT) ?? "");
  return Array.isArray(names) ? names.filter((name) => typeof name === "string").slice(0, 5) : [];
}

export function remember(name: string): void {
  writeStored(RECENT, JSON.stringify([name, ...recentNames().filter((other) => other !== name)].slice(0, 5)));
}

interface NodePickerProps {
  /** What the node is for; limits the list to what fits. */
  why?: PickerFor | undefined;
  onPick: (entry: CatalogNode, joined: boolean) => void;
  focused?: boolean;
  className?: string;
}

export function NodePicker({ why, onPick, focused = false, className }: NodePickerProps) {
  const { t } = useTranslation("canvas");
  const { catalog, kind } = useParts();
  const graph = useEditor((state) => state.graph);
  const [query, setQuery] = useState("");
  const wanted = useDeferredValue(query);
  const [active, setActive] = useState(0);
  const listId = useId();
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const end = why?.end;

  const fitting = useMemo(() => {
    const all = offered(catalog ?? [], kind === "agent");
    return end ? all.filter((entry) => couldJoin(entry, graph, end)) : all;
  }, [catalog, kind, graph, end]);
  const groups = useMemo(() => grouped(fitting, wanted), [fitting, wanted]);
  const flat = useMemo(() => groups.flatMap(([, rows]) => rows), [groups]);
  useEffect(() => {
    if (focused) field.current?.focus();
  }, [focused]);
  useEffect(() => {
    list.current?.querySelector(`[data-index="${active}"]`)?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const pick = (entry: CatalogNode, joined: boolean) => {
    remember(entry.name);
    onPick(entry, joined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setActive((before) => Math.min(flat.length - 1, Math.max(0, before + step)));
      return;
    }
    if (event.key !== "Enter") return;
    // Who types fast means what is typed, though the list may still show what was typed before.
    const rows = query === wanted ? flat : grouped(fitting, query).flatMap(([, shown]) => shown);
    const chosen = rows[active];
    if (!chosen) return;
    event.preventDefault();
    pick(chosen, !event.shiftKey);
  };
  const starts = startsOf(groups);
  return (
    <div className={cx("flex min-h-0 flex-col", className)}>
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the keys belong to the search field inside */}
      <div className="p-3" onKeyDown={onKeyDown}>
        <SearchField
          ref={field}
          value={query}
          onChange={(next) => {
            setQuery(next);
            setActive(0);
          }}
          label={t("picker.search")}
          clearLabel={t("picker.clear")}
          field={{ role: "combobox", "aria-expanded": true, "aria-controls": listId, "aria-activedescendant": flat[active] ? `${listId}-${active}` : undefined }}
        />
      </div>
      <div ref={list} id={listId} role="listbox" tabIndex={-1} aria-label={t("picker.list")} className="min-h-0 flex-1 overflow-y-auto px-2 pb-3 outline-none">
        {flat.length === 0 && <p className="px-3 py-6 text-center text-sm text-muted">{catalog === undefined ? t("picker.loading") : offered(catalog, kind === "agent").length === 0 ? t("picker.noneOfKind") : t("picker.nothing", { query: wanted })}</p>}
        {groups.map(([name, rows], groupAt) => (
          <div key={name} role="group" aria-label={name}>
            {name && (
              <p aria-hidden className="px-2 pt-3 pb-1 text-xs font-medium text-faint">
                {name === RECENT ? t("picker.recent") : name}
              </p>
            )}
            {rows.map((entry, rowAt) => {
              const at = (starts[groupAt] ?? 0) + rowAt;
              return (
                <Row key={`${name}/${entry.name}`} entry={entry} id={`${listId}-${at}`} index={at} active={at === active} onHover={() => setActive(at)} onPick={(joined) => pick(entry, joined)} />
              );
            })}
          </div>
        ))}
      </div>
    </div>
  );
}

/** At which place in the whole list each group begins. */
function startsOf(groups: readonly [string, CatalogNode[]][]): number[] {
  const starts: number[] = [];
  let at = 0;
  for (const [, rows] of groups) {
    starts.push(at);
    at += rows.length;
  }
  return starts;
}

/** What is offered for `query`, in the order it is shown in. */
function grouped(fitting: readonly CatalogNode[], query: string): [string, CatalogNode[]][] {
  const entries = found(fitting, query).filter((entry) => entry.badge !== "DEPRECATING" || query.trim() !== "");
  // While searching, the best comes first, whatever its category.
  if (query.trim()) return entries.length > 0 ? [["", entries.slice(0, 60)]] : [];
  const recent = recentNames().flatMap((name) => entries.find((entry) => entry.name === name) ?? []);
  const byCategory = [...groupedBy(entries, (entry) => entry.category)].toSorted((a, b) => order(a[0]) - order(b[0]) || a[0].localeCompare(b[0]));
  return recent.length > 0 ? [[RECENT, recent], ...byCategory] : byCategory;
}

/** What most flows begin with stands first. */
const ORDER = ["Agent Flows", "Agents", "Chat Models", "Chains", "Prompts", "Memory", "Tools", "Document Loaders", "Text Splitters", "Embeddings", "Vector Stores", "Retrievers"];

function order(category: string): number {
  const at = ORDER.indexOf(category);
  return at < 0 ? ORDER.length : at;
}

interface RowProps {
  entry: CatalogNode;
  id: string;
  index: number;
  active: boolean;
  onHover: () => void;
  onPick: (joined: boolean) => void;
}

function Row({ entry, id, index, active, onHover, onPick }: RowProps) {
  const { t } = useTranslation("canvas");
  const badgeText = (badge: string) => (badge === "DEPRECATING" ? t("picker.deprecated") : badge === "NEW" ? t("picker.new") : badge.toLowerCase());
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys are handled at the search field, which keeps the focus
    <div
      id={id}
      data-index={index}
      role="option"
      tabIndex={-1}
      aria-selected={active}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAGGED_NODE, entry.name);
        event.dataTransfer.effectAllowed = "copy";
      }}
      onPointerMove={onHover}
      onClick={(event) => onPick(!event.shiftKey)}
      title={entry.description}
      className={cx("flex cursor-grab items-center gap-2.5 rounded-md px-2 py-1.5", active && "bg-hover")}
    >
      <IconTile look={lookOf(entry.category, entry.name)} icon={entry.icon ? nodeIconUrl(entry.name) : undefined} size="sm" />
      <span className="min-w-0 flex-1">
        <span className="block truncate text-sm font-medium text-ink">{entry.label}</span>
        {entry.description && <span className="block truncate text-xs text-muted">{entry.description}</span>}
      </span>
      {entry.badge && <Chip className="shrink-0">{badgeText(entry.badge)}</Chip>}
    </div>
  );
}

/** The picker as a dialog: over the canvas, or for the loose end of a wire. */
export function PickerDialog({ why, actions, onClose }: { why: PickerFor; actions: Actions; onClose: () => void }) {
  const { t } = useTranslation("canvas");
  const graph = useEditor((state) => state.graph);
  const nameOfPort = usePortName();
  const holder = why.end && indexOf(graph).nodes.get(why.end.nodeId);
  const port = holder && why.end && (why.end.side === "source" ? findOutput(holder, why.end.handle) : findInput(holder, why.end.handle));
  const about = () => {
    if (!holder || !port || !why.end) return undefined;
    const values = { node: labelOf(holder), port: nameOfPort(holder, port, why.end.side) };
    if (!isStep(holder)) return t(why.end.side === "source" ? "picker.takes" : "picker.gives", values);
    if (why.end.side === "target") return t("picker.before", values);
    return t(wayOf(holder, port).kind === "next" ? "picker.after" : "picker.afterWay", values);
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t(why.wire ? "picker.titleWire" : why.end ? "picker.titleFits" : "picker.title")} {...(about() ? { description: about() } : {})}>
      <NodePicker
        focused
        why={why}
        className="-mx-5 -mb-5 h-[26rem]"
        onPick={(entry, joined) => {
          onClose();
          actions.add(entry, joined ? why : { at: why.at }, !joined);
        }}
      />
    </Dialog>
  );
}
