// What an import will do with each thing in a file, decided before anything is written. Pure: no React, no DOM.
import type { ImportConflict } from "~/api/types/ImportConflict";
import { asText, type JsonObject, parseJson, asObject } from "~/lib/json";
import type { ListName } from "./read-file";

/** What is done with something that is here already: written over, put beside, or left as it is. */
export type Choice = "update" | "duplicate" | "skip";

export interface PlanRow {
  list: ListName;
  id: string;
  name: string;
  /** What it meets here, if anything. */
  conflict: ImportConflict | null;
}

/** The rows of a file that have a name of their own, those that meet something here first. */
export function planRows(lists: readonly { list: ListName; rows: readonly JsonObject[] }[], conflicts: readonly ImportConflict[]): PlanRow[] {
  const met = new Map(conflicts.map((conflict) => [`${conflict.type} ${conflict.importId}`, conflict]));
  const rows = lists
    .filter(({ list }) => !COUNTED.has(list))
    .flatMap(({ list, rows: entries }) =>
      entries.map((entry) => {
        const id = asText(entry["id"]) ?? "";
        return { list, id, name: nameOf(entry), conflict: met.get(`${list} ${id}`) ?? null };
      }),
    );
  return [...rows.filter((row) => row.conflict), ...rows.filter((row) => !row.conflict)];
}

/** Lists whose rows have no names: only their number is told. */
export const COUNTED: ReadonlySet<ListName> = new Set<ListName>(["ChatMessage", "ChatMessageFeedback", "Execution", "DocumentStoreFileChunk"]);

/** An assistant keeps its name inside its details. */
function nameOf(entry: JsonObject): string {
  const details = typeof entry["details"] === "string" ? asObject(parseJson(entry["details"])) : null;
  return asText(entry["name"]) ?? asText(details?.["name"]) ?? asText(entry["id"]) ?? "";
}

export interface Resolution {
  type: string;
  importId: string;
  existingId: string;
  action: Choice;
}

/** The answers for the server, one for each row that meets something. */
export function resolutionsOf(rows: readonly PlanRow[], choices: ReadonlyMap<string, Choice>, general: Choice): Resolution[] {
  return rows.flatMap(({ list, id, conflict }) =>
    conflict ? [{ type: conflict.type, importId: conflict.importId, existingId: conflict.existingId, action: choices.get(`${list} ${id}`) ?? general }] : [],
  );
}
