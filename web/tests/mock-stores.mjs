// What the stand-in server answers to the pages of document stores. Its splitter cuts by length alone, its search counts shared words.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";

const PARTS = JSON.parse(readFileSync(new URL("fixtures/stores.catalog.json", import.meta.url), "utf8"));
/** The loaders and splitters that join the catalog of the stand-in. */
export const STORE_NODES = PARTS.filter((node) => node.category === "Document Loaders" || node.category === "Text Splitters");

const at = (minutesAgo) => new Date(Date.now() - minutesAgo * 60_000).toISOString();
const HANDBOOK = "The caves open at nine in the morning, from April to October. Tickets are sold at the gate until an hour before closing.\n\nFlowstone is a sheet of calcite laid down by running water. It covers walls and floors.\n\nStalactites grow about a tenth of a millimetre a year. Please do not touch them: the fat of a hand ends their growth.";

function cut(text, splitterId, { chunkSize = 1000, chunkOverlap = 0 } = {}) {
  if (!splitterId) return [text];
  const [size, overlap] = [Math.max(1, Number(chunkSize)), Math.min(Number(chunkOverlap) || 0, Number(chunkSize) - 1)];
  const chunks = [];
  for (let from = 0; from < text.length; from += size - overlap) {
    chunks.push(text.slice(from, from + size));
    if (from + size >= text.length) break;
  }
  return chunks;
}

function textOf({ loaderId, loaderConfig }) {
  if (loaderId === "plainText") return loaderConfig.text ?? "";
  if (loaderId === "cheerioWebScraper") return (loaderConfig.selectedLinks ?? [loaderConfig.url]).map((url) => `The page ${url}. ${HANDBOOK}`).join("\n");
  const [, body = ""] = String(loaderConfig.txtFile ?? "").split(",");
  return Buffer.from(body, "base64").toString("utf8");
}

function documentsOf(one) {
  const text = textOf(one);
  if (text.includes("refuse")) throw new Error(`${one.loaderName}: the source could not be read. Check that it is there and try again.`);
  return cut(text, one.splitterId, one.splitterConfig).map((pageContent, place) => ({ pageContent, metadata: { source: one.loaderId, part: place + 1 } }));
}

function load(found, one) {
  try {
    const documents = documentsOf(one);
    found.chunks = [...found.chunks.filter((chunk) => chunk.docId !== one.id), ...documents.map((document, place) => ({ id: randomUUID(), docId: one.id, storeId: found.id, chunkNo: place + 1, pageContent: document.pageContent, metadata: JSON.stringify(document.metadata) }))];
    Object.assign(one, { status: "SYNC", totalChunks: documents.length, totalChars: documents.reduce((sum, document) => sum + document.pageContent.length, 0), error: undefined });
    found.status = "SYNC";
  } catch (error) {
    Object.assign(one, { status: "STALE", error: error.message });
    throw error;
  }
}

function loader(loaderName, loaderId, loaderConfig) {
  return { id: randomUUID(), loaderId, loaderName, loaderConfig, splitterId: "recursiveCharacterTextSplitter", splitterName: "Recursive Character Text Splitter", splitterConfig: { chunkSize: 120, chunkOverlap: 20 }, totalChunks: 0, totalChars: 0, status: "NEW", source: "None" };
}

function store(name, description, loaders, more = {}) {
  const made = { id: randomUUID(), name, description, loaders, whereUsed: [], createdDate: at(9000), updatedDate: at(30), status: loaders.length > 0 ? "SYNC" : "EMPTY", vectorStoreConfig: null, embeddingConfig: null, recordManagerConfig: null, workspaceId: "w", chunks: [], history: [] };
  for (const one of loaders.filter((candidate) => !candidate.error)) load(made, one);
  return Object.assign(made, more);
}

/** The stores that the stand-in begins with. */
export function exampleStores(flows) {
  const chosen = (name, config = {}) => ({ name, config });
  return [
    store("Cave handbook", "Opening hours, tickets, and what grows in the caves.", [loader("Handbook", "plainText", { text: HANDBOOK }), loader("Website", "cheerioWebScraper", { url: "https://caves.example.com/visit", limit: "10" })], {
      status: "UPSERTED",
      embeddingConfig: chosen("localEmbeddings", { modelName: "all-minilm-l6-v2" }),
      vectorStoreConfig: chosen("builtInVectorStore"),
      recordManagerConfig: chosen("SQLiteRecordManager", { cleanup: "incremental", sourceIdKey: "docId" }),
      whereUsed: flows.slice(2, 3).map(({ id, name }) => ({ id, name })),
    }),
    store("Minutes of the society", null, [loader("Minutes 2025", "plainText", { text: HANDBOOK }), { ...loader("Letters", "textFile", { txtFile: 'FILE-STORAGE::["letters.txt"]' }), status: "STALE", error: "letters.txt: this is no text. Choose a file that holds text, or the loader for its kind." }]),
    store("Empty for now", "Nothing here yet.", []),
  ];
}

