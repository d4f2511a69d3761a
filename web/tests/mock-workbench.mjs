// What the stand-in server answers to the workbench pages: credentials, variables, keys, tools, a flow's settings and messages.
import { randomUUID } from "node:crypto";

const REDACTED = "_FLOWISE_BLANK_07167752-1a71-43b1-bf8f-4f32252165db";

const KINDS = [
  { label: "Anthropic API", name: "anthropicApi", version: 1, description: "Create a key in Anthropic's console", inputs: [{ label: "Anthropic API Key", name: "anthropicApiKey", type: "password" }] },
  {
    label: "Azure OpenAI API", name: "azureOpenAIApi", version: 1, description: "Under Keys and Endpoint of the resource",
    inputs: [
      { label: "Azure OpenAI Api Key", name: "azureOpenAIApiKey", type: "password" },
      { label: "Azure OpenAI Api Instance Name", name: "azureOpenAIApiInstanceName", type: "string", placeholder: "acme" },
    ],
  },
  {
    label: "Example OAuth2", name: "exampleOAuth2", version: 1,
    inputs: [
      { label: "Authorization URL", name: "authorizationUrl", type: "string", default: "https://login.example.com/authorize" },
      { label: "Client id", name: "clientId", type: "string" },
      { label: "Client secret", name: "clientSecret", type: "password" },
    ],
  },
  { label: "OpenAI API", name: "openAIApi", version: 1, description: "Create a key at platform.openai.com", inputs: [{ label: "OpenAI Api Key", name: "openAIApiKey", type: "password" }] },
];

const PERMISSIONS = Object.fromEntries(["chatflows", "agentflows", "tools", "credentials", "variables", "apikeys"].map((area) => [area, ["view", "create", "update", "delete"].map((key) => ({ key: `${area}:${key}`, value: key[0].toUpperCase() + key.slice(1) }))]));

const at = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
const dated = (row, minutes = 0) => ({ id: randomUUID(), ...row, createdDate: at(minutes + 600), updatedDate: at(minutes), workspaceId: "w" });

/** What the pages show at first. */
export function workbench() {
  return {
    credentials: [
      { ...dated({ name: "OpenAI of the company", credentialName: "openAIApi" }, 30), held: { openAIApiKey: "sk-secret" } },
      { ...dated({ name: "Claude", credentialName: "anthropicApi" }, 60 * 50), held: { anthropicApiKey: "sk-ant" } },
    ],
    variables: [dated({ name: "companyName", type: "static", value: "Acme Caves" }, 5), dated({ name: "REGION", type: "runtime", value: "" }, 90), dated({ name: "limit", type: "static", value: "25" }, 60 * 30), dated({ name: "tone", type: "static", value: "kind" }, 60 * 90)],
    keys: [dated({ keyName: "Website", apiKey: "7CRq…aVeb", apiSecret: "", permissions: ["chatflows:view"], chatFlows: [{ flowName: "Built-in model", category: [], updatedDate: at(3) }] }, 12)],
    tools: [
      dated({
        name: "add_numbers", description: "Adds two numbers and says what it did.", color: "blue", iconSrc: null,
        schema: JSON.stringify([{ id: 0, property: "first", description: "The first number", type: "number", required: true }, { id: 1, property: "second", description: "", type: "number", required: true }]),
        func: 'console.log("adding", $first, $second);\nreturn { sum: $first + $second };\n',
      }, 44),
    ],
    mcpServers: [
      { ...dated({ name: "Tickets", serverUrl: "https://mcp.example.com/mcp/t0ken", iconSrc: null, color: null, authType: "CUSTOM_HEADERS", authConfig: { headers: { "X-Key": "k" } }, toolCount: 2, status: "AUTHORIZED" }, 20), held: MCP_TOOLS },
      dated({ name: "Weather", serverUrl: "https://away.example/sse", iconSrc: null, color: null, authType: "NONE", toolCount: 0, status: "ERROR" }, 3000),
    ],
    leads: [
      { id: randomUUID(), name: "Lee Marlow", email: "lee@example.com", phone: "+1 555 0100", chatflowid: "", chatId: "c1", createdDate: at(70) },
      { id: randomUUID(), name: "=HYPERLINK(1)", email: null, phone: null, chatflowid: "", chatId: "c2", createdDate: at(700) },
    ],
    messages: conversation("c1", 70, "When are the caves open?", "From **nine** to five, every day but Monday.", "THUMBS_UP").concat(conversation("c2", 700, "Do you sell tickets online?", "Not yet. Tickets are sold at the gate.", "THUMBS_DOWN"), conversation("c3", 3000, "Is there a bus?", "Line 7 stops in front of the gate.", null)),
  };
}

