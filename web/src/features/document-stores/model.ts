// What the pages of document stores read out of a store: how it stands, where its documents come from, what to do next.
import type { Chosen, DocumentStore, DocumentStoreLoader, Targets } from "~/api/document-stores";
import { asArray, asObject, asText, type JsonObject, parseJson } from "~/lib/json";

/** How a store or a loader stands; anything the server may say besides is `other`. */
export type Standing = "empty" | "new" | "loading" | "loaded" | "stale" | "writing" | "written" | "other";

const STANDINGS: Record<string, Standing> = { EMPTY: "empty", EMPTY_SYNC: "empty", NEW: "new", SYNCING: "loading", SYNC: "loaded", STALE: "stale", UPSERTING: "writing", UPSERTED: "written" };

export function standingOf(status: string): Standing {
  return STANDINGS[status] ?? "other";
}

/** How a store stands right now, in the server's words: what is being done comes first, and what was never loaded is not out of date. */
export function statusNow(store: DocumentStore): string {
  if (store.progress) return store.progress.stage === "writing" ? "UPSERTING" : "SYNCING";
  const isUntouched = store.loaders.length > 0 && store.totalChunks === 0 && store.loaders.every((loader) => loader.status === "NEW");
  return store.status === "STALE" && isUntouched ? "NEW" : store.status;
}

/** The step that brings a store further: what its page offers first. */
export type NextStep = "addLoader" | "process" | "chooseTargets" | "upsert" | "test";

export function nextStep(store: DocumentStore): NextStep {
  if (store.loaders.length === 0) return "addLoader";
  if (unprocessed(store).length > 0) return "process";
  if (!store.embeddingConfig || !store.vectorStoreConfig) return "chooseTargets";
  return store.status === "UPSERTED" ? "test" : "upsert";
}

/** Loaders that hold no chunks of their present settings. */
export function unprocessed(store: DocumentStore): DocumentStoreLoader[] {
  return store.loaders.filter((loader) => loader.status !== "SYNC" && loader.status !== "SYNCING");
}

/** Where a loader's documents come from, in a few words; undefined where its settings tell nothing. */
export function sourceOf(loader: Pick<DocumentStoreLoader, "loaderConfig" | "source">): string | undefined {
  if (loader.source && loader.source !== "None") return loader.source;
  for (const [name, value] of Object.entries(loader.loaderConfig)) {
    const text = asText(value)?.trim();
    if (!text || name === "credential" || name === "FLOWISE_CREDENTIAL_ID") continue;
    const files = filesOf(text);
    if (files) return files.join(", ");
    if (/^https?:\/\//i.test(text)) return text;
  }
  const text = asText(loader.loaderConfig["text"])?.trim();
  return text ? `“${text.replace(/\s+/g, " ").slice(0, 80)}${text.length > 80 ? "…" : ""}”` : undefined;
}

/** The names of the files in a value: of kept ones, or of those that are inside it. */
function filesOf(text: string): string[] | undefined {
  if (text.startsWith("FILE-STORAGE::")) {
    const rest = text.slice("FILE-STORAGE::".length);
    const names = parseJson(rest);
    return Array.isArray(names) ? names.map(String) : [rest];
  }
  if (!text.startsWith("data:") && !text.startsWith('["data:')) return undefined;
  const list = text.startsWith("[") ? asArray(parseJson(text)).map(String) : [text];
  return list.map((entry) => /filename:(.+)$/.exec(entry)?.[1] ?? "file");
}

/** The different nodes that load, in the order of the loaders. */
export function loaderNames(store: Pick<DocumentStore, "loaders">): string[] {
  return [...new Set(store.loaders.map((loader) => loader.loaderId))];
}

/** Where a store writes to, as it was saved. */
export function targetsOf(store: DocumentStore): Targets {
  return { embedding: chosenOf(store.embeddingConfig), vectorStore: chosenOf(store.vectorStoreConfig), recordManager: chosenOf(store.recordManagerConfig) };
}

function chosenOf(saved: { name: string; config: Record<string, unknown> } | null): Chosen {
  return saved?.name ? { name: saved.name, config: saved.config ?? {} } : null;
}

/** What needs no key and no other server, for a store that was not set up yet. */
export const BUILT_IN = { embedding: "localEmbeddings", vectorStore: "builtInVectorStore", recordManager: "SQLiteRecordManager" } as const;

/** Settings of a new record manager by which a loader that is processed again replaces what it wrote, and nothing else. */
export const OWN_RECORDS: JsonObject = { cleanup: "incremental", sourceIdKey: "docId" };

/** The metadata of a chunk, which may be the text of JSON. */
export function metadataOf(metadata: unknown): JsonObject {
  return asObject(typeof metadata === "string" ? parseJson(metadata) : metadata) ?? {};
}

/** A name for a new loader: the node's own, numbered where there is one of that name. */
export function freshName(label: string, taken: readonly string[]): string {
  if (!taken.includes(label)) return label;
  for (let number = 2; ; number += 1) {
    const name = `${label} ${number}`;
    if (!taken.includes(name)) return name;
  }
}

/** Counts of several upserts as one. */
export function sumOf(counts: readonly { numAdded?: number; numUpdated?: number; numSkipped?: number; numDeleted?: number }[]): { added: number; updated: number; skipped: number; deleted: number } {
  const sum = (key: "numAdded" | "numUpdated" | "numSkipped" | "numDeleted") => counts.reduce((all, one) => all + (one[key] ?? 0), 0);
  return { added: sum("numAdded"), updated: sum("numUpdated"), skipped: sum("numSkipped"), deleted: sum("numDeleted") };
}
