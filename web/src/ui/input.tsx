// Text fields, with label, hint and error joined for screen readers.
import { CircleAlert, Eye, EyeOff, Search, X } from "lucide-react";
import { type ChangeEvent, type InputHTMLAttributes, type KeyboardEvent, type ReactNode, type Ref, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { Button } from "./button";

export interface InputProps extends InputHTMLAttributes<HTMLInputElement> {
  ref?: Ref<HTMLInputElement>;
}

/** The look of every control that text goes into. */
export const CONTROL =
  "w-full rounded-md border border-control bg-surface px-3 text-base text-ink placeholder:text-faint text-ellipsis transition-colors duration-120 " +
  "hover:border-muted focus-visible:outline-2 focus-visible:outline-offset-0 focus-visible:border-primary " +
  "aria-invalid:border-danger disabled:opacity-60";

export function Input({ className, ...rest }: InputProps) {
  return <input className={cx(CONTROL, "h-10", className)} {...rest} />;
}

export interface FieldProps extends InputProps {
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  /** Stands inside the field at its end. */
  trailing?: ReactNode;
}

/** A labelled text field; its error is read out with it. */
export function Field({ label, hint, error, trailing, id, className, ...rest }: FieldProps) {
  const made = useId();
  const fieldId = id ?? made;
  const described = [error && `${fieldId}-error`, hint && `${fieldId}-hint`].filter(Boolean).join(" ");
  return (
    <div className={cx("flex flex-col gap-1.5", className)}>
      <label htmlFor={fieldId} className="text-sm font-medium text-ink">
        {label}
      </label>
      <div className="relative">
        <Input
          id={fieldId}
          aria-invalid={error ? true : undefined}
          aria-describedby={described || undefined}
          className={trailing ? "pe-11" : undefined}
          {...rest}
        />
        {trailing && <div className="absolute inset-y-0 end-1 flex items-center">{trailing}</div>}
      </div>
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
    </div>
  );
}

/** A password field that can be shown, and that tells when Caps Lock is on. */
export function PasswordField({ hint, ...rest }: FieldProps) {
  const { t } = useTranslation("auth");
  const [shown, setShown] = useState(false);
  const [capsLock, setCapsLock] = useState(false);
  const watchCapsLock = (event: KeyboardEvent<HTMLInputElement>) => setCapsLock(event.getModifierState("CapsLock"));
  return (
    <Field
      {...rest}
      type={shown ? "text" : "password"}
      autoCapitalize="none"
      spellCheck={false}
      onKeyUp={watchCapsLock}
      hint={
        capsLock || hint ? (
          <>
            {capsLock && <span className="block text-warning">{t("capsLock")}</span>}
            {hint}
          </>
        ) : undefined
      }
      trailing={
        <Button variant="ghost" size="icon" aria-label={t(shown ? "hidePassword" : "showPassword")} aria-pressed={shown} onClick={() => setShown(!shown)}>
          {shown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
        </Button>
      }
    />
  );
}

export interface SearchFieldProps {
  value: string;
  onChange: (value: string) => void;
  label: string;
  clearLabel: string;
  /** Escape in the empty box. */
  onLeave?: () => void;
  /** Keys besides Escape, such as Enter for the first result. */
  onKeyDown?: (event: KeyboardEvent<HTMLInputElement>) => void;
  /** Further attributes of the box, for a list that it steers. */
  field?: InputHTMLAttributes<HTMLInputElement>;
  className?: string;
  ref?: Ref<HTMLInputElement>;
}

/** A search box: Escape empties it, and leaves it when it is empty. */
export function SearchField({ value, onChange, label, clearLabel, onLeave, onKeyDown, field, className, ref }: SearchFieldProps) {
  return (
    <div className={cx("relative", className)}>
      <Search aria-hidden className="pointer-events-none absolute start-3 top-1/2 size-4 -translate-y-1/2 text-faint" />
      <input
        {...field}
        ref={ref}
        type="search"
        value={value}
        aria-label={label}
        placeholder={label}
        onChange={(event: ChangeEvent<HTMLInputElement>) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") {
            onKeyDown?.(event);
          } else if (value) {
            event.preventDefault();
            onChange("");
          } else {
            onLeave?.();
          }
        }}
        className={cx(CONTROL, "h-9 ps-9 pe-9 [&::-webkit-search-cancel-button]:hidden")}
      />
      {value && (
        <Button variant="ghost" size="icon-sm" aria-label={clearLabel} className="absolute end-1 top-1/2 -translate-y-1/2" onClick={() => onChange("")}>
          <X aria-hidden />
        </Button>
      )}
    </div>
  );
}
