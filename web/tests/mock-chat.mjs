// The stand-in server's part for chats: flows whose answers show everything a chat can, public calls, runs and executions.
import { randomUUID } from "node:crypto";
import { action, START, tripGraph, turn } from "./mock-runs.mjs";

const json = (response, status, value) => void response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(value));
const UPLOADS = {
  isSpeechToTextEnabled: true, isImageUploadAllowed: true, isRAGFileUploadAllowed: false,
  imgUploadSizeAndTypes: [{ fileTypes: ["image/gif", "image/jpeg", "image/png", "image/webp", ""], maxUploadSize: 5 }], fileUploadSizeAndTypes: [],
};
const NO_UPLOADS = { isSpeechToTextEnabled: false, isImageUploadAllowed: false, isRAGFileUploadAllowed: false, imgUploadSizeAndTypes: [], fileUploadSizeAndTypes: [] };

const node = (name, label, inputs = {}, x = 0) => ({ id: `${name}_0`, type: "agentFlow", position: { x, y: 0 }, data: { id: `${name}_0`, name, label, version: 1, type: label, category: "Agent Flows", baseClasses: [label], inputParams: [], inputAnchors: [], outputAnchors: [], inputs } });
const graph = (...nodes) => JSON.stringify({ nodes, edges: [] });

/** Flows for the chat's own tests; `flow` makes a stored one. */
export function chatFlows(flow) {
  const config = {
    starterPrompts: { 0: { prompt: "Everything, please" }, 1: { prompt: "What is a cave?" } }, chatFeedback: { status: true }, fullFileUpload: { status: true, allowedUploadFileTypes: "text/plain,application/pdf" },
    leads: { status: true, title: "Who are you?", successMessage: "Welcome in.", name: true, email: true }, title: "Cave guide", welcomeMessage: "Ask me about **caves**.", titleBackgroundColor: "#0f766e", textInput: { sendButtonColor: "#0f766e" }, userMessage: { backgroundColor: "#0f766e" },
  };
  const form = { startInputType: "formInput", formTitle: "Order a map", formDescription: "We print it for you.", formInputTypes: [{ type: "string", label: "Cave", name: "cave" }, { type: "number", label: "Copies", name: "copies" }, { type: "options", label: "Paper", name: "paper", addOptions: [{ option: "A4" }, { option: "A3" }] }, { type: "boolean", label: "In colour", name: "colour" }] };
  return [
    flow("Everything", graph(), 1, { chatbotConfig: JSON.stringify(config), isPublic: true }),
    flow("Approve the trip", graph(node("startAgentflow", "Start"), node("humanInputAgentflow", "Ask the leader", {}, 300), node("directReplyAgentflow", "Reply", {}, 600)), 2, { type: "AGENTFLOW" }),
    flow("Order form", graph(node("startAgentflow", "Start", form), node("directReplyAgentflow", "Reply", {}, 300)), 3, { type: "AGENTFLOW", isPublic: true }),
    flow("Trip planner", tripGraph(), 5, { type: "AGENTFLOW" }),
    flow("Team of writers", graph(node("supervisor", "Supervisor")), 4, { type: "MULTIAGENT" }),
  ];
}

/** Everything an answer may hold, after its text. */
const EVERYTHING = [
  ["thinking", "The reader asks for everything. ", undefined], ["thinking", "So everything it is.", 2.4],
  ["calledTools", [{ tool: "cave_lookup", toolInput: { name: "Postojna" }, toolOutput: "" }]],
  ["token", "Postojna is **24 km** long, and its humidity follows $h = \\frac{p}{p_s}$:\n\n"],
  ["token", "$$\nE = \\int_0^t \\rho\\,(1 - h)\\,dt\n$$\n\n```python\ndef length(km: float) -> str:\n    return f\"{km} km\"  # in words\n```\n"],
  ["usedTools", [{ tool: "cave_lookup", toolInput: { name: "Postojna" }, toolOutput: "24 km" }]],
  ["sourceDocuments", [{ pageContent: "Postojna is 24 km long.", metadata: { source: "https://caves.example/postojna" } }]],
  ["artifacts", [{ type: "markdown", data: "| Cave | km |\n| --- | --- |\n| Postojna | 24 |" }]],
  ["fileAnnotations", [{ filePath: "FILE-STORAGE::map.csv", fileName: "map.csv" }]],
  ["usageMetadata", { input_tokens: 210, output_tokens: 64, total_tokens: 274 }],
];

const step = (nodeId, nodeLabel, status) => ["nextAgentFlow", { nodeId, nodeLabel, status }];

