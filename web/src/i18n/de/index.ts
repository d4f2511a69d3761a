// German: every file beside this one is the namespace of its name.
const files = import.meta.glob<Record<string, unknown>>("./*.json", { eager: true, import: "default" });

export const german: Record<string, Record<string, unknown>> = Object.fromEntries(
  Object.entries(files).map(([path, texts]) => [path.replace(/^\.\/|\.json$/g, ""), texts]),
);
