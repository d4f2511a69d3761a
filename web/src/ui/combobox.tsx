// One of many: a button that opens a list with a search field. For lists too long for the browser's own.
import { Check, ChevronDown, LoaderCircle, RefreshCw } from "lucide-react";
import { Popover } from "radix-ui";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import { cx } from "~/lib/cx";
import { Button } from "./button";
import { CONTROL, SearchField } from "./input";

export interface ComboOption {
  value: string;
  label: string;
  detail?: string | undefined;
  icon?: ReactNode;
}

export interface ComboboxProps {
  id?: string | undefined;
  label: string;
  value: string;
  onChange: (value: string) => void;
  options: readonly ComboOption[];
  placeholder: string;
  searchLabel: string;
  clearLabel: string;
  /** Shown in place of an empty list. */
  empty: ReactNode;
  /** Any text may be chosen, not only what is listed; gives the sentence that offers it. */
  free?: ((text: string) => string) | undefined;
  busy?: boolean;
  onOpen?: (() => void) | undefined;
  refresh?: { label: string; run: () => void } | undefined;
  invalid?: boolean;
  disabled?: boolean;
  describedBy?: string | undefined;
}

export function Combobox(props: ComboboxProps) {
  const { id, label, value, options, placeholder, busy = false, invalid = false, disabled = false } = props;
  const [open, setOpen] = useState(false);
  const chosen = options.find((option) => option.value === value);
  const listId = useId();
  return (
    <Popover.Root
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        if (next) props.onOpen?.();
      }}
    >
      <Popover.Trigger asChild>
        <button
          id={id}
          type="button"
          role="combobox"
          aria-expanded={open}
          aria-controls={open ? listId : undefined}
          aria-haspopup="listbox"
          aria-label={label}
          aria-invalid={invalid || undefined}
          aria-describedby={props.describedBy}
          disabled={disabled}
          className={cx(CONTROL, "flex h-9 items-center gap-2 pe-2.5 text-start")}
        >
          {chosen?.icon}
          <span className={cx("min-w-0 flex-1 truncate", !value && "text-faint")}>{chosen?.label ?? (value || placeholder)}</span>
          {busy ? <LoaderCircle aria-hidden className="size-4 shrink-0 animate-spin text-muted" /> : <ChevronDown aria-hidden className="size-4 shrink-0 text-muted" />}
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="z-60 flex max-h-80 w-(--radix-popover-trigger-width) min-w-64 animate-pop-in flex-col rounded-lg border border-line bg-overlay shadow-lg outline-none"
        >
          <List {...props} listId={listId} close={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** What begins with the words comes before what only holds them; without words all are as near. */
function nearness({ label }: ComboOption, wanted: string): number {
  if (!wanted) return 0;
  const text = label.toLowerCase();
  return text === wanted ? 0 : text.startsWith(wanted) ? 1 : text.includes(` ${wanted}`) ? 2 : 3;
}

function List({ label, value, onChange, options, searchLabel, clearLabel, empty, free, busy, refresh, close, listId }: ComboboxProps & { close: () => void; listId: string }) {
  const [query, setQuery] = useState("");
  const wanted = query.trim().toLowerCase();
  const shown = useMemo(() => {
    const found = options
      .filter((option) => `${option.label} ${option.value} ${option.detail ?? ""}`.toLowerCase().includes(wanted))
      .toSorted((a, b) => nearness(a, wanted) - nearness(b, wanted));
    const text = query.trim();
    return free && text && !options.some((option) => option.value === text) ? [...found, { value: text, label: free(text) }] : found;
  }, [options, wanted, query, free]);
  const [active, setActive] = useState(() => Math.max(0, options.findIndex((option) => option.value === value)));
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector(`[data-at="${active}"]`)?.scrollIntoView({ block: "nearest" });
  }, [active, shown]);
  const pick = (option: ComboOption) => {
    onChange(option.value);
    close();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    const option = shown[active];
    if (step !== undefined) setActive((before) => Math.min(shown.length - 1, Math.max(0, before + step)));
    else if (event.key === "Enter" && option) pick(option);
    else return;
    event.preventDefault();
  };
  return (
    <>
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the keys belong to the search field inside */}
      <div className="flex items-center gap-1 p-2" onKeyDown={onKeyDown}>
        <SearchField
          value={query}
          onChange={(next) => {
            setQuery(next);
            setActive(0);
          }}
          label={searchLabel}
          clearLabel={clearLabel}
          className="min-w-0 flex-1"
          field={{ role: "combobox", "aria-expanded": true, "aria-controls": listId, "aria-activedescendant": shown[active] ? `${listId}-${active}` : undefined }}
        />
        {refresh && (
          <Button variant="ghost" size="icon" aria-label={refresh.label} title={refresh.label} onClick={refresh.run}>
            <RefreshCw aria-hidden className={busy ? "animate-spin" : undefined} />
          </Button>
        )}
      </div>
      <div ref={list} id={listId} role="listbox" aria-label={label} className="min-h-0 flex-1 overflow-y-auto px-2 pb-2">
        {shown.length === 0 && <div className="px-2 py-4 text-sm text-muted">{empty}</div>}
        {shown.map((option, at) => (
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys are handled at the search field, which keeps the focus
          <div
            key={option.value}
            id={`${listId}-${at}`}
            data-at={at}
            role="option"
            tabIndex={-1}
            aria-selected={option.value === value}
            onPointerMove={() => setActive(at)}
            onClick={() => pick(option)}
            className={cx("flex min-h-8 cursor-pointer items-center gap-2 rounded-md px-2 py-1 text-sm", at === active && "bg-hover")}
          >
            {option.icon}
            <span className="min-w-0 flex-1">
              <span className="block truncate text-ink">{option.label}</span>
              {option.detail && <span className="block truncate text-xs text-muted">{option.detail}</span>}
            </span>
            {option.value === value && <Check aria-hidden className="size-4 shrink-0 text-primary-ink" />}
          </div>
        ))}
      </div>
    </>
  );
}