/** The events of an answer beside plain text, and what of it is kept; undefined where the flow only talks. */
export function scriptOf(flow, body) {
  const question = body.question ?? "";
  if (flow.name === "Everything" && /everything/i.test(question)) {
    return { events: EVERYTHING, metadata: { followUpPrompts: JSON.stringify(JSON.stringify(["And how deep?", "Who found it?"])) } };
  }
  if (flow.name === "Approve the trip") {
    if (!body.humanInput) {
      const asked = turn("humanInputAgentflow_0", "Ask the leader", "STOPPED", { output: { content: "The water is high. Shall we go in?" } });
      return {
        events: [["agentFlowEvent", "INPROGRESS"], step("startAgentflow_0", "Start", "INPROGRESS"), step("startAgentflow_0", "Start", "FINISHED"), ["agentFlowExecutedData", [START]], step("humanInputAgentflow_0", "Ask the leader", "INPROGRESS"), ["token", "The water is high. Shall we go in?"], step("humanInputAgentflow_0", "Ask the leader", "STOPPED"), ["agentFlowExecutedData", [START, asked]], ["agentFlowEvent", "STOPPED"], ["action", action]],
        metadata: { action },
      };
    }
    const text = body.humanInput.type === "proceed" ? `In we go. ${body.humanInput.feedback}` : "We stay outside.";
    return { events: [["agentFlowEvent", "INPROGRESS"], step("humanInputAgentflow_0", "Ask the leader", "FINISHED"), step("directReplyAgentflow_0", "Reply", "INPROGRESS"), ["token", text], step("directReplyAgentflow_0", "Reply", "FINISHED"), ["agentFlowEvent", "FINISHED"]], metadata: {} };
  }
  if (flow.name === "Order form") return { events: [["agentFlowEvent", "INPROGRESS"], step("startAgentflow_0", "Start", "FINISHED"), ["token", `Printing ${body.form?.copies} of ${body.form?.cave} on ${body.form?.paper}.`], step("directReplyAgentflow_0", "Reply", "FINISHED"), ["agentFlowEvent", "FINISHED"]], metadata: {} };
  if (flow.name === "Team of writers") {
    const turns = [{ agentName: "Supervisor", messages: [], next: "writer", instructions: "Write one line.", usedTools: [null], sourceDocuments: [], artifacts: [], state: {}, nodeId: "s" }, { agentName: "writer", messages: ["*Flowing stone, standing time.*"], usedTools: [{ tool: "rhymes", toolInput: "stone", toolOutput: "bone" }], sourceDocuments: [null], artifacts: [], state: { lines: 1 }, nodeId: "w" }];
    return { events: [["agentReasoning", turns.slice(0, 1)], ["nextAgent", "writer"], ["agentReasoning", turns], ["token", "Flowing stone, standing time."]], metadata: {} };
  }
  return undefined;
}

const span = (id, parent, kind, name, start, milliseconds, more = {}) => ({ id, parent, kind, name, nodeId: null, nodeLabel: null, start, milliseconds, status: "ok", input: null, output: null, error: null, row: null, inputTokens: null, outputTokens: null, cost: null, model: null, truncated: false, ...more });

function exampleRuns(state) {
  const of = (name) => state.flows.find((flow) => flow.name.startsWith(name)) ?? state.flows[0];
  const run = (id, name, minutes, more = {}) => ({ id, flowId: of(name)?.id ?? randomUUID(), flowName: of(name)?.name ?? name, flowType: "CHATFLOW", version: 3, draft: false, chatId: "c", sessionId: "c", chatType: "EXTERNAL", state: "FINISHED", startedDate: new Date(Date.now() - minutes * 60_000).toISOString(), milliseconds: 1840, inputTokens: 410, outputTokens: 96, cost: 0.00042, question: "How warm is it in Ljubljana, doubled?", error: null, ...more });
  const spans = [
    span(1, null, "node", "toolAgent", 0, 1840, { nodeId: "toolAgent_0", nodeLabel: "Tool Agent", input: "How warm is it in Ljubljana, doubled?", output: "It is 14 °C in Ljubljana; twice that would be **28 °C**." }),
    span(2, 1, "memory", "Buffer Memory", 4, 30, { output: [] }),
    span(3, 1, "model", "ChatOpenAI", 40, 620, { nodeLabel: "ChatOpenAI", model: "gpt-4o-mini", inputTokens: 180, outputTokens: 40, cost: 0.00019, input: { messages: [{ role: "system", text: "You know the weather." }, { role: "user", text: "How warm is it in Ljubljana, doubled?" }], tools: ["weather_lookup", "calculator"] }, output: { text: "", toolCalls: [{ id: "call_1", name: "weather_lookup", arguments: '{"city":"Ljubljana"}' }], finishReason: "tool_calls" } }),
    span(4, 1, "tool", "weather_lookup", 670, 410, { input: { city: "Ljubljana" }, output: "14 °C, light rain" }),
    span(5, 1, "retriever", "Cave handbook", 1090, 90, { input: "Ljubljana", output: [{ pageContent: "The caves are at 10 °C all year.", metadata: { source: "handbook.pdf", loc: { pageNumber: 12, lines: { from: 3, to: 9 } } }, score: 0.8312 }] }),
    span(6, 1, "model", "ChatOpenAI", 1190, 640, { model: "gpt-4o-mini", inputTokens: 230, outputTokens: 56, cost: 0.00023, input: { messages: [{ role: "tool", text: "14 °C, light rain" }] }, output: "It is 14 °C in Ljubljana; twice that would be **28 °C**." }),
  ];
  const failed = { message: "OpenAI: the key was refused. Check the credential.", nodeId: "chatOpenAI_0", nodeLabel: "ChatOpenAI", row: "Connect Credential" };
  return [
    { ...run("11111111-1111-4111-8111-111111111111", "Weather", 4), spans, spansLeftOut: 0 },
    { ...run("22222222-2222-4222-8222-222222222222", "Weather", 18, { state: "ERROR", error: failed, milliseconds: 320, cost: null, outputTokens: 0, chatType: "INTERNAL", draft: true, question: "And tomorrow?" }), spans: [span(1, null, "node", "toolAgent", 0, 320, { nodeLabel: "Tool Agent", status: "error", error: failed.message }), span(2, 1, "model", "ChatOpenAI", 10, 300, { status: "error", error: failed.message, row: failed.row, model: "gpt-4o-mini" })], spansLeftOut: 0 },
    { ...run("33333333-3333-4333-8333-333333333333", "Ask the cave", 190, { milliseconds: 640, question: "What is flowstone?" }), spans: spans.slice(4, 5), spansLeftOut: 2 },
  ];
}