function conversation(chatId, minutes, question, answer, rating) {
  const row = (role, content, later) => ({ id: randomUUID(), role, content, chatId, sessionId: chatId, chatType: chatId === "c3" ? "INTERNAL" : "EXTERNAL", memoryType: null, createdDate: at(minutes - later), leadEmail: chatId === "c1" ? "lee@example.com" : null, usedTools: null, sourceDocuments: null, fileUploads: null, feedback: null });
  const said = row("apiMessage", answer, 0.2);
  return [row("userMessage", question, 0), { ...said, feedback: rating && { id: randomUUID(), chatflowid: "", chatId, messageId: said.id, rating, content: rating === "THUMBS_DOWN" ? "I wanted a link." : null, createdDate: at(minutes) } }];
}

const GONE = { raw: [], affected: 1 };
const row = (entry) => Object.fromEntries(Object.entries(entry).filter(([key]) => key !== "held"));
const redacted = (held) => Object.fromEntries(Object.entries(held).map(([name, value]) => [name, /key|secret/i.test(name) ? REDACTED : value]));

/** An MCP server without what may be secret. */
function shownServer({ held, authConfig, ...server }) {
  const { origin, pathname } = new URL(server.serverUrl);
  const headers = Object.fromEntries(Object.keys(authConfig?.headers ?? {}).map((name) => [name, "************"]));
  return { ...server, serverUrl: pathname === "/" ? origin : `${origin}/************`, tools: held ? JSON.stringify(held) : null, ...(authConfig ? { authConfig: { headers } } : {}) };
}

const MCP_TOOLS = [
  { name: "find_tickets", description: "Finds tickets by words of their title, newest first.", inputSchema: { type: "object", properties: { words: { type: "string", description: "What to look for" }, limit: { type: "number" } }, required: ["words"] } },
  { name: "close_ticket", description: "Closes a ticket for good.", inputSchema: { type: "object", properties: { number: { type: "integer" } }, required: ["number"] } },
];

/** Reading, making, changing and deleting the rows of one list. */
function crud(path, list, { read = (one) => one, fill = (body) => body, all = (rows) => rows.map(row) } = {}) {
  const one = new RegExp(`^/${path}/([^/]+)$`);
  const find = (state, id) => state.workbench[list].find((entry) => entry.id === id);
  return [
    ["GET", new RegExp(`^/${path}$`), ({ state, reply }) => reply(all(state.workbench[list]))],
    ["GET", one, ({ state, reply, params: [id] }) => (find(state, id) ? reply(read(find(state, id))) : reply({ statusCode: 404, success: false, message: "Not found", stack: {} }, 404))],
    ["POST", new RegExp(`^/${path}$`), ({ state, reply, body }) => {
      const made = dated(fill(body, {}));
      state.workbench[list].unshift(made);
      return reply(row(made));
    }],
    ["PUT", one, ({ state, reply, body, params: [id] }) => reply(row(Object.assign(find(state, id), fill(body, find(state, id)), { updatedDate: at(0) })))],
    ["DELETE", one, ({ state, reply, params: [id] }) => {
      state.workbench[list] = state.workbench[list].filter((entry) => entry.id !== id);
      return reply(GONE);
    }],
  ];
}

