// A box to tick, alone: lists are made of them, and `CheckboxField` gives one a label.
import { Check, Minus } from "lucide-react";
import { Checkbox as RadixCheckbox } from "radix-ui";
import { cx } from "~/lib/cx";

interface CheckboxProps {
  checked: boolean | "indeterminate";
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  id?: string;
  className?: string;
  "aria-label"?: string;
  "aria-describedby"?: string | undefined;
  "aria-invalid"?: boolean | undefined;
}

/** The box alone; it needs a label of its own. The touchable area is larger than what is drawn. */
export function Checkbox({ checked, onChange, className, ...rest }: CheckboxProps) {
  return (
    <RadixCheckbox.Root
      {...rest}
      checked={checked}
      onCheckedChange={(next) => onChange(next === true)}
      className={cx(
        "relative mt-0.5 inline-flex size-4 shrink-0 items-center justify-center rounded-sm border border-control bg-surface text-on-primary transition-colors duration-120",
        "after:absolute after:-inset-2 disabled:opacity-50 data-[state=checked]:border-primary data-[state=checked]:bg-primary data-[state=indeterminate]:border-primary data-[state=indeterminate]:bg-primary",
        className,
      )}
    >
      <RadixCheckbox.Indicator>{checked === "indeterminate" ? <Minus aria-hidden className="size-3" strokeWidth={3} /> : <Check aria-hidden className="size-3" strokeWidth={3} />}</RadixCheckbox.Indicator>
    </RadixCheckbox.Root>
  );
}
