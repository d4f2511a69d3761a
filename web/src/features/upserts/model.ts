// A stored upsert, whose parts may be texts of JSON or JSON itself.
import type { UpsertRow } from "~/api/conversations";
import { asArray, asObject, asText, parseJson } from "~/lib/json";

export interface UpsertView {
  id: string;
  date: string;
  added: number;
  updated: number;
  skipped: number;
  deleted: number;
  /** The nodes that took part, with what they were set to. */
  nodes: { label: string; settings: { label: string; value: string }[] }[];
}

function opened(value: unknown): unknown {
  return typeof value === "string" ? parseJson(value) : value;
}

export function viewOf(row: UpsertRow): UpsertView {
  const result = asObject(opened(row.result)) ?? {};
  const count = (key: string) => (typeof result[key] === "number" ? result[key] : 0);
  const nodes = asArray(opened(row.flowData)).flatMap((entry) => {
    const node = asObject(entry);
    if (!node) return [];
    const settings = asArray(node["paramValues"]).flatMap((part) => {
      const value = asObject(part);
      const label = asText(value?.["label"]) ?? asText(value?.["name"]);
      return label ? [{ label, value: plain(value?.["value"]) }] : [];
    });
    return [{ label: asText(node["label"]) ?? asText(node["name"]) ?? "", settings }];
  });
  return { id: row.id, date: row.date, added: count("numAdded"), updated: count("numUpdated"), skipped: count("numSkipped"), deleted: count("numDeleted"), nodes };
}

function plain(value: unknown): string {
  if (value === undefined || value === null) return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}
