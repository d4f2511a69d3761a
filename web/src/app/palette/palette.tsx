// The command palette: one box that leads to every page, every flow and every action.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { CornerDownLeft, LoaderCircle, MessagesSquare, Search, Workflow } from "lucide-react";
import { Dialog } from "radix-ui";
import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { flowPath, flowSummariesQuery } from "~/api/flows";
import { may, useSession } from "~/api/session";
import { type Command, useCommandState } from "~/lib/commands";
import { cx } from "~/lib/cx";
import { fuzzyScore } from "~/lib/fuzzy";
import { Keys } from "~/ui/keys";
import { useReturnFocus } from "~/ui/return-focus";
import { Hidden } from "~/ui/states";
import { found, type Section, useSections } from "./entries";

/** How many flows are offered at once. */
const FLOWS = 7;
/** Time after the last key before the server is asked, in milliseconds. */
const TYPING_PAUSE = 150;

export default function Palette() {
  const { t } = useTranslation();
  const open = useCommandState((state) => state.open);
  const close = () => useCommandState.setState({ open: false });
  const { remember, onCloseAutoFocus } = useReturnFocus();
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && close()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 animate-fade-in bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          onOpenAutoFocus={remember}
          onCloseAutoFocus={onCloseAutoFocus}
          className="fixed top-[12dvh] left-1/2 z-50 flex max-h-[70dvh] w-[min(38rem,calc(100vw-1.5rem))] -translate-x-1/2 animate-fade-in flex-col overflow-hidden rounded-xl border border-line bg-overlay shadow-lg outline-none"
        >
          <Dialog.Title className="sr-only">{t("palette.title")}</Dialog.Title>
          <PaletteBox onDone={close} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function PaletteBox({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const { section: flows, isFetching } = useFlows(query);
  const fixed = useSections();
  const deferred = useDeferredValue(query);
  const offered = useMemo(() => {
    // Without a word the page's own commands come first, then what was edited last.
    const here = fixed.filter((section) => section.key === "here");
    return [...here, flows, ...fixed.filter((section) => section.key !== "here")];
  }, [fixed, flows]);
  const sections = useMemo(() => found(offered, deferred), [offered, deferred]);
  const entries = sections.flatMap((section) => section.entries);
  const current = Math.min(active, Math.max(0, entries.length - 1));

  const run = (entry: Command | undefined) => {
    if (!entry) return;
    onDone();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: current + 1, ArrowUp: current - 1 + entries.length, Home: 0, End: entries.length - 1 };
    const step = steps[event.key];
    if (step !== undefined && entries.length > 0) {
      event.preventDefault();
      setActive(step % entries.length);
    } else if (event.key === "Enter" && !event.nativeEvent.isComposing) {
      event.preventDefault();
      // Who types fast means what is typed, though the list may still show what was typed before.
      run(query === deferred ? entries[current] : found(offered, query).flatMap((section) => section.entries)[active]);
    }
  };
  return (
    <>
      <div className="flex items-center gap-3 border-b border-line px-4">
        {isFetching ? <LoaderCircle aria-hidden className="size-4 shrink-0 animate-spin text-faint" /> : <Search aria-hidden className="size-4 shrink-0 text-faint" />}
        <input
          role="combobox"
          aria-label={t("palette.title")}
          aria-expanded
          aria-controls="palette-list"
          aria-activedescendant={entries[current] ? `palette-${current}` : undefined}
          autoComplete="off"
          spellCheck={false}
          value={query}
          placeholder={t("palette.placeholder")}
          onChange={(event) => {
            setQuery(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
          className="h-12 min-w-0 flex-1 bg-transparent text-lg text-ink outline-none placeholder:text-faint"
        />
        <Keys keys={["Esc"]} />
      </div>
      <Results sections={sections} current={current} onHover={setActive} onRun={run} />
      <Hidden>
        <span role="status">{t("palette.results", { count: entries.length })}</span>
      </Hidden>
    </>
  );
}

function Results({ sections, current, onHover, onRun }: { sections: readonly Section[]; current: number; onHover: (index: number) => void; onRun: (entry: Command) => void }) {
  const { t } = useTranslation();
  // Where each section begins in the one row that the arrow keys walk along.
  const starts = sections.map((_section, at) => sections.slice(0, at).reduce((sum, section) => sum + section.entries.length, 0));
  return (
    <div id="palette-list" role="listbox" aria-label={t("palette.title")} className="min-h-0 flex-1 scroll-py-2 overflow-y-auto p-2">
      {sections.length === 0 && <p className="px-3 py-8 text-center text-base text-muted">{t("palette.nothing")}</p>}
      {sections.map((section, at) => (
        <div key={section.key} role="group" aria-label={section.label} className="not-first:mt-2">
          <p aria-hidden className="px-2.5 py-1 text-xs font-medium text-faint">
            {section.label}
          </p>
          {section.entries.map((entry, place) => {
            const own = (starts[at] ?? 0) + place;
            return <Entry key={entry.id} id={`palette-${own}`} entry={entry} isActive={own === current} onHover={() => onHover(own)} onRun={() => onRun(entry)} />;
          })}
        </div>
      ))}
    </div>
  );
}

function Entry({ id, entry, isActive, onHover, onRun }: { id: string; entry: Command; isActive: boolean; onHover: () => void; onRun: () => void }) {
  useEffect(() => {
    if (isActive) document.getElementById(id)?.scrollIntoView({ block: "nearest" });
  }, [isActive, id]);
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the focus stays in the box above, which names the active entry
    <div
      id={id}
      role="option"
      aria-selected={isActive}
      onMouseMove={isActive ? undefined : onHover}
      onClick={onRun}
      className={cx("flex min-h-9 cursor-pointer items-center gap-3 rounded-md px-2.5 text-base text-ink", isActive && "bg-primary-soft text-primary-ink")}
    >
      <entry.icon aria-hidden className={cx("size-4 shrink-0", isActive ? "" : "text-muted")} />
      <span className="min-w-0 flex-1 truncate">{entry.label}</span>
      {entry.shortcut && <Keys keys={entry.shortcut.split(" ")} />}
      {isActive && <CornerDownLeft aria-hidden className="size-3.5 shrink-0 rtl:-scale-x-100" />}
    </div>
  );
}

/** Flows by name from the server; without a word those edited last. */
function useFlows(query: string): { section: Section; isFetching: boolean } {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const user = useSession((state) => state.user);
  const [asked, setAsked] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setAsked(query.trim()), TYPING_PAUSE);
    return () => clearTimeout(timer);
  }, [query]);
  const sees = may(user, "chatflows:view") || may(user, "agentflows:view");
  const { data, isFetching, isPlaceholderData } = useQuery({ ...flowSummariesQuery({ q: asked, page: 1, limit: FLOWS, sort: "updatedDate", descending: true }), enabled: sees });
  const section = useMemo(() => {
    const entries = (data?.data ?? [])
      .filter((flow) => flow.type !== "ASSISTANT")
      // Until the server has answered, only what is known to fit: Enter must not open what stood there before.
      .filter((flow) => (!isPlaceholderData && asked === query.trim()) || fuzzyScore(flow.name, query) !== null)
      .map((flow) => ({
        id: flow.id,
        label: flow.name,
        icon: flow.type === "CHATFLOW" ? MessagesSquare : Workflow,
        run: () => void navigate({ to: flowPath(flow) }),
      }));
    return { key: "flows", given: true, label: t(asked ? "palette.flows" : "palette.recent"), entries };
  }, [data, isPlaceholderData, asked, query, navigate, t]);
  return { section, isFetching: isFetching && asked !== "" };
}
