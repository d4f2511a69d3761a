// A stand-in for the Flowstone server: serves web/dist and answers the page's calls in the recorded shapes, from memory. For tests only.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { CHAT_ROUTES, PUBLIC_ROUTES, scriptOf } from "./mock-chat.mjs";
import { flow } from "./mock-flow.mjs";
import { exampleTemplates, FLOW_ROUTES } from "./mock-flows.mjs";
import { agentEntry, isWalked, PUBLIC_RUN_ROUTES, RUN_ROUTES, walk } from "./mock-runs.mjs";
import { exampleStores, STORE_NODES, STORE_ROUTES } from "./mock-stores.mjs";
import { TRIGGER_ROUTES, triggerFlows } from "./mock-triggers.mjs";
import { workbench, WORKBENCH_ROUTES } from "./mock-workbench.mjs";

export { flow };

const HERE = fileURLToPath(new URL(".", import.meta.url));
const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".txt": "text/plain", ".json": "application/json" };
/** As strict as the page can bear: no inline scripts, nothing from elsewhere. */
const POLICY = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; frame-ancestors 'self'";

const fixture = (name) => readFileSync(join(HERE, "fixtures", name), "utf8");
const CATALOG = JSON.parse(fixture("catalog.json"));
const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A text that shows every kind of markdown the chat draws. */
export const RICH_ANSWER = [
  "## Flowstone in caves\n\nFlowstone is a **sheet of calcite**, laid down by *thin films* of water; see [the glossary](https://example.com/glossary).\n\n",
  "1. Water takes up lime from the soil.\n2. It runs over the rock.\n3. The lime stays: about `0.1 mm` a year.\n\n",
  "| Form | Made by |\n| --- | --- |\n| Stalactite | dripping |\n| Flowstone | flowing |\n\n",
  "```python\ndef thickness(years: float) -> float:\n    return 0.1 * years  # millimetres\n```\n\n> Patience is the whole recipe.\n\n",
  "![A cave](https://images.example.com/cave.png)",
];

function exampleFlows() {
  const prompts = JSON.stringify({ starterPrompts: { 0: { prompt: "Show me some markdown" }, 1: { prompt: "What is flowstone?" } } });
  return [
    flow("Built-in model", fixture("first.flow.json"), 3, { chatbotConfig: prompts, category: "Examples" }),
    flow("Weather and sums", fixture("agent.flow.json"), 55, { category: "Examples" }),
    flow("Ask the cave handbook", fixture("retrieval.flow.json"), 60 * 5, { category: "Knowledge" }),
    flow("Brought from another server, with a name long enough to need a second line", fixture("damaged.flow.json"), 60 * 26),
    flow("Half a file", fixture("first.flow.json").slice(0, 700), 60 * 24 * 9),
    flow("Empty", JSON.stringify({ nodes: [], edges: [] }), 60 * 24 * 40),
    flow("Nightly report", fixture("iteration.flow.json"), 60 * 7, { type: "AGENTFLOW", category: "Reports", hasDraft: true }),
    ...triggerFlows(),
    flow("Old supervisor", fixture("agent.flow.json"), 60 * 24 * 80, { type: "MULTIAGENT" }),
  ];
}