const paged = (list, query) => {
  const [page, limit] = [Number(query.get("page")) || 1, Number(query.get("limit")) || 12];
  return { data: list.slice((page - 1) * limit, page * limit), total: list.length };
};

/** Routes for anybody. */
export const PUBLIC_ROUTES = [
  ["GET", /^\/public-chatflows\/([^/]+)$/, ({ state, response, params: [id] }) => {
    const flow = state.flows.find((entry) => entry.id === id && entry.isPublic);
    return flow ? json(response, 200, flow) : json(response, 401, { statusCode: 401, success: false, message: "Unauthorized", stack: {} });
  }],
  ["GET", /^\/public-chatbotConfig\/([^/]+)$/, ({ state, response, params: [id] }) => {
    const flow = state.flows.find((entry) => entry.id === id);
    return flow ? json(response, 200, { ...JSON.parse(flow.chatbotConfig ?? "{}"), uploads: flow.name === "Everything" ? UPLOADS : NO_UPLOADS, flowData: flow.flowData, isTTSEnabled: false }) : json(response, 404, { message: "Not found" });
  }],
  ["POST", /^\/feedback(?:\/[^/]+)?$/, ({ state, response, body }) => json(response, 200, keepFeedback(state, { id: randomUUID(), ...body }))],
  ["PUT", /^\/feedback\/([^/]+)$/, ({ state, response, body, params: [id] }) => json(response, 200, { status: keepFeedback(state, { ...(state.feedback ?? []).find((entry) => entry.id === id), ...body }) && "OK" })],
  ["POST", /^\/leads\/?$/, ({ state, response, body }) => json(response, 200, ((state.leads ??= []).push(body), { id: randomUUID(), ...body }))],
  ["POST", /^\/attachments\/([^/]+)\/([^/]+)$/, ({ response, body }) => json(response, 200, [{ name: /filename="([^"]+)"/.exec(body?.form ?? "")?.[1] ?? "file.txt", mimeType: "text/plain", size: 12, content: "stalactites" }])],
];

function keepFeedback(state, feedback) {
  state.feedback = [...(state.feedback ?? []).filter((entry) => entry.id !== feedback.id), feedback];
  return feedback;
}

/** Routes for who is signed in. */
export const CHAT_ROUTES = [
  ["GET", /^\/chatflows-uploads\/([^/]+)$/, ({ state, response, params: [id] }) => json(response, 200, state.flows.find((entry) => entry.id === id)?.name === "Everything" ? UPLOADS : NO_UPLOADS)],
  ["GET", /^\/runs$/, ({ state, response, query }) => json(response, 200, paged((state.runs ??= exampleRuns(state)).filter((run) => (!query.get("flowId") || run.flowId === query.get("flowId")) && (!query.get("state") || run.state === query.get("state")) && run.question.toLowerCase().includes((query.get("q") ?? "").toLowerCase())).map((run) => ({ ...run, spans: undefined })), query))],
  ["GET", /^\/runs\/([^/]+)$/, ({ state, response, params: [id] }) => {
    // Every answer of the stand-in leaves the same trace.
    const runs = (state.runs ??= exampleRuns(state));
    json(response, 200, runs.find((entry) => entry.id === id) ?? { ...runs[0], id });
  }],
  ["DELETE", /^\/runs$/, ({ state, response, body }) => {
    state.runs = (state.runs ?? []).filter((run) => !body.runIds.includes(run.id));
    json(response, 200, { raw: [], affected: body.runIds.length });
  }],
];
