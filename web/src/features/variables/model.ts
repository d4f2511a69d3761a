// Which names a variable may have, and how it is read.

/** What is wrong with `name`, or null. `taken` are the names of the others. */
export function nameProblem(name: string, taken: readonly string[]): "missing" | "letters" | "taken" | null {
  const trimmed = name.trim();
  if (!trimmed) return "missing";
  if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(trimmed)) return "letters";
  return taken.includes(trimmed) ? "taken" : null;
}

/** How a text and how code read the variable. */
export function usesOf(name: string): { text: string; code: string } {
  return { text: `{{$vars.${name}}}`, code: `$vars.${name}` };
}
