/** @jsxImportSource preact */
// A formula in an answer; what draws it loads with the first one, from where the widget came from.
import { useEffect, useRef, useState } from "preact/hooks";
import type * as Formulas from "./formulas";

/** In a constant: a bundler would take the address itself for a file to pack. */
const HERE = import.meta.url;

let loading: Promise<typeof Formulas> | undefined;

/** `tex` as a formula; as code until it can be drawn, and where it is none. */
export function Formula({ tex, block = false }: { tex: string; block?: boolean }) {
  const place = useRef<HTMLSpanElement>(null);
  const [drawn, setDrawn] = useState(false);
  useEffect(() => {
    let wanted = true;
    loading ??= import(/* @vite-ignore */ new URL("embed-formulas.js", HERE).href) as Promise<typeof Formulas>;
    loading
      .then(({ draw }) => {
        if (!wanted || !place.current) return;
        draw(tex, place.current, block);
        setDrawn(true);
      })
      .catch(() => wanted && setDrawn(false));
    return () => {
      wanted = false;
    };
  }, [tex, block]);
  return (
    <>
      <span ref={place} class={block ? "formula block" : "formula"} hidden={!drawn} />
      {!drawn && <code>{tex}</code>}
    </>
  );
}
