// Fields of forms besides the text field: long texts, choices, numbers, switches; each with label, hint and error joined for screen readers.
import { ChevronDown, CircleAlert } from "lucide-react";
import { Switch as RadixSwitch } from "radix-ui";
import { type KeyboardEventHandler, type ReactNode, type Ref, type TextareaHTMLAttributes, useId } from "react";
import { cx } from "~/lib/cx";
import { Checkbox } from "./checkbox";
import { CONTROL, Field } from "./input";

interface FrameProps {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  /** Marks a field that may stay empty; fields that must be filled carry no mark. */
  optional?: string | undefined;
  className?: string | undefined;
}

function useFrame(id: string | undefined, { hint, error }: Pick<FrameProps, "hint" | "error">) {
  const made = useId();
  const fieldId = id ?? made;
  const described = [error && `${fieldId}-error`, hint && `${fieldId}-hint`].filter(Boolean).join(" ");
  return { fieldId, control: { id: fieldId, "aria-invalid": error ? true : undefined, "aria-describedby": described || undefined } };
}

/** Label above, hint and error below whatever control `children` is. */
function Frame({ fieldId, label, hint, error, optional, className, children }: FrameProps & { fieldId: string; children: ReactNode }) {
  return (
    <div className={cx("flex flex-col gap-1.5", className)}>
      <label htmlFor={fieldId} className="text-sm font-medium text-ink">
        {label}
        {optional && <span className="ms-1.5 font-normal text-faint">{optional}</span>}
      </label>
      {children}
      <Under fieldId={fieldId} hint={hint} error={error} />
    </div>
  );
}

function Under({ fieldId, hint, error }: { fieldId: string; hint?: ReactNode; error?: string | undefined }) {
  return (
    <>
      {hint && (
        <div id={`${fieldId}-hint`} className="text-sm text-muted">
          {hint}
        </div>
      )}
      {error && (
        <p id={`${fieldId}-error`} className="flex items-start gap-1.5 text-sm text-danger">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          {error}
        </p>
      )}
    </>
  );
}

export interface TextAreaFieldProps extends FrameProps, Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "className" | "onChange" | "value"> {
  value: string;
  onChange: (value: string) => void;
  /** Typewriter letters, for code and JSON. */
  mono?: boolean;
  ref?: Ref<HTMLTextAreaElement>;
}

/** A text of several lines. */
export function TextAreaField({ label, hint, error, optional, className, id, value, onChange, mono = false, rows = 4, ...rest }: TextAreaFieldProps) {
  const { fieldId, control } = useFrame(id, { hint, error });
  return (
    <Frame {...{ fieldId, label, hint, error, optional, className }}>
      <textarea
        {...control}
        rows={rows}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className={cx(CONTROL, "resize-y py-2", mono && "font-mono text-sm")}
        {...rest}
      />
    </Frame>
  );
}

export interface Choice {
  value: string;
  label: string;
  disabled?: boolean;
}

export interface SelectFieldProps extends FrameProps {
  value: string;
  onChange: (value: string) => void;
  choices: readonly Choice[];
  /** What stands there while nothing is chosen; choosing it gives "". */
  placeholder?: string;
  disabled?: boolean;
  name?: string;
  id?: string;
}

/** One of some choices. The browser's own list: it works on every device and with every reader. */
export function SelectField({ label, hint, error, optional, className, id, value, onChange, choices, placeholder, ...rest }: SelectFieldProps) {
  const { fieldId, control } = useFrame(id, { hint, error });
  return (
    <Frame {...{ fieldId, label, hint, error, optional, className }}>
      <div className="relative">
        <select {...control} value={value} onChange={(event) => onChange(event.target.value)} className={cx(CONTROL, "h-10 appearance-none truncate pe-9")} {...rest}>
          {placeholder !== undefined && <option value="">{placeholder}</option>}
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value} disabled={choice.disabled}>
              {choice.label}
            </option>
          ))}
        </select>
        <ChevronDown aria-hidden className="pointer-events-none absolute end-3 top-1/2 size-4 -translate-y-1/2 text-muted" />
      </div>
    </Frame>
  );
}

export interface NumberFieldProps extends FrameProps {
  /** Null while the field is empty. */
  value: number | null;
  onChange: (value: number | null) => void;
  min?: number;
  max?: number;
  step?: number | "any";
  placeholder?: string;
  disabled?: boolean;
  name?: string;
}

/** A number, or nothing. */
export function NumberField({ value, onChange, hint, optional, label, className, ...rest }: NumberFieldProps) {
  return (
    <Field
      {...rest}
      {...(className ? { className } : {})}
      label={optional ? `${label} ${optional}` : label}
      hint={hint}
      type="number"
      inputMode="decimal"
      value={value ?? ""}
      onChange={(event) => onChange(Number.isFinite(event.target.valueAsNumber) ? event.target.valueAsNumber : null)}
    />
  );
}

interface ToggleProps extends Omit<FrameProps, "optional"> {
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  id?: string;
}

/** On or off, at once. */
export function SwitchField({ label, hint, error, className, id, checked, onChange, disabled }: ToggleProps) {
  const { fieldId, control } = useFrame(id, { hint, error });
  return (
    <div className={cx("flex items-start justify-between gap-4", className)}>
      <div className="min-w-0">
        <label htmlFor={fieldId} className="text-sm font-medium text-ink">
          {label}
        </label>
        <Under fieldId={fieldId} hint={hint} error={error} />
      </div>
      <Switch {...control} checked={checked} onChange={onChange} disabled={disabled} />
    </div>
  );
}

interface SwitchProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean | undefined;
  id?: string;
  tabIndex?: number;
  onKeyDown?: KeyboardEventHandler;
  "aria-label"?: string;
  "aria-describedby"?: string | undefined;
}

/** The switch alone; it needs a label of its own. */
export function Switch({ checked, onChange, disabled, ...rest }: SwitchProps) {
  return (
    <RadixSwitch.Root
      {...rest}
      checked={checked}
      onCheckedChange={onChange}
      disabled={disabled ?? false}
      className="relative inline-flex h-6 w-10 shrink-0 items-center rounded-full border border-control bg-sunken transition-colors duration-120 disabled:opacity-50 data-[state=checked]:border-primary data-[state=checked]:bg-primary"
    >
      <RadixSwitch.Thumb className="block size-4 translate-x-1 rounded-full bg-control transition-transform duration-120 rtl:-translate-x-1 data-[state=checked]:translate-x-5 data-[state=checked]:bg-on-primary rtl:data-[state=checked]:-translate-x-5" />
    </RadixSwitch.Root>
  );
}

/** One of several that can be ticked, its label beside it. */
export function CheckboxField({ label, hint, error, className, id, checked, onChange, disabled = false }: ToggleProps) {
  const { fieldId, control } = useFrame(id, { hint, error });
  return (
    <div className={cx("flex items-start gap-2.5", className)}>
      <Checkbox {...control} checked={checked} onChange={onChange} disabled={disabled} />
      <div className="min-w-0">
        <label htmlFor={fieldId} className={cx("block text-base text-ink", disabled && "opacity-60")}>
          {label}
        </label>
        <Under fieldId={fieldId} hint={hint} error={error} />
      </div>
    </div>
  );
}
