import { describe, expect, it } from "vitest";
import type { DocumentStore, DocumentStoreLoader } from "~/api/document-stores";
import type { CatalogNode } from "~/api/types";
import { findEntries } from "./add-loader-dialog";
import { bodyOf, isComplete, isLocal, newForm, savedForm } from "./loader-form";
import { freshName, metadataOf, nextStep, sourceOf, standingOf, statusNow, sumOf, targetsOf } from "./model";

const loader = (more: Partial<DocumentStoreLoader> = {}): DocumentStoreLoader => ({
  id: "l", loaderId: "plainText", loaderName: "Text", loaderConfig: {}, splitterId: "", splitterName: "", splitterConfig: {}, totalChunks: 2, totalChars: 10, status: "SYNC", ...more,
});
const store = (more: Partial<DocumentStore> = {}): DocumentStore => ({
  id: "s", name: "S", description: null, loaders: [], whereUsed: [], createdDate: "", updatedDate: "", status: "EMPTY", vectorStoreConfig: null, embeddingConfig: null, recordManagerConfig: null, workspaceId: "w", totalChars: 0, totalChunks: 0, ...more,
});
const part = { name: "x", config: {} };

describe("nextStep", () => {
  it.each<[string, DocumentStore]>([
    ["addLoader", store()],
    ["process", store({ loaders: [loader(), loader({ status: "NEW" })] })],
    ["process", store({ loaders: [loader({ status: "STALE", error: "gone" })] })],
    ["chooseTargets", store({ loaders: [loader()], status: "SYNC" })],
    ["upsert", store({ loaders: [loader()], status: "SYNC", embeddingConfig: part, vectorStoreConfig: part })],
    ["test", store({ loaders: [loader()], status: "UPSERTED", embeddingConfig: part, vectorStoreConfig: part })],
  ])("is %s", (step, of) => expect(nextStep(of)).toBe(step));
});

describe("statusNow", () => {
  const untouched = store({ status: "STALE", loaders: [loader({ status: "NEW" })] });
  it.each([
    ["SYNCING", store({ ...untouched, progress: { stage: "loading", loader: "l", done: 0, total: 1 } })],
    ["UPSERTING", store({ status: "SYNC", progress: { stage: "writing", loader: "", done: 0, total: 1 } })],
    ["NEW", untouched],
    ["STALE", store({ ...untouched, totalChunks: 3 })],
    ["STALE", store({ ...untouched, loaders: [loader({ status: "NEW" }), loader({ status: "STALE" })] })],
    ["UPSERTED", store({ status: "UPSERTED", loaders: [loader()] })],
  ])("is %s", (status, of) => expect(statusNow(of)).toBe(status));
});

describe("sourceOf", () => {
  it.each([
    [{ source: "a.pdf" }, "a.pdf"],
    [{ source: "None", loaderConfig: { docxFile: 'FILE-STORAGE::["a.docx","b.docx"]' } }, "a.docx, b.docx"],
    [{ loaderConfig: { txtFile: "data:text/plain;base64,YQ==,filename:notes, old.txt" } }, "notes, old.txt"],
    [{ loaderConfig: { credential: "c", url: "https://example.com/a" } }, "https://example.com/a"],
    [{ loaderConfig: { text: "Opens\n at nine." } }, "“Opens at nine.”"],
    [{ loaderConfig: { limit: "10" } }, undefined],
  ])("of %j", (more, source) => expect(sourceOf(loader(more))).toBe(source));
});

describe("small readings", () => {
  it("knows every status, and says so of others", () => expect(["EMPTY", "SYNC", "STALE", "UPSERTED", "HALTED"].map(standingOf)).toEqual(["empty", "loaded", "stale", "written", "other"]));
  it("reads metadata from text and object, and from nonsense nothing", () => expect([metadataOf('{"a":1}'), metadataOf({ b: 2 }), metadataOf("["), metadataOf(null)]).toEqual([{ a: 1 }, { b: 2 }, {}, {}]));
  it("numbers names", () => expect(freshName("Pdf", ["Pdf", "Pdf 2"])).toBe("Pdf 3"));
  it("adds counts up", () => expect(sumOf([{ numAdded: 2, numDeleted: 1 }, { numAdded: 3 }])).toEqual({ added: 5, updated: 0, skipped: 0, deleted: 1 }));
  it("has no part without a name", () => expect(targetsOf(store({ embeddingConfig: part, vectorStoreConfig: { name: "", config: {} } }))).toEqual({ embedding: part, vectorStore: null, recordManager: null }));
});

const entry = (more: Partial<CatalogNode>): CatalogNode => ({ name: "plainText", label: "Plain Text", version: 1, category: "Document Loaders", inputs: [{ name: "text", label: "Text", type: "string" }, { name: "textSplitter", label: "Text Splitter", type: "TextSplitter" }], ...more });
const splitter = entry({ name: "recursiveCharacterTextSplitter", label: "Recursive", category: "Text Splitters", inputs: [{ name: "chunkSize", label: "Chunk Size", type: "number", default: 1000 }] });

describe("the form of a loader", () => {
  it("begins with defaults, a name that is free, and the usual splitter", () =>
    expect(newForm(entry({}), [splitter], store({ loaders: [loader({ loaderName: "Plain Text" })] }))).toEqual({ name: "Plain Text 2", config: { text: "" }, splitting: { name: splitter.name, config: { chunkSize: 1000 } } }));
  it("takes a saved loader with its credential", () =>
    expect(savedForm(loader({ credential: "c", loaderConfig: { text: "a", other: 1 } }), entry({})).config).toEqual({ text: "a", other: 1, credential: "c", FLOWISE_CREDENTIAL_ID: "c" }));
  it("is sent as the server takes it", () => {
    const form = { name: " Hours ", config: { text: "a" }, splitting: { name: splitter.name, config: { chunkSize: 5 } } };
    expect(bodyOf(form, { storeId: "s", id: undefined, entry: entry({}), splitters: [splitter] })).toEqual({
      storeId: "s", id: undefined, loaderId: "plainText", loaderName: "Hours", loaderConfig: { text: "a" }, splitterId: splitter.name, splitterName: "Recursive", splitterConfig: { chunkSize: 5 },
    });
  });
  it("waits for what is missing", () => {
    const splitting = { name: splitter.name, config: { chunkSize: 5 } };
    expect(isComplete(entry({}), { text: "" }, splitter, splitting)).toBe(false);
    expect(isComplete(entry({}), { text: "a" }, splitter, splitting)).toBe(true);
    expect(isComplete(entry({}), { text: "a" }, splitter, { ...splitting, config: { chunkSize: "many" } })).toBe(false);
  });
  it("asks other servers only when told to", () => expect([isLocal(entry({})), isLocal(entry({ inputs: [{ name: "url", type: "string" }] })), isLocal(entry({ credential: { name: "credential" } }))]).toEqual([true, false, false]));
});

describe("findEntries", () => {
  const all = [entry({ name: "b", label: "Text File" }), entry({ name: "a", label: "Pdf File" }), entry({ name: "c", label: "File Loader", description: "PDF, Word and others" })];
  it("sorts by name, and by how well the name answers", () => {
    expect(findEntries(all, "").map(({ name }) => name)).toEqual(["c", "a", "b"]);
    expect(findEntries(all, "pdf").map(({ name }) => name)).toEqual(["a", "c"]);
    expect(findEntries(all, "zzz")).toEqual([]);
  });
});
