// A field for code. The editor itself is heavy and comes when it is first needed.
import { lazy, Suspense } from "react";
import { cx } from "~/lib/cx";

export interface CodeCompletion {
  /** What is written, such as `$vars.name`. */
  label: string;
  /** A word on what it is. */
  detail?: string;
  info?: string;
}

export interface CodeEditorProps {
  /** Read out for the field. */
  label: string;
  value: string;
  onChange?: ((value: string) => void) | undefined;
  language: "javascript" | "json" | "text";
  readOnly?: boolean;
  /** Offered while typing, besides the language's own words. */
  completions?: readonly CodeCompletion[];
  /** Offered between `{{` and `}}`, in any language. */
  braced?: readonly CodeCompletion[];
  /** Ctrl/⌘ Enter inside the field. */
  onSubmit?: (() => void) | undefined;
  /** Shown while the field is empty. */
  placeholder?: string | undefined;
  /** Wraps long lines. */
  wrap?: boolean;
  /** Sizes of the box, such as `min-h-40 max-h-96`. */
  className?: string;
}

const Core = lazy(() => import("./code-editor-core"));

/** Escape then Tab leaves the field; Tab alone indents. */
export function CodeEditor({ className = "min-h-40 max-h-96", ...rest }: CodeEditorProps) {
  return (
    <div
      className={cx(
        "code-editor flex min-w-0 flex-col overflow-hidden rounded-md border border-control bg-surface focus-within:border-primary focus-within:outline-2 focus-within:outline-focus",
        className,
      )}
    >
      <Suspense fallback={<pre className="flex-1 overflow-hidden p-2 ps-9 font-mono text-xs leading-5 text-muted">{rest.value}</pre>}>
        <Core {...rest} />
      </Suspense>
    </div>
  );
}
