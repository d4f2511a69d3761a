// What the form of a loader holds, and what of it is sent.
import type { DocumentStore, DocumentStoreLoader, LoaderBody } from "~/api/document-stores";
import type { CatalogNode } from "~/api/types";
import { defaultsOfEntry, problemsOfEntry } from "~/features/canvas/forms";
import type { JsonObject } from "~/lib/json";
import { freshName } from "./model";

export interface Splitting {
  /** The catalog's name of the splitter; "" cuts nothing. */
  name: string;
  config: JsonObject;
}

export interface LoaderFormState {
  name: string;
  config: JsonObject;
  splitting: Splitting;
}

/** What a new loader is cut by. */
const USUAL_SPLITTER = "recursiveCharacterTextSplitter";

export function splittingOf(name: string, splitters: readonly CatalogNode[]): Splitting {
  const entry = splitters.find((splitter) => splitter.name === name);
  return { name, config: entry ? defaultsOfEntry(entry) : {} };
}

export function newForm(entry: CatalogNode, splitters: readonly CatalogNode[], store: DocumentStore): LoaderFormState {
  return {
    name: freshName(entry.label, store.loaders.map((loader) => loader.loaderName)),
    config: defaultsOfEntry(entry),
    splitting: splitters.some((splitter) => splitter.name === USUAL_SPLITTER) ? splittingOf(USUAL_SPLITTER, splitters) : { name: "", config: {} },
  };
}

/** The form of a saved loader; fields that came later are at their defaults. */
export function savedForm(loader: DocumentStoreLoader, entry: CatalogNode): LoaderFormState {
  return {
    name: loader.loaderName || entry.label,
    config: { ...defaultsOfEntry(entry), ...(loader.credential ? { credential: loader.credential, FLOWISE_CREDENTIAL_ID: loader.credential } : {}), ...loader.loaderConfig },
    splitting: { name: loader.splitterId, config: loader.splitterConfig },
  };
}

export function bodyOf(form: LoaderFormState, { storeId, id, entry, splitters }: { storeId: string; id: string | undefined; entry: CatalogNode; splitters: readonly CatalogNode[] }): LoaderBody {
  const { splitting } = form;
  const splitter = splitters.find((candidate) => candidate.name === splitting.name);
  return {
    storeId,
    id,
    loaderId: entry.name,
    loaderName: form.name.trim() || entry.label,
    loaderConfig: form.config,
    splitterId: splitting.name,
    splitterName: splitter?.label ?? "",
    splitterConfig: splitting.config,
  };
}

/** Loaders that ask other servers: these are asked only when somebody wants it. */
const REMOTE_FIELDS = new Set(["url", "baseUrl", "query", "repoLink", "credential", "bucketName", "owner"]);

/** Whether a preview may be made at every change: nothing leaves the server for it. */
export function isLocal(entry: CatalogNode): boolean {
  return entry.credential === undefined && !(entry.inputs ?? []).some((input) => REMOTE_FIELDS.has(String(input["name"])));
}

/** Whether both forms, that of the loader and that of the splitter, are filled in. */
export function isComplete(entry: CatalogNode, config: JsonObject, splitter: CatalogNode | undefined, splitting: Splitting): boolean {
  return problemsOfEntry(entry, config).length === 0 && (splitter === undefined || problemsOfEntry(splitter, splitting.config).length === 0);
}