/** Starts the stand-in on `port` (0 = any free one). `flows` are what it holds; `fresh` means no account yet. */
export async function startMockServer({ port = 0, flows = exampleFlows(), fresh = true } = {}) {
  const state = { account: fresh ? null : { name: "Ada Lovelace", email: "ada@example.com", password: "Str0ng-enough!" }, flows, messages: [], workbench: workbench(), stores: exampleStores(flows), catalog: [...CATALOG, agentEntry(CATALOG), ...STORE_NODES], templates: exampleTemplates(fixture), customTemplates: [], access: new Set(), refresh: new Set(), running: new Map(), down: false };
  const server = createServer((request, response) => {
    if (state.down) return void request.socket.destroy();
    handle(state, request, response).catch((error) => {
      if (!response.headersSent) json(response, 500, { statusCode: 500, success: false, message: String(error), stack: {} });
      else response.destroy();
    });
  });
  await new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}`;
  return { url, state, signedIn: () => storageOf(state, url), close: () => new Promise((resolve) => { server.closeAllConnections(); server.close(resolve); }) };
}

async function handle(state, request, response) {
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  response.setHeader("x-request-id", randomUUID());
  // The widget's calls come from other sites.
  response.setHeader("access-control-allow-origin", "*");
  if (request.method === "OPTIONS") return void response.writeHead(204, { "access-control-allow-headers": "content-type", "access-control-allow-methods": "GET,POST,PUT" }).end();
  if (!pathname.startsWith("/api/v1/")) return serveFile(pathname, response);
  const path = pathname.slice("/api/v1".length);
  const body = await readBody(request);
  const open = OPEN_ROUTES[`${request.method} ${path}`];
  if (open) return open({ state, request, response, body });
  const given = { state, request, response, body, query: searchParams };
  for (const [method, pattern, answer] of [...PUBLIC_ROUTES, ...PUBLIC_RUN_ROUTES, ["POST", /^\/prediction\/([^/]+)$/, predict]]) {
    const match = method === request.method && pattern.exec(path);
    if (match) return answer({ ...given, params: match.slice(1).map(decodeURIComponent) });
  }
  const cookies = cookiesOf(request);
  const isAbort = path.startsWith("/chatmessage/abort/") || path.startsWith("/prediction/");
  if (!isAbort && (request.headers["x-request-from"] !== "internal" || !state.access.has(cookies.token))) return json(response, 401, { message: "Invalid or Missing token" });
  for (const [method, pattern, answer] of ROUTES) {
    const match = method === request.method && pattern.exec(path);
    if (match) return answer({ ...given, params: match.slice(1).map(decodeURIComponent) });
  }
  return serveFile("/index.html", response);
}

const OPEN_ROUTES = {
  "GET /ping": ({ response }) => void response.writeHead(200, { "content-type": "text/plain" }).end("pong"),
  "GET /node-icon/calculator": ({ response }) =>
    void response.writeHead(200, { "content-type": "image/svg+xml" }).end('<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32" viewBox="0 0 32 32" fill="none" stroke="#92400e" stroke-width="2"><rect x="7" y="4" width="18" height="24" rx="2"/><path d="M11 10h10M11 17h2m6 0h2M11 23h2m6 0h2"/></svg>'),
  // A name's letters, as the server has for services without a drawing.
  "GET /node-icon/chatOpenAI": ({ response }) =>
    void response.writeHead(200, { "content-type": "image/svg+xml" }).end('<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32" viewBox="0 0 32 32"><rect x="2" y="2" width="28" height="28" rx="7" fill="#f55036"/><text x="16" y="21.5" fill="#fff" font-size="15" text-anchor="middle">Oa</text></svg>'),
  "GET /version": ({ response }) => json(response, 200, { version: "0.1.0" }),
  "POST /auth/resolve": ({ state, response }) => json(response, 200, { redirectUrl: state.account ? "/signin" : "/organization-setup" }),
  "POST /account/register": ({ state, response, body }) => {
    if (state.account) return json(response, 400, { statusCode: 400, success: false, message: "You can only have one organization", stack: {} });
    state.account = { name: body.user.name, email: body.user.email, password: body.user.credential };
    return json(response, 201, { user: { id: randomUUID(), ...body.user, credential: undefined } });
  },
  "GET /account/basic-auth": ({ response }) => json(response, 200, { isUsernamePasswordSet: false }),
  "POST /account/forgot-password": ({ response }) => json(response, 201, { message: "on its way" }),
  "POST /account/reset-password": ({ state, response, body }) => {
    if (body.user.tempToken !== "right") return json(response, 400, { statusCode: 400, success: false, message: "this link is not valid any more: ask for a new one", stack: {} });
    state.account.password = body.user.password;
    return json(response, 200, { message: "set" });
  },
  "POST /auth/login": ({ state, response, body }) => {
    if (state.account?.email !== body?.email) return json(response, 404, { statusCode: 404, success: false, message: "User Not Found", stack: {} });
    if (state.account.password !== body.password) return json(response, 401, { statusCode: 401, success: false, message: "Incorrect Email or Password", stack: {} });
    return openSession(state, response);
  },
  "POST /auth/refreshToken": ({ state, request, response }) => {
    if (!state.refresh.has(cookiesOf(request).refreshToken)) return void response.writeHead(401, { "content-type": "text/plain" }).end("Unauthorized");
    return openSession(state, response);
  },
  "POST /account/logout": ({ state, request, response }) => {
    const cookies = cookiesOf(request);
    state.access.delete(cookies.token);
    state.refresh.delete(cookies.refreshToken);
    response.setHeader("set-cookie", ["token=; Path=/; Max-Age=0", "refreshToken=; Path=/; Max-Age=0"]);
    return json(response, 200, { message: "logged_out", redirectTo: "/login" });
  },
};

const ROUTES = [
  ...FLOW_ROUTES,
  ...CHAT_ROUTES,
  ...RUN_ROUTES,
  ...TRIGGER_ROUTES,
  ["PUT", /^\/user$/, ({ state, response, body }) => {
    if (body.oldPassword !== undefined && body.oldPassword !== state.account.password) return json(response, 400, { statusCode: 400, success: false, message: "oldPassword: this is not the current password", stack: {} });
    const { name = state.account.name, email = state.account.email, newPassword = state.account.password } = body;
    state.account = { name, email, password: newPassword };
    return json(response, 200, { name, email });
  }],
  ["GET", /^\/nodes$/, ({ state, response }) => json(response, 200, state.catalog)],
  ["GET", /^\/chatflows$/, ({ state, response, query }) => {
    const all = state.flows.filter((entry) => !query.get("type") || entry.type === query.get("type"));
    const [page, limit] = [Number(query.get("page")), Number(query.get("limit"))];
    return json(response, 200, page > 0 && limit > 0 ? { data: all.slice((page - 1) * limit, page * limit), total: all.length } : all);
  }],
  ["POST", /^\/chatflows$/, ({ state, response, body }) => {
    const made = flow(body.name, body.flowData, 0, { type: body.type, ...(body.category && { category: body.category }) });
    // What was never published has no number.
    made.work = { draft: null, versions: [] };
    state.flows.unshift(made);
    return json(response, 200, made);
  }],
  ["GET", /^\/chatflows\/([^/]+)$/, ({ state, response, params: [id] }) => {
    const found = state.flows.find((entry) => entry.id === id);
    return found ? json(response, 200, found) : json(response, 404, { statusCode: 404, success: false, message: `Chatflow ${id} not found in the database!`, stack: {} });
  }],
  ["PUT", /^\/chatflows\/([^/]+)$/, ({ state, response, body, params: [id] }) => {
    const found = state.flows.find((entry) => entry.id === id);
    if (!found) return json(response, 404, { statusCode: 404, success: false, message: `Chatflow ${id} not found in the database!`, stack: {} });
    Object.assign(found, body, { updatedDate: new Date().toISOString() });
    return json(response, 200, found);
  }],
  ["GET", /^\/chatflows\/([^/]+)\/draft$/, ({ state, response, params: [id] }) => {
    const found = state.flows.find((entry) => entry.id === id);
    return found ? json(response, 200, draftOf(found)) : json(response, 404, { statusCode: 404, success: false, message: `Chatflow ${id} not found in the database!`, stack: {} });
  }],
  ["PUT", /^\/chatflows\/([^/]+)\/draft$/, ({ state, response, body, params: [id] }) => {
    const found = state.flows.find((entry) => entry.id === id);
    const present = draftOf(found);
    if (body.revision !== present.revision && body.flowData !== present.flowData) {
      return json(response, 409, { statusCode: 409, success: false, message: "somebody else saved this draft", stack: {}, details: { revision: present.revision, updatedDate: present.updatedDate, updatedBy: { id: "g", name: "Grace Hopper" } } });
    }
    workOf(found).draft = { flowData: body.flowData, revision: present.revision + 1 };
    return json(response, 200, draftOf(found));
  }],
  ["DELETE", /^\/chatflows\/([^/]+)\/draft$/, ({ state, response, params: [id] }) => {
    workOf(state.flows.find((entry) => entry.id === id)).draft = null;
    return json(response, 200, { raw: [], affected: 1 });
  }],
  ["POST", /^\/chatflows\/([^/]+)\/publish$/, ({ state, response, body, params: [id] }) => {
    const found = state.flows.find((entry) => entry.id === id);
    const work = workOf(found);
    // An empty flow that was never published is no version.
    if (work.versions.length === 0 && JSON.parse(found.flowData).nodes?.length > 0) work.versions.push({ flowData: found.flowData, note: null, createdDate: found.createdDate });
    found.flowData = work.draft.flowData;
    work.draft = null;
    work.versions.unshift({ flowData: found.flowData, note: body.note ?? null, createdDate: new Date().toISOString() });
    return json(response, 200, { flow: found, version: versionsOf(found)[0] });
  }],
  ["GET", /^\/chatflows\/([^/]+)\/versions$/, ({ state, response, params: [id] }) => {
    const rows = versionsOf(state.flows.find((entry) => entry.id === id));
    return json(response, 200, { data: rows, total: rows.length });
  }],
  ["GET", /^\/chatflows\/([^/]+)\/versions\/(\d+)$/, ({ state, response, params: [id, number] }) => {
    const found = state.flows.find((entry) => entry.id === id);
    const at = versionsOf(found).findIndex((version) => version.number === Number(number));
    return json(response, 200, { ...versionsOf(found)[at], flowData: workOf(found).versions[at].flowData });
  }],
  ["POST", /^\/chatflows\/([^/]+)\/versions\/(\d+)\/restore$/, ({ state, response, params: [id, number] }) => {
    const found = state.flows.find((entry) => entry.id === id);
    const at = versionsOf(found).findIndex((version) => version.number === Number(number));
    workOf(found).draft = { flowData: workOf(found).versions[at].flowData, revision: draftOf(found).revision + 1 };
    return json(response, 200, draftOf(found));
  }],
  ["POST", /^\/chatflows\/validate$/, ({ response }) => json(response, 200, [])],
  ["POST", /^\/node-load-method\/([^/]+)$/, ({ response, body }) => {
    const lists = { chatLocal: ["smollm2-135m-instruct"], llmAgentflow: ["chatLocal", "chatOpenAI"], chatOpenAI: ["gpt-4o-mini", "gpt-5"], localEmbeddings: ["all-minilm-l6-v2"] };
    return json(response, 200, (lists[body.name] ?? []).map((name) => ({ name, label: name })));
  }],
  ["GET", /^\/internal-chatmessage\/([^/]+)$/, ({ state, response, query, params: [id] }) =>
    json(response, 200, state.messages.filter((row) => row.chatflowid === id && (!query.get("chatId") || row.chatId === query.get("chatId"))))],
  ["DELETE", /^\/chatmessage\/([^/]+)$/, ({ state, response, query, params: [id] }) => {
    const before = state.messages.length;
    const single = query.get("messageId");
    state.messages = state.messages.filter((row) => row.chatflowid !== id || row.chatId !== query.get("chatId") || (single && row.id !== single));
    return json(response, 200, { raw: [], affected: before - state.messages.length });
  }],
  ["PUT", /^\/chatmessage\/abort\/([^/]+)\/([^/]+)$/, ({ state, response, params: [, chatId] }) => {
    state.running.get(chatId)?.abort();
    return json(response, 200, { status: 200, message: "Chat message aborted" });
  }],
  ["POST", /^\/internal-prediction\/([^/]+)$/, predict],
  ["POST", /^\/prediction\/([^/]+)$/, predict],
  ...STORE_ROUTES(WORKBENCH_ROUTES),
  ...WORKBENCH_ROUTES,
];

/** What is being worked on in a flow: its draft, and what was published, newest first. */
function workOf(found) {
  found.work ??= { draft: null, versions: [{ flowData: found.flowData, note: null, createdDate: found.createdDate }] };
  Object.defineProperty(found, "work", { enumerable: false });
  return found.work;
}

function draftOf(found) {
  const { draft, versions } = workOf(found);
  return { flowId: found.id, flowData: draft?.flowData ?? found.flowData, isDraft: draft !== null, revision: draft?.revision ?? 0, baseVersion: draft ? versions.length || null : null, liveVersion: versions.length || null, updatedDate: found.updatedDate, updatedBy: { id: "a", name: "Ada Lovelace" } };
}

function versionsOf(found) {
  const { versions } = workOf(found);
  return versions.map((version, at) => ({ id: `version-${versions.length - at}`, number: versions.length - at, note: version.note, kind: at === versions.length - 1 ? "first" : "publish", live: at === 0, createdDate: version.createdDate, createdBy: { id: "a", name: "Ada Lovelace" } }));
}

async function predict({ state, response, body, params: [id] }) {
  const found = state.flows.find((entry) => entry.id === id);
  if (!found) return json(response, 404, { statusCode: 404, success: false, message: `Chatflow ${id} not found in the database!`, stack: {} });
  const { question = "", chatId } = body;
  const script = isWalked(found) ? walk(state, found, body, draftOf(found).flowData) : scriptOf(found, body);
  if (question.includes("refuse")) return json(response, 500, { statusCode: 500, success: false, message: "Built-in model: no model file was found. Run `flowstone models pull` to get one.", stack: {} });
  const reply = script ? scripted(script) : replyTo(found, question);
  const keep = (text) => {
    const common = { chatflowid: id, chatId, sessionId: chatId, chatType: "INTERNAL", memoryType: "", executionId: null, createdDate: new Date().toISOString() };
    state.messages.push({ id: randomUUID(), role: "userMessage", content: question, usedTools: null, sourceDocuments: null, ...common });
    const answerId = randomUUID();
    state.messages.push({ id: answerId, role: "apiMessage", content: text, usedTools: reply.usedTools ?? null, sourceDocuments: reply.sourceDocuments ?? null, ...common });
    return answerId;
  };
  if (question.includes("unstreamed")) {
    keep(reply.pieces.join(""));
    return json(response, 200, { text: reply.pieces.join(""), question, chatId, chatMessageId: randomUUID(), isStreamValid: false, sessionId: chatId });
  }
  const controller = new AbortController();
  state.running.set(chatId, controller);
  response.on("close", () => controller.abort());
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache", "x-accel-buffering": "no" });
  const send = (event, data) => response.write(`message:\ndata:${JSON.stringify({ event, data })}\n\n`);
  response.write(":heartbeat\n\n");
  if (script) {
    for (const [event, data, duration] of script.events) {
      await sleep(8);
      response.write(`message:\ndata:${JSON.stringify({ event, data, duration })}\n\n`);
    }
    const chatMessageId = keep(reply.pieces.join(""));
    send("metadata", { chatId, chatMessageId, question, sessionId: chatId, ...script.metadata });
    send("end", "[DONE]");
    return response.end();
  }
  send("start", "");
  let text = "";
  for (const piece of reply.pieces.flatMap((part) => part.match(/\S*\s+|\S+/g) ?? [])) {
    await sleep(question.includes("slow") ? 120 : 8);
    if (controller.signal.aborted) break;
    send("token", piece);
    text += piece;
    if (question.includes("break") && text.length > 40) {
      send("error", "OpenAI: the provider closed the connection in the middle of the answer.");
      send("end", "[DONE]");
      return response.end();
    }
  }
  state.running.delete(chatId);
  const chatMessageId = keep(text);
  if (reply.usedTools) send("usedTools", reply.usedTools);
  if (reply.sourceDocuments) send("sourceDocuments", reply.sourceDocuments);
  send("metadata", { chatId, chatMessageId, question, sessionId: chatId });
  send("end", "[DONE]");
  return response.end();
}

/** What is kept of an answer that is told event by event. */
function scripted({ events }) {
  const last = (name) => events.findLast(([event]) => event === name)?.[1];
  return { pieces: events.filter(([event]) => event === "token").map(([, data]) => data), usedTools: last("usedTools"), sourceDocuments: last("sourceDocuments") };
}

function replyTo(found, question) {
  if (question.includes("markdown")) return { pieces: RICH_ANSWER };
  if (question.startsWith("echo ")) return { pieces: [question.slice(5)] };
  if (found.name.startsWith("Weather")) {
    return { pieces: ["It is 14 °C in Ljubljana; twice that would be **28 °C**."], usedTools: [{ tool: "weather_lookup", toolInput: { city: "Ljubljana" }, toolOutput: "14 °C, light rain" }, { tool: "calculator", toolInput: { input: "14*2" }, toolOutput: "28" }] };
  }
  if (found.name.startsWith("Ask the cave")) {
    return { pieces: ["Flowstone is a sheet of calcite laid down by running water."], sourceDocuments: [{ pageContent: "Flowstone is a sheet of calcite laid down by running water. It covers walls and floors of caves.", metadata: { source: "stone.txt", loc: { lines: { from: 1, to: 4 } } } }, { pageContent: "Its colour tells which minerals the water carried: iron makes it red, copper green.", metadata: { source: "stone.txt", loc: { lines: { from: 12, to: 15 } } } }] };
  }
  return { pieces: [`You asked: “${question}”. `, "Flowstone is what running water leaves behind: layer on layer of calcite, each thinner than a hair, until the rock itself seems to flow."] };
}

/** A new session's cookies. */
function newSession(state) {
  const session = { token: randomUUID(), refreshToken: randomUUID() };
  state.access.add(session.token);
  state.refresh.add(session.refreshToken);
  return session;
}

const userOf = ({ account: { name, email } }) => ({ id: "932cb0cb-9d0e-4300-8c04-81905b39d295", email, name, roleId: "r", isOrganizationAdmin: true, activeWorkspaceId: "w", activeWorkspace: "Default Workspace", assignedWorkspaces: [], permissions: ["organization", "workspace"], features: {}, isSSO: false });

/** What a browser holds after signing in at `url`, as Playwright's `storageState`: most tests begin behind the door. */
function storageOf(state, url) {
  const cookies = Object.entries(newSession(state)).map(([name, value]) => ({ name, value, domain: "127.0.0.1", path: "/", expires: -1, httpOnly: true, secure: false, sameSite: "Lax" }));
  return { cookies, origins: [{ origin: url, localStorage: [{ name: "flowstone.session", value: JSON.stringify(userOf(state)) }] }] };
}

function openSession(state, response) {
  const { token, refreshToken } = newSession(state);
  response.setHeader("set-cookie", [`token=${token}; Path=/; HttpOnly; SameSite=Lax`, `refreshToken=${refreshToken}; Path=/; HttpOnly; SameSite=Lax`]);
  return json(response, 200, userOf(state));
}

function cookiesOf(request) {
  return Object.fromEntries((request.headers.cookie ?? "").split("; ").map((pair) => pair.split("=")));
}

function json(response, status, value) {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(value));
}

async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString("utf8");
  // Of a form only its text is of interest here.
  if (request.headers["content-type"]?.startsWith("multipart/")) return { form: text };
  return text === "" ? undefined : JSON.parse(text);
}

function serveFile(pathname, response) {
  const path = join(DIST, normalize(decodeURIComponent(pathname)));
  const isFile = path.startsWith(DIST) && extname(path) !== "";
  try {
    const file = isFile ? path : join(DIST, "index.html");
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "content-security-policy": POLICY }).end(readFileSync(file));
  } catch {
    response.writeHead(404).end();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const mock = await startMockServer({ port: Number(process.env.PORT ?? 3000), fresh: process.env.FRESH !== "false" });
  console.log(`Mock server on ${mock.url}`);
}
