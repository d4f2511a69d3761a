// The texts that people copy to fill, refresh and search a store from a program. Pure, and held by snapshots.
import { callSnippet, type Language } from "~/lib/call-snippets";
import type { JsonObject } from "~/lib/json";

export const OPERATIONS = ["upsert", "upsertFile", "refresh", "query"] as const;
export type Operation = (typeof OPERATIONS)[number];

const FILE_PLACEHOLDER = "report.pdf";

export interface StoreCall {
  origin: string;
  storeId: string;
  operation: Operation;
  /** The loader whose settings are taken; with `refresh`, "" stands for all. */
  loader: string;
  /** The loader is replaced; otherwise a new one is made beside it. */
  replace: boolean;
  /** Settings that are laid over those of the loader, by node as `overridesOf` gives them. */
  overrides: JsonObject;
  question: string;
}

export function addressOf({ origin, storeId, operation }: StoreCall): string {
  if (operation === "query") return `${origin}/api/v1/document-store/vectorstore/query`;
  return `${origin}/api/v1/document-store/${operation === "refresh" ? "refresh" : "upsert"}/${storeId}`;
}

/** What is sent: the body of JSON, or the fields of the form beside the file. */
export function bodyOf({ storeId, operation, loader, replace, overrides, question }: StoreCall): JsonObject {
  switch (operation) {
    case "query":
      return { storeId, query: question };
    case "refresh":
      return loader ? { items: [{ docId: loader, ...overrides }] } : {};
    case "upsert":
    case "upsertFile":
      return { ...(loader ? { docId: loader } : {}), replaceExisting: replace, ...overrides };
  }
}

export function snippet(language: Language, call: StoreCall): string {
  return callSnippet(language, { address: addressOf(call), body: bodyOf(call), file: call.operation === "upsertFile" ? FILE_PLACEHOLDER : undefined });
}
