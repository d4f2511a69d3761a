/** @jsxImportSource preact */
// The round button, the window it opens, the note above it, and what must be agreed to first.
import { useEffect, useRef, useState } from "preact/hooks";
import { Chat, OwnersHtml } from "./chat";
import { Icon } from "./icons";
import type { BotProps } from "./props";
import { say } from "./texts";

export interface RootProps {
  props: BotProps;
  elementId: string | undefined;
  host: HTMLElement;
}

const PHONE = "(max-width: 640px)";

export function Bubble({ props, elementId, host }: RootProps) {
  const { button = {}, tooltip, disclaimer, chatWindow } = props.theme ?? {};
  const [open, setOpen] = useState(false);
  // A conversation goes on while its window is closed, so it stays once it was opened.
  const [opened, setOpened] = useState(false);
  const [agreed, setAgreed] = useState(!disclaimer);
  const opener = useRef<HTMLButtonElement>(null);
  const drag = useDrag(host, button.dragAndDrop === true);

  const show = (wanted: boolean) => {
    setOpen(wanted);
    if (wanted) setOpened(true);
    else opener.current?.focus();
  };
  const auto = button.autoWindowOpen;
  useEffect(() => {
    if (!auto?.autoOpen || (matchMedia(PHONE).matches && !auto.autoOpenOnMobile)) return undefined;
    const timer = setTimeout(() => {
      setOpen(true);
      setOpened(true);
    }, (auto.openDelay ?? 0) * 1000);
    return () => clearTimeout(timer);
  }, [auto?.autoOpen, auto?.autoOpenOnMobile, auto?.openDelay]);

  return (
    <section aria-label={chatWindow?.title ?? say("title")}>
      {tooltip?.showTooltip && !open && <div class="tip">{tooltip.tooltipMessage ?? say("welcome")}</div>}
      <button
        ref={opener}
        type="button"
        part="button"
        class={`bubble ${button.dragAndDrop ? "drag" : ""}`}
        aria-label={say(open ? "close" : "open")}
        aria-expanded={open}
        {...drag.handlers}
        onClick={() => !drag.moved() && show(!open)}
      >
        {button.customIconSrc && !open ? <img src={button.customIconSrc} alt="" /> : <Icon name={open ? "down" : "chat"} />}
      </button>
      {opened && agreed && (
        <div
          part="bot"
          class="window chat"
          role="dialog"
          aria-label={chatWindow?.title ?? say("title")}
          hidden={!open}
          style={open ? undefined : { display: "none" }}
          onKeyDown={(event) => {
            if (event.key === "Escape" && !event.defaultPrevented) show(false);
          }}
        >
          <Chat props={props} elementId={elementId} onClose={() => show(false)} />
        </div>
      )}
      {open && !agreed && <Disclaimer props={props} onAgree={() => setAgreed(true)} onRefuse={() => show(false)} />}
    </section>
  );
}

/** The chat in the place of the element itself. */
export function FullPage({ props, elementId }: RootProps) {
  const [agreed, setAgreed] = useState(!props.theme?.disclaimer);
  return (
    <section aria-label={props.theme?.chatWindow?.title ?? say("title")}>
      <div part="bot" class="full chat">
        {agreed && <Chat props={props} elementId={elementId} />}
      </div>
      {!agreed && <Disclaimer props={props} onAgree={() => setAgreed(true)} />}
    </section>
  );
}

function Disclaimer({ props, onAgree, onRefuse }: { props: BotProps; onAgree: () => void; onRefuse?: () => void }) {
  const theme = props.theme?.disclaimer ?? {};
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.querySelector("button")?.focus(), []);
  return (
    <div class="scrim">
      <div
        ref={box}
        class="note"
        role="alertdialog"
        aria-modal="true"
        aria-label={theme.title ?? say("disclaimer")}
        onKeyDown={(event) => {
          if (event.key === "Escape") onRefuse?.();
          if (event.key === "Tab") stayInside(event, box.current);
        }}
      >
        <h2>{theme.title ?? say("disclaimer")}</h2>
        <OwnersHtml html={theme.message ?? ""} />
        <div class="choices">
          <button type="button" class="main" onClick={onAgree}>
            {theme.buttonText ?? say("accept")}
          </button>
          {onRefuse && (
            <button type="button" class="plain" onClick={onRefuse}>
              {theme.denyButtonText ?? say("refuse")}
            </button>
          )}
        </div>
      </div>
    </div>
  );
}

/** While something must be agreed to, the tab key stays with it. */
function stayInside(event: KeyboardEvent, box: HTMLElement | null): void {
  const stops = [...(box?.querySelectorAll<HTMLElement>("button, a[href]") ?? [])];
  const root = box?.getRootNode();
  const focused = root instanceof ShadowRoot ? root.activeElement : document.activeElement;
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (focused !== edge) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0])?.focus();
}

/** How far the pointer moves before a press is a drag, in pixels. */
const SLACK = 5;

/** Lets the button be moved; a press that moved it opens nothing. */
function useDrag(host: HTMLElement, enabled: boolean) {
  const from = useRef<{ x: number; y: number; right: number; bottom: number } | undefined>(undefined);
  const wasMoved = useRef(false);
  if (!enabled) return { handlers: {}, moved: () => false };
  return {
    moved: () => wasMoved.current,
    handlers: {
      onPointerDown: (event: PointerEvent) => {
        const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
        from.current = { x: event.clientX, y: event.clientY, right: innerWidth - box.right, bottom: innerHeight - box.bottom };
        wasMoved.current = false;
        (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
      },
      onPointerMove: (event: PointerEvent) => {
        const start = from.current;
        if (!start) return;
        const [dx, dy] = [event.clientX - start.x, event.clientY - start.y];
        if (!wasMoved.current && Math.hypot(dx, dy) < SLACK) return;
        wasMoved.current = true;
        const within = (value: number, size: number) => `${Math.min(size - 70, Math.max(8, value))}px`;
        host.style.setProperty("--right", within(start.right - dx, innerWidth));
        host.style.setProperty("--bottom", within(start.bottom - dy, innerHeight));
      },
      onPointerUp: () => {
        from.current = undefined;
      },
      onPointerCancel: () => {
        from.current = undefined;
      },
    },
  };
}
