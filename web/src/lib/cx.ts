// Joins class names.

/** The truthy names of `parts`, in order, with spaces between. */
export function cx(...parts: (string | false | null | undefined)[]): string {
  return parts.filter(Boolean).join(" ");
}
