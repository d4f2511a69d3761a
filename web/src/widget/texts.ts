// The widget's sentences: one file, without the page's translation machine.
import texts from "~/i18n/en/widget.json";

/** The sentence `key`, its marks filled with `values`. */
export function say(key: keyof typeof texts, values: Record<string, string | number> = {}): string {
  return texts[key].replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => String(values[name] ?? whole));
}
