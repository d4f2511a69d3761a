// A short text on hover and focus; never the only place of a fact.
import { Tooltip } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "~/lib/cx";

export const TooltipProvider = Tooltip.Provider;

export function Tip({ text, children, side = "top", className }: { text: string; children: ReactNode; side?: "top" | "right" | "bottom" | "left"; className?: string }) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className={cx("z-50 max-w-xs animate-fade-in rounded-md bg-ink px-2 py-1 text-xs text-bg shadow-md [overflow-wrap:anywhere]", className)}
        >
          {text}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
