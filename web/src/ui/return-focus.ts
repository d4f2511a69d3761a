// Where the focus goes once a dialog is closed: back to what opened it, for who works without a mouse.
import { useLayoutEffect, useRef } from "react";

/** What opened each dialog: one dialog may have opened the next and gone. */
const openers = new WeakMap<Element, HTMLElement>();
/** What opened the dialog that leaves just now: one that takes its place, such as a form once it is loaded, returns there too. */
let handedOn: HTMLElement | null = null;

/** Handlers for the content of a Radix dialog that has no trigger of its own. */
export function useReturnFocus() {
  const opener = useRef<HTMLElement | null>(null);
  useLayoutEffect(
    () => () => {
      handedOn = opener.current;
      setTimeout(() => (handedOn = null));
    },
    [],
  );
  return {
    /** To be called as the dialog opens, before anything in it takes the focus. */
    remember: (event: Event) => {
      opener.current = openerOf(document.activeElement) ?? handedOn;
      if (opener.current && event.target instanceof Element) openers.set(event.target, opener.current);
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      // What was opened next, or the page one was led to, has the focus already.
      if (document.activeElement !== document.body && document.activeElement !== null) return;
      const target = stillThere(opener.current) ?? document.getElementById("main");
      target?.focus({ preventScroll: true });
    },
  };
}

/** An entry of a menu is gone with the menu: what opened the menu stays. */
function openerOf(element: Element | null): HTMLElement | null {
  const menu = element?.closest("[role=menu]");
  if (menu) return openerOf(document.getElementById(menu.getAttribute("aria-labelledby") ?? ""));
  return element instanceof HTMLElement && element !== document.body ? element : null;
}

/** The element itself, or what opened the dialog that it was in. */
function stillThere(element: HTMLElement | null): HTMLElement | null {
  if (!element || element.isConnected) return element;
  const dialog = element.closest("[role=dialog]");
  return stillThere((dialog && openers.get(dialog)) ?? null);
}