function view({ chunks, ...row }) {
  const settled = row.status === "UPSERTING" || row.loaders.every((one) => one.status === "SYNC");
  return { ...row, history: undefined, status: settled ? row.status : "STALE", totalChunks: chunks.length, totalChars: chunks.reduce((sum, chunk) => sum + chunk.pageContent.length, 0) };
}

function page(found, docId, number) {
  const all = found.chunks.filter((chunk) => docId === "all" || chunk.docId === docId);
  return { chunks: all.slice((number - 1) * 50, number * 50), count: all.length, currentPage: number, storeName: found.name, description: found.description, workspaceId: "w", docId, characters: 0 };
}

function written(found, body) {
  const given = (key, name, config) => name && (found[key] = { name, config: config ?? {} });
  given("embeddingConfig", body.embeddingName, body.embeddingConfig);
  given("vectorStoreConfig", body.vectorStoreName, body.vectorStoreConfig);
  given("recordManagerConfig", body.recordManagerName, body.recordManagerConfig);
}

function upsert(found) {
  const counts = { numAdded: found.chunks.length, numUpdated: 0, numSkipped: 3, numDeleted: 1, totalKeys: found.chunks.length, addedDocs: [] };
  found.status = "UPSERTED";
  found.history.unshift({ id: randomUUID(), chatflowid: found.id, date: at(0), result: JSON.stringify(counts), flowData: JSON.stringify([{ label: "Built-in Vector Store", paramValues: [] }]) });
  return counts;
}

const find = (state, id) => state.stores.find((entry) => entry.id === id);
const missing = (id) => [{ statusCode: 404, success: false, message: `Document store ${id} not found`, stack: {} }, 404];
const refused = (message) => [{ statusCode: 400, success: false, message, stack: {} }, 400];
const touched = (found) => Object.assign(found, { updatedDate: at(0) });

