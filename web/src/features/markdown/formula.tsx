// A formula, drawn as MathML by KaTeX; the library loads when the first formula is seen.
import type katexModule from "katex";
import { useEffect, useRef, useState } from "react";
import { cx } from "~/lib/cx";

let loading: Promise<typeof katexModule> | undefined;

/** `tex` as a formula; as plain text until the library is there, and where it is no formula. */
export function Formula({ tex, block = false }: { tex: string; block?: boolean }) {
  const place = useRef<HTMLSpanElement>(null);
  const [drawn, setDrawn] = useState(false);
  useEffect(() => {
    let wanted = true;
    loading ??= import("katex").then((module) => module.default);
    loading
      .then((katex) => {
        if (!wanted || !place.current) return;
        // No trust: a formula may neither link nor load anything.
        katex.render(tex, place.current, { displayMode: block, output: "mathml", throwOnError: true, trust: false, strict: false, maxExpand: 200, maxSize: 20 });
        setDrawn(true);
      })
      .catch(() => wanted && setDrawn(false));
    return () => {
      wanted = false;
    };
  }, [tex, block]);
  return (
    <>
      <span ref={place} className={cx(block && "my-3 block overflow-x-auto py-1 text-center text-lg", !drawn && "hidden")} />
      {!drawn && <code className={cx(block && "my-3 block")}>{tex}</code>}
    </>
  );
}
