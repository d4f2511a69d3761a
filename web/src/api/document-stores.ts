// Document stores: what they load, the chunks that became of it, and the vector store that holds these.
import { queryOptions } from "@tanstack/react-query";
import type { JsonObject } from "~/lib/json";
import { api } from ".";
import type { CatalogNode } from "./types";
import type { ConfigRow } from "./types/ConfigRow";
import type { DocumentChunk } from "./types/DocumentChunk";
import type { DocumentChunks } from "./types/DocumentChunks";
import type { DocumentStore } from "./types/DocumentStore";
import type { DocumentStoreLoader } from "./types/DocumentStoreLoader";

export type { DocumentChunk, DocumentChunks, DocumentStore, DocumentStoreLoader };

const ROOT = "/document-store";
const part = encodeURIComponent;

/** While somebody works on a store it is read again after so many milliseconds. */
const WHILE_WORKING = 1_500;

export function isWorkedOn(store: Pick<DocumentStore, "progress" | "status" | "loaders">): boolean {
  return store.progress !== undefined || store.status === "UPSERTING" || store.loaders.some((loader) => loader.status === "SYNCING");
}

export function storesQuery() {
  return queryOptions({
    queryKey: ["document-stores"],
    queryFn: ({ signal }) => api.request<DocumentStore[]>(`${ROOT}/store`, { signal }),
    refetchInterval: (query) => (query.state.data?.some(isWorkedOn) ? WHILE_WORKING : false),
  });
}

export function storeQuery(id: string) {
  return queryOptions({
    queryKey: ["document-store", id],
    queryFn: ({ signal }) => api.request<DocumentStore>(`${ROOT}/store/${part(id)}`, { signal }),
    refetchInterval: (query) => (query.state.data && isWorkedOn(query.state.data) ? WHILE_WORKING : false),
  });
}

export interface StoreForm {
  name: string;
  description: string | null;
}

export function createStore(form: StoreForm): Promise<{ id: string }> {
  return api.request(`${ROOT}/store`, { method: "POST", body: form });
}

export function updateStore(id: string, form: Partial<StoreForm>): Promise<DocumentStore> {
  return api.request(`${ROOT}/store/${part(id)}`, { method: "PUT", body: form });
}

export function deleteStore(id: string): Promise<unknown> {
  return api.request(`${ROOT}/store/${part(id)}`, { method: "DELETE" });
}

/** What a store can be put together from. */
export type StorePart = "loaders" | "embeddings" | "vectorstore" | "recordmanager";

export function storePartsQuery(kind: StorePart) {
  return queryOptions({
    queryKey: ["document-store-parts", kind],
    queryFn: ({ signal }) => api.request<CatalogNode[]>(`${ROOT}/components/${kind}`, { signal }),
    staleTime: Infinity,
  });
}

/** What a loader is told; what is left out is as it was saved. */
export interface LoaderBody {
  storeId: string;
  id?: string | undefined;
  loaderId: string;
  loaderName: string;
  loaderConfig: JsonObject;
  splitterId: string;
  splitterName: string;
  splitterConfig: JsonObject;
}

export interface PreviewChunk {
  pageContent: string;
  metadata: JsonObject;
}

export interface Preview {
  chunks: PreviewChunk[];
  totalChunks: number;
  previewChunkCount: number;
}

/** The chunks that a loader would make, at most `count` of them; crawlers read a few pages only. */
export function previewLoader(body: LoaderBody, count: number, signal?: AbortSignal): Promise<Preview> {
  return api.request(`${ROOT}/loader/preview`, { method: "POST", body: { ...body, previewChunkCount: count, preview: true }, signal });
}

export function saveLoader(body: LoaderBody): Promise<DocumentStoreLoader> {
  return api.request(`${ROOT}/loader/save`, { method: "POST", body });
}

/** Makes the chunks of a saved loader. The work goes on when nobody waits for it. */
export function processLoader(storeId: string, id: string): Promise<DocumentChunks> {
  return api.request(`${ROOT}/loader/process/${part(id)}`, { method: "POST", body: { storeId, id } });
}

export function deleteLoader(storeId: string, id: string): Promise<DocumentStore> {
  return api.request(`${ROOT}/loader/${part(storeId)}/${part(id)}`, { method: "DELETE" });
}

/** Stands for all loaders of a store where one is asked for. */
export const ALL_LOADERS = "all";
/** How many chunks the server puts on a page. */
export const CHUNKS_A_PAGE = 50;

export function chunksQuery(storeId: string, loader: string, page: number) {
  return queryOptions({
    queryKey: ["document-chunks", storeId, loader, page],
    queryFn: ({ signal }) => api.request<DocumentChunks>(`${ROOT}/chunks/${part(storeId)}/${part(loader)}/${page}`, { signal }),
  });
}

