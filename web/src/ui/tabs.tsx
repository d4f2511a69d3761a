// Tabs: one of several views in the same place.
import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "~/lib/cx";

export interface Tab {
  value: string;
  label: string;
  icon?: ReactNode;
  /** A number beside the label. */
  count?: number | undefined;
}

export interface TabsProps {
  /** Read out as the name of the row. */
  label: string;
  tabs: readonly Tab[];
  value: string;
  onChange: (value: string) => void;
  children: ReactNode;
  className?: string;
}

/** A row of tabs over `children`, which are `TabPanel`s. */
export function Tabs({ label, tabs, value, onChange, children, className }: TabsProps) {
  return (
    <Radix.Root value={value} onValueChange={onChange} className={cx("flex min-w-0 flex-col", className)}>
      <Radix.List aria-label={label} className="flex gap-1 scroll-strip overflow-x-auto border-b border-line">
        {tabs.map((tab) => (
          <Radix.Trigger
            key={tab.value}
            value={tab.value}
            className="-mb-px inline-flex h-10 shrink-0 items-center gap-2 border-b-2 border-transparent px-3 text-base font-medium text-muted transition-colors duration-120 hover:text-ink focus-visible:rounded-md focus-visible:-outline-offset-2 data-[state=active]:border-primary data-[state=active]:text-primary-ink [&_svg]:size-4"
          >
            {tab.icon}
            {tab.label}
            {tab.count !== undefined && <span className="rounded-full bg-sunken px-1.5 text-xs tabular-nums">{tab.count}</span>}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {children}
    </Radix.Root>
  );
}

export function TabPanel({ value, children, className }: { value: string; children: ReactNode; className?: string }) {
  return (
    <Radix.Content value={value} className={cx("outline-none", className)}>
      {children}
    </Radix.Content>
  );
}
