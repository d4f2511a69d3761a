// Some texts, one a line, added and taken away.
import { Plus, Trash2 } from "lucide-react";
import { useRef } from "react";
import { Button } from "~/ui/button";
import { Input } from "~/ui/input";

interface TextListProps {
  label: string;
  itemLabel: (number: number) => string;
  add: string;
  remove: (number: number) => string;
  placeholder?: string;
  values: readonly string[];
  problem?: (value: string) => string | undefined;
  onChange: (values: string[]) => void;
}

export function TextList({ label, itemLabel, add, remove, placeholder, values, problem, onChange }: TextListProps) {
  const list = useRef<HTMLUListElement>(null);
  const addOne = () => {
    onChange([...values, ""]);
    requestAnimationFrame(() => [...(list.current?.querySelectorAll("input") ?? [])].at(-1)?.focus());
  };
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="pb-1.5 text-sm font-medium text-ink">{label}</legend>
      <ul ref={list} className="flex flex-col gap-2 empty:hidden">
        {values.map((value, index) => {
          const wrong = problem?.(value);
          return (
            // oxlint-disable-next-line react/no-array-index-key -- the texts have no identity but their place
            <li key={index} className="flex flex-col gap-1">
              <div className="flex items-center gap-1.5">
                <Input
                  aria-label={itemLabel(index + 1)}
                  aria-invalid={wrong ? true : undefined}
                  placeholder={placeholder}
                  value={value}
                  onChange={(event) => onChange(values.map((other, at) => (at === index ? event.target.value : other)))}
                  onKeyDown={(event) => {
                    if (event.key !== "Enter") return;
                    event.preventDefault();
                    addOne();
                  }}
                />
                <Button variant="ghost" size="icon" aria-label={remove(index + 1)} onClick={() => onChange(values.filter((_, at) => at !== index))}>
                  <Trash2 aria-hidden />
                </Button>
              </div>
              {wrong && <p className="text-sm text-danger">{wrong}</p>}
            </li>
          );
        })}
      </ul>
      <Button className="self-start" onClick={addOne}>
        <Plus aria-hidden />
        {add}
      </Button>
    </fieldset>
  );
}
