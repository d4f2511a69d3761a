// A row of choices, one of which holds: for switching what a page shows.
import { ToggleGroup } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "~/lib/cx";

export interface SegmentedProps<Value extends string> {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  choices: readonly { value: Value; label: string; icon?: ReactNode; count?: number | undefined }[];
  className?: string;
}

export function Segmented<Value extends string>({ label, value, onChange, choices, className }: SegmentedProps<Value>) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      // Pressing the one that holds would leave none.
      onValueChange={(next) => next && onChange(next as Value)}
      className={cx("inline-flex max-w-full self-start overflow-x-auto rounded-lg border border-line bg-sunken p-0.5", className)}
    >
      {choices.map((choice) => (
        <ToggleGroup.Item
          key={choice.value}
          value={choice.value}
          className="inline-flex h-8 shrink-0 items-center gap-2 rounded-md px-3 text-sm font-medium text-muted transition-colors duration-120 hover:text-ink data-[state=on]:bg-surface data-[state=on]:text-ink data-[state=on]:shadow-sm dark:data-[state=on]:bg-hover [&_svg]:size-4"
        >
          {choice.icon}
          {choice.label}
          {choice.count !== undefined && <span className="text-xs text-faint tabular-nums">{choice.count}</span>}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
