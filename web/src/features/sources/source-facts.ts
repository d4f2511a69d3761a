// What the metadata of a document says of where it is from.
import type { SourceDocument } from "~/api/types";
import { asObject, asText } from "~/lib/json";

/** The file, address or title of `document`; undefined where it says none. */
export function nameOf({ metadata }: SourceDocument): string | undefined {
  const source = asText(metadata?.["source"]);
  return source && source !== "blob" ? source : undefined;
}

export interface Place {
  page?: number;
  /** The first and the last line. */
  lines?: [number, number];
}

/** Where in its file a piece stands, as splitters and readers of PDF write it into `loc`. */
export function placeOf(metadata: SourceDocument["metadata"]): Place | undefined {
  const loc = asObject(metadata?.["loc"]);
  if (!loc) return undefined;
  const lines = asObject(loc["lines"]);
  const [page, from, to] = [loc["pageNumber"], lines?.["from"], lines?.["to"]];
  return {
    ...(typeof page === "number" && { page }),
    ...(typeof from === "number" && typeof to === "number" && { lines: [from, to] as [number, number] }),
  };
}

/** The names and values in `fields`, those inside of others with the way to them: `loc.lines.from`. */
export function facts(fields: Record<string, unknown> | undefined, before = ""): [string, string][] {
  return Object.entries(fields ?? {}).flatMap(([name, value]): [string, string][] => {
    if (value === null || value === undefined || value === "") return [];
    const inner = asObject(value);
    if (inner) return facts(inner, `${before}${name}.`);
    return [[before + name, typeof value === "string" ? value : JSON.stringify(value)]];
  });
}
