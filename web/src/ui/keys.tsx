// Keys as they stand on the keyboard.

const IS_APPLE = typeof navigator !== "undefined" && /Mac|iP(hone|ad|od)/.test(navigator.platform);

/** What the main modifier is called here. */
export const MOD = IS_APPLE ? "⌘" : "Ctrl";

export function Keys({ keys }: { keys: readonly string[] }) {
  return (
    <span dir="ltr" className="inline-flex gap-1">
      {keys.map((key) => (
        <kbd key={key} className="inline-flex h-5 min-w-5 items-center justify-center rounded-sm border border-line-strong bg-sunken px-1 font-sans text-xs text-muted">
          {key}
        </kbd>
      ))}
    </span>
  );
}