const ROUTES = [
  ["GET", /^\/document-store\/store$/, ({ state, reply }) => reply(state.stores.map(view))],
  ["POST", /^\/document-store\/store$/, ({ state, reply, body }) => {
    const made = store(body.name, body.description, [], { updatedDate: at(0) });
    state.stores.unshift(made);
    return reply(view(made));
  }],
  ["GET", /^\/document-store\/store\/([^/]+)$/, ({ state, reply, params: [id] }) => (find(state, id) ? reply(view(find(state, id))) : reply(...missing(id)))],
  ["PUT", /^\/document-store\/store\/([^/]+)$/, ({ state, reply, body, params: [id] }) => reply(view(touched(Object.assign(find(state, id), body))))],
  ["DELETE", /^\/document-store\/store\/([^/]+)$/, ({ state, reply, params: [id] }) => {
    state.stores = state.stores.filter((entry) => entry.id !== id);
    return reply({ deleted: 1 });
  }],
  ["GET", /^\/document-store\/components\/(\w+)$/, ({ state, reply, params: [kind] }) => {
    const category = { loaders: "Document Loaders", embeddings: "Embeddings", vectorstore: "Vector Stores", recordmanager: "Record Manager" }[kind];
    const known = new Set(["memoryVectorStore"]);
    return reply([...state.catalog, ...PARTS].filter((node) => node.category === category && !known.has(node.name) && known.add(node.name)));
  }],
  ["POST", /^\/document-store\/loader\/preview$/, ({ reply, body }) => {
    try {
      const documents = documentsOf(body);
      const shown = body.previewChunkCount < 0 ? documents : documents.slice(0, body.previewChunkCount);
      return reply({ chunks: shown, totalChunks: documents.length, previewChunkCount: shown.length });
    } catch (error) {
      return reply(...refused(error.message));
    }
  }],
  ["POST", /^\/document-store\/loader\/save$/, ({ state, reply, body }) => {
    const found = touched(find(state, body.storeId));
    const { storeId: _, id, ...settings } = body;
    const before = found.loaders.find((one) => one.id === id);
    const saved = { ...before, ...settings, id: id ?? randomUUID(), status: "NEW", totalChunks: 0, totalChars: 0, source: "None", error: undefined };
    found.loaders = before ? found.loaders.map((one) => (one.id === id ? saved : one)) : [...found.loaders, saved];
    return reply({ ...saved, status: "SYNCING" });
  }],
  ["POST", /^\/document-store\/loader\/process\/([^/]+)$/, ({ state, reply, body, params: [id] }) => {
    const found = touched(find(state, body.storeId));
    try {
      load(found, found.loaders.find((one) => one.id === id));
      return reply(page(found, id, 1));
    } catch (error) {
      return reply(...refused(error.message));
    }
  }],
  ["DELETE", /^\/document-store\/loader\/([^/]+)\/([^/]+)$/, ({ state, reply, params: [id, loaderId] }) => {
    const found = touched(find(state, id));
    found.loaders = found.loaders.filter((one) => one.id !== loaderId);
    found.chunks = found.chunks.filter((chunk) => chunk.docId !== loaderId);
    return reply(view(found));
  }],
  ["GET", /^\/document-store\/chunks\/([^/]+)\/([^/]+)\/(\d+)$/, ({ state, reply, params: [id, docId, number] }) => (find(state, id) ? reply(page(find(state, id), docId, Number(number))) : reply(...missing(id)))],
  ["PUT", /^\/document-store\/chunks\/([^/]+)\/([^/]+)\/([^/]+)$/, ({ state, reply, body, params: [id, docId, chunkId] }) => {
    const found = touched(find(state, id));
    Object.assign(found.chunks.find((chunk) => chunk.id === chunkId), { pageContent: body.pageContent, metadata: JSON.stringify(body.metadata) });
    found.status = "STALE";
    return reply(page(found, docId, 1));
  }],
  ["DELETE", /^\/document-store\/chunks\/([^/]+)\/([^/]+)\/([^/]+)$/, ({ state, reply, params: [id, docId, chunkId] }) => {
    const found = touched(find(state, id));
    found.chunks = found.chunks.filter((chunk) => chunk.id !== chunkId);
    return reply(page(found, docId, 1));
  }],
  ["POST", /^\/document-store\/vectorstore\/(save|update)$/, ({ state, reply, body }) => {
    written(touched(find(state, body.storeId)), body);
    return reply({ id: body.storeId });
  }],
  ["POST", /^\/document-store\/vectorstore\/insert$/, ({ state, reply, body }) => reply(upsert(touched(find(state, body.storeId))))],
  ["POST", /^\/document-store\/refresh\/([^/]+)$/, ({ state, reply, params: [id] }) => {
    const found = touched(find(state, id));
    for (const one of found.loaders) {
      try {
        load(found, one);
      } catch {
        // It is told with the loader.
      }
    }
    return reply([{ ...upsert(found), docId: found.loaders[0]?.id }]);
  }],
  ["POST", /^\/document-store\/upsert\/([^/]+)$/, ({ state, reply, body, params: [id] }) => reply({ ...upsert(touched(find(state, id))), docId: body.docId })],
  ["DELETE", /^\/document-store\/vectorstore\/([^/]+)$/, ({ state, reply, params: [id] }) => {
    state.emptied = id;
    return reply("");
  }],
  ["POST", /^\/document-store\/vectorstore\/query$/, ({ state, reply, body }) => {
    const found = find(state, body.storeId);
    const words = body.query.toLowerCase().match(/\w{4,}/g) ?? [];
    const scored = found.chunks.map((chunk) => ({ chunk, score: words.filter((word) => chunk.pageContent.toLowerCase().includes(word)).length / (words.length || 1) }));
    const best = scored.filter(({ score }) => score > 0).toSorted((a, b) => b.score - a.score).slice(0, Number(body.inputs?.topK) || 4);
    return reply({ timeTaken: 12, docs: best.map(({ chunk, score }) => ({ id: chunk.id, chunkNo: chunk.chunkNo, pageContent: chunk.pageContent, metadata: { ...JSON.parse(chunk.metadata), docId: chunk.docId }, score })) });
  }],
  ["GET", /^\/document-store\/store-configs\/([^/]+)\/([^/]+)$/, ({ reply }) => reply([{ node: "Recursive Character Text Splitter", nodeId: "recursiveCharacterTextSplitter_0", label: "Chunk Size", name: "chunkSize", type: "number" }])],
  ["POST", /^\/document-store\/generate-tool-desc\/([^/]+)$/, ({ reply, body }) => reply({ content: `Look here for opening hours and tickets (written by ${body.selectedChatModel.name}).` })],
  ["GET", /^\/fetch-links$/, ({ reply, query }) => reply({ status: "OK", links: ["", "/tickets", "/history"].map((path) => `${query.get("url")}${path}`).slice(0, Number(query.get("limit"))) })],
  ["POST", /^\/vector\/internal-upsert\/([^/]+)$/, ({ reply }) => reply({ numAdded: 4, numUpdated: 0, numSkipped: 2, numDeleted: 0, totalKeys: 6, addedDocs: [] })],
  ["GET", /^\/upsert-history\/([^/]+)$/, ({ state, reply, params: [id], next }) => (find(state, id) ? reply(find(state, id).history) : next())],
];

/** The routes, as the stand-in's table takes them; `next` stands for a route of the same address that comes later. */
export const STORE_ROUTES = (later) =>
  ROUTES.map(([method, pattern, answer]) => [
    method,
    pattern,
    (context) =>
      answer({
        ...context,
        reply: (value, status = 200) => void context.response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(value)),
        next: () => later.find(([otherMethod, other]) => otherMethod === method && String(other) === String(pattern))?.[2](context),
      }),
  ]);
