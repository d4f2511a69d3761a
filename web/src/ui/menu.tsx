// Drop-down menus, and the menu of one row, which opens from its ⋯ button and by right-click alike.
import { Check, ChevronRight, Ellipsis, type LucideIcon } from "lucide-react";
import { ContextMenu, DropdownMenu } from "radix-ui";
import { Fragment, type ReactNode } from "react";
import { cx } from "~/lib/cx";
import { Button } from "./button";

export const Menu = DropdownMenu.Root;
export const MenuTrigger = DropdownMenu.Trigger;
export const MenuRadioGroup = DropdownMenu.RadioGroup;
export const MenuSub = DropdownMenu.Sub;

const ITEM =
  "flex min-h-8 cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-1 text-sm text-ink outline-none select-none data-highlighted:bg-hover " +
  "data-disabled:pointer-events-none data-disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0 [&_svg]:text-muted";
const DANGER = "text-danger! [&_svg]:text-danger!";
const PANEL = "z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-44 animate-pop-in overflow-y-auto rounded-lg border border-line bg-overlay p-1 shadow-lg";

export function MenuContent({ children, align = "end", className }: { children: ReactNode; align?: "start" | "end"; className?: string }) {
  return (
    <DropdownMenu.Portal>
      <DropdownMenu.Content align={align} sideOffset={6} collisionPadding={8} className={cx(PANEL, className)}>
        {children}
      </DropdownMenu.Content>
    </DropdownMenu.Portal>
  );
}

export function MenuItem({ children, onSelect, danger = false }: { children: ReactNode; onSelect: () => void; danger?: boolean }) {
  return (
    <DropdownMenu.Item onSelect={onSelect} className={cx(ITEM, danger && DANGER)}>
      {children}
    </DropdownMenu.Item>
  );
}

export function MenuRadioItem({ value, children }: { value: string; children: ReactNode }) {
  return (
    <DropdownMenu.RadioItem value={value} className={ITEM}>
      {children}
      <DropdownMenu.ItemIndicator className="ms-auto">
        <Check aria-hidden />
      </DropdownMenu.ItemIndicator>
    </DropdownMenu.RadioItem>
  );
}

/** An entry that is on or off; the menu stays open, for there are often several. */
export function MenuCheckItem({ checked, onChange, children }: { checked: boolean; onChange: (checked: boolean) => void; children: ReactNode }) {
  return (
    <DropdownMenu.CheckboxItem checked={checked} onCheckedChange={onChange} onSelect={(event) => event.preventDefault()} className={ITEM}>
      <span className="flex size-4 items-center justify-center rounded-sm border border-control [&_svg]:size-3">
        <DropdownMenu.ItemIndicator>
          <Check aria-hidden />
        </DropdownMenu.ItemIndicator>
      </span>
      {children}
    </DropdownMenu.CheckboxItem>
  );
}

/** An entry that opens a menu beside it; stands inside `MenuSub`, before `MenuSubContent`. */
export function MenuSubTrigger({ children }: { children: ReactNode }) {
  return (
    <DropdownMenu.SubTrigger className={cx(ITEM, "data-[state=open]:bg-hover")}>
      {children}
      <ChevronRight aria-hidden className="ms-auto rtl:rotate-180" />
    </DropdownMenu.SubTrigger>
  );
}

export function MenuSubContent({ children }: { children: ReactNode }) {
  return (
    <DropdownMenu.Portal>
      <DropdownMenu.SubContent sideOffset={4} collisionPadding={8} className={PANEL}>
        {children}
      </DropdownMenu.SubContent>
    </DropdownMenu.Portal>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <DropdownMenu.Label className="px-2.5 pt-2 pb-1 text-xs font-medium text-faint">{children}</DropdownMenu.Label>;
}

export function MenuSeparator() {
  return <DropdownMenu.Separator className="my-1 h-px bg-line" />;
}

/** One thing that can be done with a row. */
export interface RowAction {
  key: string;
  label: string;
  icon: LucideIcon;
  run: () => void;
  danger?: boolean;
  disabled?: boolean;
  /** Starts a new group, after a line. */
  separated?: boolean;
}

/** The ⋯ button of a row. */
export function RowMenu({ label, actions, className }: { label: string; actions: readonly RowAction[]; className?: string }) {
  if (actions.length === 0) return null;
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button variant="ghost" size="icon-sm" aria-label={label} className={className}>
          <Ellipsis aria-hidden />
        </Button>
      </MenuTrigger>
      <MenuContent>
        {actions.map((action) => (
          <Fragment key={action.key}>
            {action.separated && <MenuSeparator />}
            <DropdownMenu.Item disabled={action.disabled ?? false} onSelect={action.run} className={cx(ITEM, action.danger && DANGER)}>
              <action.icon aria-hidden />
              {action.label}
            </DropdownMenu.Item>
          </Fragment>
        ))}
      </MenuContent>
    </Menu>
  );
}

/** Opens the same menu where its child, the row, is right-clicked or held. */
export function RowContextMenu({ actions, children }: { actions: readonly RowAction[]; children: ReactNode }) {
  if (actions.length === 0) return children;
  return (
    <ContextMenu.Root>
      <ContextMenu.Trigger asChild>{children}</ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Content collisionPadding={8} className={PANEL}>
          {actions.map((action) => (
            <Fragment key={action.key}>
              {action.separated && <ContextMenu.Separator className="my-1 h-px bg-line" />}
              <ContextMenu.Item disabled={action.disabled ?? false} onSelect={action.run} className={cx(ITEM, action.danger && DANGER)}>
                <action.icon aria-hidden />
                {action.label}
              </ContextMenu.Item>
            </Fragment>
          ))}
        </ContextMenu.Content>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}
