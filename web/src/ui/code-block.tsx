// Code to be read and copied. The button has a place of its own beside the lines, so that it covers none of them.
import { cx } from "~/lib/cx";
import { CopyButton } from "./copy-button";

/** `copy` is what is copied where it differs from what is shown: a secret that is hidden on the page. */
export function CodeBlock({ text, label, copyLabel, copy = text, className }: { text: string; label: string; copyLabel: string; copy?: string; className?: string }) {
  return (
    <div className={cx("flex min-w-0 items-start rounded-md border border-line bg-sunken", className)}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard */}
      <pre tabIndex={0} role="region" aria-label={label} className="max-h-[inherit] min-w-0 flex-1 overflow-auto rounded-s-md p-3 font-mono text-xs leading-5">
        <code>{text}</code>
      </pre>
      <CopyButton text={copy} label={copyLabel} size="icon-sm" className="m-1.5" />
    </div>
  );
}
