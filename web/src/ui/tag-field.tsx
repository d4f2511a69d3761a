// Several short words in one field, such as categories: Enter or a comma adds one, Backspace takes the last away.
import { X } from "lucide-react";
import { type KeyboardEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";

export interface TagFieldProps {
  label: string;
  hint?: string;
  values: readonly string[];
  onChange: (values: string[]) => void;
  /** Words that are offered while one types. */
  suggestions?: readonly string[];
  placeholder?: string;
}

const NONE: readonly string[] = [];

export function TagField({ label, hint, values, onChange, suggestions = NONE, placeholder }: TagFieldProps) {
  const { t } = useTranslation();
  const id = useId();
  const [text, setText] = useState("");
  const add = (raw: string) => {
    const word = raw.replaceAll(";", " ").trim();
    setText("");
    if (word && !values.some((value) => value.toLocaleLowerCase() === word.toLocaleLowerCase())) onChange([...values, word]);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if ((event.key === "Enter" || event.key === ",") && text.trim()) {
      event.preventDefault();
      add(text);
    } else if (event.key === "Backspace" && text === "" && values.length > 0) {
      onChange(values.slice(0, -1));
    }
  };
  const open = suggestions.filter((word) => !values.includes(word));
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium text-ink">
        {label}
      </label>
      <div className="flex min-h-10 flex-wrap items-center gap-1.5 rounded-md border border-control bg-surface px-2 py-1.5 focus-within:border-primary focus-within:outline-2 focus-within:outline-focus hover:border-muted">
        {values.map((value) => (
          <span key={value} className="inline-flex h-6 max-w-full items-center gap-1 rounded-full bg-primary-soft ps-2.5 pe-0.5 text-xs text-primary-ink">
            <span className="truncate">{value}</span>
            <button
              type="button"
              aria-label={t("form.removeTag", { value })}
              onClick={() => onChange(values.filter((other) => other !== value))}
              className="inline-flex size-5 shrink-0 items-center justify-center rounded-full hover:bg-hover"
            >
              <X aria-hidden className="size-3" />
            </button>
          </span>
        ))}
        <input
          id={id}
          value={text}
          list={`${id}-list`}
          aria-describedby={hint ? `${id}-hint` : undefined}
          placeholder={values.length === 0 ? placeholder : undefined}
          autoComplete="off"
          onChange={(event) => {
            // A word picked from the list comes whole.
            if (open.includes(event.target.value)) add(event.target.value);
            else setText(event.target.value);
          }}
          onKeyDown={onKeyDown}
          onBlur={() => add(text)}
          className="h-6 min-w-32 flex-1 bg-transparent px-1 text-base text-ink outline-none placeholder:text-faint [&::-webkit-calendar-picker-indicator]:hidden!"
        />
        <datalist id={`${id}-list`}>
          {open.map((word) => (
            <option key={word} value={word}>
              {word}
            </option>
          ))}
        </datalist>
      </div>
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-muted">
          {hint}
        </p>
      )}
    </div>
  );
}