function chunkPath({ storeId, docId, id }: DocumentChunk): string {
  return `${ROOT}/chunks/${part(storeId)}/${part(docId)}/${part(id)}`;
}

export function saveChunk(chunk: DocumentChunk, form: { pageContent: string; metadata: JsonObject }): Promise<DocumentChunks> {
  return api.request(chunkPath(chunk), { method: "PUT", body: form });
}

export function deleteChunk(chunk: DocumentChunk): Promise<DocumentChunks> {
  return api.request(chunkPath(chunk), { method: "DELETE" });
}

/** A node with its form; null where there is none. */
export type Chosen = { name: string; config: JsonObject } | null;

/** Where a store writes to. */
export interface Targets {
  embedding: Chosen;
  vectorStore: Chosen;
  recordManager: Chosen;
}

function targetsBody(storeId: string, { embedding, vectorStore, recordManager }: Targets): JsonObject {
  const named = (key: string, chosen: Chosen) => (chosen ? { [`${key}Name`]: chosen.name, [`${key}Config`]: chosen.config } : {});
  return { storeId, ...named("embedding", embedding), ...named("vectorStore", vectorStore), ...named("recordManager", recordManager) };
}

export function saveTargets(storeId: string, targets: Targets): Promise<unknown> {
  return api.request(`${ROOT}/vectorstore/save`, { method: "POST", body: targetsBody(storeId, targets) });
}

/** Changes the form of the vector store alone. */
export function saveSearch(storeId: string, vectorStore: NonNullable<Chosen>): Promise<unknown> {
  return api.request(`${ROOT}/vectorstore/update`, { method: "POST", body: { storeId, vectorStoreName: vectorStore.name, vectorStoreConfig: vectorStore.config } });
}

export interface UpsertCounts {
  numAdded: number;
  numUpdated?: number;
  numSkipped?: number;
  numDeleted?: number;
}

/** Writes the chunks of a store, or of one loader, to where it was set up to write. */
export function upsertStore(storeId: string, loader?: string): Promise<UpsertCounts> {
  return api.request(`${ROOT}/vectorstore/insert`, { method: "POST", body: { storeId, ...(loader ? { docId: loader } : {}) } });
}

/** Loads again and writes again: all loaders, or those named. */
export function refreshStore(storeId: string, loaders?: readonly string[]): Promise<(UpsertCounts & { docId: string })[]> {
  return api.request(`${ROOT}/refresh/${part(storeId)}`, { method: "POST", body: loaders ? { items: loaders.map((docId) => ({ docId })) } : {} });
}

/** Deletes from the vector store what the store, or one loader, wrote; a record manager must know of it. */
export function removeVectors(storeId: string, loader?: string): Promise<unknown> {
  return api.request(`${ROOT}/vectorstore/${part(storeId)}`, { method: "DELETE", query: { docId: loader } });
}

export interface FoundChunk {
  id: string;
  /** -1 for one that the store has no more. */
  chunkNo: number;
  pageContent: string;
  metadata: JsonObject;
  score: number;
}

export interface FoundChunks {
  /** In milliseconds. */
  timeTaken: number;
  docs: FoundChunk[];
}

/** Searches a store; `inputs` are laid over the form of its vector store. */
export function searchStore(storeId: string, query: string, inputs: JsonObject, signal?: AbortSignal): Promise<FoundChunks> {
  return api.request(`${ROOT}/vectorstore/query`, { method: "POST", body: { storeId, query, inputs }, signal });
}

/** What a call may set when it upserts by a loader. */
export function storeConfigQuery(storeId: string, loader: string) {
  return queryOptions({
    queryKey: ["document-store-config", storeId, loader],
    queryFn: ({ signal }) => api.request<ConfigRow[]>(`${ROOT}/store-configs/${part(storeId)}/${part(loader)}`, { signal }),
  });
}

/** What a model says of a store; `model` is a node as the canvas holds it. */
export async function describeStore(storeId: string, model: JsonObject): Promise<string> {
  const answer = await api.request<{ content: string }>(`${ROOT}/generate-tool-desc/${part(storeId)}`, { method: "POST", body: { selectedChatModel: model } });
  return answer.content.trim();
}

/** The pages that a page links to, or that a sitemap lists. */
export async function findLinks(url: string, method: string, limit: number, signal?: AbortSignal): Promise<string[]> {
  const answer = await api.request<{ links: string[] }>("/fetch-links", { query: { url, relativeLinksMethod: method, limit }, signal });
  return answer.links;
}