/** The flows that were talked to, with what was said. */
function talked(state) {
  const rowsOf = { "Built-in model": state.workbench.messages, "Nightly report": conversation("n1", 200, "What happened in the caves last night?", "Two bats came back, and nobody else.", null) };
  return state.flows.flatMap((flow) => (rowsOf[flow.name] ? [{ flow, rows: rowsOf[flow.name] }] : []));
}

function fitting(messages, query) {
  return messages.filter((entry) => (!query.get("chatType") || entry.chatType === query.get("chatType")) && (!query.get("feedbackType") || messages.some((other) => other.chatId === entry.chatId && other.feedback?.rating === query.get("feedbackType"))) && (!query.get("chatId") || entry.chatId === query.get("chatId")));
}

const ROUTES = [
  ["GET", /^\/components-credentials$/, ({ reply }) => reply(KINDS)],
  ["POST", /^\/credentials\/([^/]+)\/test$/, ({ reply }) => reply({ tested: true, ok: true, message: "It works", milliseconds: 120 })],
  ["GET", /^\/usage\/(\w+)\/([^/]+)$/, ({ state, reply, params: [kind] }) => reply(kind === "credentials" || kind === "apikeys" ? [{ id: state.flows[0]?.id ?? "x", name: "Built-in model", type: "CHATFLOW", inDraft: false }] : [])],
  ...crud("credentials", "credentials", {
    read: (one) => ({ ...row(one), plainDataObj: redacted(one.held) }),
    fill: ({ plainDataObj, ...body }, before) => ({ ...body, held: { ...before.held, ...Object.fromEntries(Object.entries(plainDataObj ?? {}).filter(([, value]) => value !== REDACTED)) } }),
  }),
  ...crud("variables", "variables"),
  ...crud("tools", "tools"),
  ...crud("custom-mcp-servers", "mcpServers", {
    all: (rows) => ({ data: rows.map(shownServer), total: rows.length }),
    read: shownServer,
    fill: (body) => ({ iconSrc: null, color: null, toolCount: 0, status: "PENDING", ...body }),
  }),
  ["GET", /^\/custom-mcp-servers\/([^/]+)\/tools$/, ({ state, reply, params: [id] }) => reply(state.workbench.mcpServers.find((one) => one.id === id)?.held ?? [])],
  ["POST", /^\/custom-mcp-servers\/([^/]+)\/authorize$/, ({ state, reply, params: [id] }) => {
    const one = state.workbench.mcpServers.find((server) => server.id === id);
    if (one.serverUrl.includes("away")) return reply({ statusCode: 400, success: false, message: "Failed to connect to Custom MCP server: cannot reach away.example:443: no machine of this name was found", stack: {} }, 400);
    return reply(shownServer(Object.assign(one, { status: "AUTHORIZED", held: MCP_TOOLS, toolCount: MCP_TOOLS.length })));
  }],
  ["GET", /^\/auth\/permissions\/API_KEY$/, ({ reply }) => reply(PERMISSIONS)],
  ["GET", /^\/apikey$/, ({ state, reply }) => reply(state.workbench.keys)],
  ["POST", /^\/apikey$/, ({ state, reply, body }) => {
    const made = dated({ ...body, apiSecret: "", chatFlows: [], apiKey: "9fXw…k2Qa" });
    state.workbench.keys.unshift(made);
    return reply([{ ...made, apiKey: "9fXwT5bYhN3mQvR8sLdPzJcGkWuEaXyB7nVt0oHi-k2Qa" }, ...state.workbench.keys.slice(1)]);
  }],
  ["PUT", /^\/apikey\/([^/]+)$/, ({ state, reply, body, params: [id] }) => reply(state.workbench.keys.map((key) => (key.id === id ? Object.assign(key, body) : key)))],
  ["DELETE", /^\/apikey\/([^/]+)$/, ({ state, reply, params: [id] }) => {
    state.workbench.keys = state.workbench.keys.filter((key) => key.id !== id);
    return reply(GONE);
  }],
  // The stand-in runs no code: it answers as the frame of a run of `add_numbers` does.
  ["POST", /^\/node-custom-function$/, ({ reply, body }) => {
    const { first = 0, second = 0 } = body.functionInputVariables;
    return reply(JSON.stringify({ ok: true, result: JSON.stringify({ sum: first + second }, null, 2), logs: [{ level: "log", text: `adding ${first} ${second}` }], milliseconds: 3 }));
  }],
  ["GET", /^\/flow-config\/([^/]+)$/, ({ reply }) => reply([{ node: "Built-in Model", nodeId: "chatLocal_0", label: "Temperature", name: "temperature", type: "number" }, { node: "Built-in Model", nodeId: "chatLocal_0", label: "Streaming", name: "streaming", type: "boolean" }])],
  ["GET", /^\/conversations$/, ({ state, reply, query }) => {
    const words = (query.get("q") ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    const fits = (first, rows) => (!query.get("chatType") || first.chatType === query.get("chatType")) && (!query.has("type") || query.getAll("type").includes(first.flow.type)) && (!query.get("feedbackType") || rows.some((entry) => entry.feedback?.rating === query.get("feedbackType"))) && words.every((word) => rows.some((entry) => entry.content.toLowerCase().includes(word)));
    const found = talked(state).flatMap(({ flow, rows }) => [...new Set(rows.map((entry) => entry.chatId))].map((chat) => rows.filter((entry) => entry.chatId === chat)).map((of) => [{ ...of[0], flow }, of]));
    const rated = (rows, rating) => rows.filter((entry) => entry.feedback?.rating === rating).length;
    const data = found.filter(([first, rows]) => fits(first, rows)).map(([{ flow, chatId, sessionId, memoryType, chatType, leadEmail, content, createdDate }, rows]) => ({ flowId: flow.id, flowName: flow.name, chatId, sessionId, memoryType, chatType, leadEmail, title: content, createdDate, updatedDate: rows.at(-1).createdDate, messageCount: rows.length, thumbsUp: rated(rows, "THUMBS_UP"), thumbsDown: rated(rows, "THUMBS_DOWN") }));
    return reply({ data: data.toSorted((a, b) => b.updatedDate.localeCompare(a.updatedDate)), total: data.length });
  }],
  // Of all flows only the built-in model and the nightly report were talked to.
  ["GET", /^\/chatmessage\/([^/]+)$/, ({ state, reply, query, params: [id] }) => {
    const said = talked(state).find(({ flow }) => flow.id === id)?.rows ?? [];
    return reply(fitting(said, query));
  }],
  ["GET", /^\/stats\/([^/]+)$/, ({ state, reply, query }) => {
    const found = fitting(state.workbench.messages, query);
    const rated = found.filter((entry) => entry.feedback);
    return reply({ totalMessages: found.length, totalSessions: new Set(found.map((entry) => entry.chatId)).size, totalFeedback: rated.length, positiveFeedback: rated.filter((entry) => entry.feedback.rating === "THUMBS_UP").length });
  }],
  ["GET", /^\/leads\/([^/]+)$/, ({ state, reply }) => reply(state.workbench.leads)],
  ["GET", /^\/upsert-history\/([^/]+)$/, ({ reply }) => reply([{ id: "u1", chatflowid: "f", date: at(90), result: JSON.stringify({ numAdded: 12, numSkipped: 3 }), flowData: JSON.stringify([{ label: "In-Memory Vector Store", paramValues: [{ label: "Top K", name: "topK", value: 4 }] }]) }])],
];

/** The routes, as the stand-in's table takes them. */
export const WORKBENCH_ROUTES = ROUTES.map(([method, pattern, answer]) => [
  method,
  pattern,
  (context) => answer({ ...context, reply: (value, status = 200) => void context.response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(value)) }),
]);
