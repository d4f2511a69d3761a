// Values as Python's own words, for snippets.

/** `value` as Python writes it. */
export function pythonLiteral(value: unknown, depth = 0): string {
  if (value === true) return "True";
  if (value === false) return "False";
  if (value === null || value === undefined) return "None";
  if (typeof value !== "object") return JSON.stringify(value);
  const inner = "    ".repeat(depth + 1);
  const end = "    ".repeat(depth);
  const parts = Array.isArray(value) ? value.map((entry) => pythonLiteral(entry, depth + 1)) : Object.entries(value).map(([key, entry]) => `${JSON.stringify(key)}: ${pythonLiteral(entry, depth + 1)}`);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  return parts.length === 0 ? `${open}${close}` : `${open}\n${parts.map((part) => `${inner}${part},`).join("\n")}\n${end}${close}`;
}
