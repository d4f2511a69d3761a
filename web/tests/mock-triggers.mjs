// The stand-in's routes for what an agentflow does by itself: its schedule, its webhook with those who listen.
import { randomUUID } from "node:crypto";
import { flow } from "./mock-flow.mjs";

const json = (response, status, value) => void response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(value));
const at = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
const steps = (inputs) => JSON.stringify({
  nodes: [
    { id: "startAgentflow_0", type: "agentFlow", position: { x: 0, y: 0 }, data: { id: "startAgentflow_0", name: "startAgentflow", label: "Start", category: "Agent Flows", hideInput: true, version: 1, inputParams: [], inputAnchors: [], outputAnchors: [{ id: "startAgentflow_0-output-startAgentflow", name: "startAgentflow", label: "Start" }], inputs } },
    { id: "directReplyAgentflow_0", type: "agentFlow", position: { x: 360, y: 0 }, data: { id: "directReplyAgentflow_0", name: "directReplyAgentflow", label: "Direct Reply", category: "Agent Flows", version: 1, hideOutput: true, inputParams: [], inputAnchors: [], outputAnchors: [], inputs: { directReplyMessage: "Got it" } } },
  ],
  edges: [{ id: "e", source: "startAgentflow_0", sourceHandle: "startAgentflow_0-output-startAgentflow", target: "directReplyAgentflow_0", targetHandle: "directReplyAgentflow_0", type: "agentFlow" }],
});

/** Agentflows that are started in each of the ways. */
export function triggerFlows() {
  const made = (name, inputs) => flow(name, steps(inputs), 60 * 24 * 20, { type: "AGENTFLOW" });
  return [
    made("Morning brief", { startInputType: "scheduleInput", scheduleType: "cronExpression", scheduleCronExpression: "30 7 * * 1-5", scheduleTimezone: "Europe/Berlin", scheduleInputMode: "text", scheduleDefaultInput: "What happened overnight?" }),
    made("Order arrives", { startInputType: "webhookTrigger", webhookMethod: "POST", webhookInputMode: "payload", webhookEnableValidation: true, webhookBodyParams: [{ name: "order", type: "number", required: true }, { name: "note", type: "string" }] }),
    made("Signed hook", { startInputType: "webhookTrigger", webhookMethod: "POST", webhookEnableAuth: true }),
    made("Ask for a visit", { startInputType: "formInput", formTitle: "Ask for a visit", formDescription: "Tell us when you would like to see the caves.", formInputTypes: [{ type: "string", label: "Your name", name: "who" }, { type: "number", label: "People", name: "people" }, { type: "options", label: "Day", name: "day", addOptions: [{ option: "Saturday" }, { option: "Sunday" }] }] }),
  ];
}

/** What is kept beside a flow. */
function sideOf(state, id) {
  state.sides ??= new Map();
  if (!state.sides.has(id)) state.sides.set(id, { enabled: true, firings: firings(id), listeners: new Map() });
  return state.sides.get(id);
}

function firings(id) {
  const row = (minutes, status, error, elapsedTimeMs) => ({ id: randomUUID(), scheduleRecordId: "s", triggerType: "AGENTFLOW", targetId: id, executionId: status === "SKIPPED" ? null : randomUUID(), status, error, elapsedTimeMs, scheduledAt: at(minutes), workspaceId: "w", createdDate: at(minutes), byHand: false });
  const day = 60 * 24;
  return [row(40, "SUCCEEDED", null, 4210), row(40 + day, "FAILED", "LLM 0: the service answered 503: overloaded", 1830), row(40 + 2 * day, "SKIPPED", "the server was not running", null), row(40 + 3 * day, "SUCCEEDED", null, 3990)];
}

/** The next working day at half past seven in Berlin, as the rule of the example says. */
function nextMorning() {
  const clock = new Intl.DateTimeFormat("en-US", { timeZone: "Europe/Berlin", hourCycle: "h23", weekday: "short", hour: "numeric", minute: "numeric" });
  const time = new Date(Math.ceil(Date.now() / 60_000) * 60_000);
  for (;;) {
    const part = Object.fromEntries(clock.formatToParts(time).map(({ type, value }) => [type, value]));
    if (Number(part.hour) === 7 && Number(part.minute) === 30 && !["Sat", "Sun"].includes(part.weekday)) return time.toISOString();
    time.setTime(time.getTime() + 60_000);
  }
}

function startOf(state, id) {
  const found = state.flows.find((entry) => entry.id === id);
  return JSON.parse(found?.flowData ?? "{}").nodes?.find((node) => node.data.name === "startAgentflow")?.data.inputs;
}

function statusOf(state, id) {
  const start = startOf(state, id);
  if (start?.startInputType !== "scheduleInput") return { enabled: false, canEnable: false, reason: "Flow is not configured as a scheduled flow", record: null };
  const { enabled } = sideOf(state, id);
  const record = { id: "s", triggerType: "AGENTFLOW", targetId: id, nodeId: "startAgentflow_0", cronExpression: start.scheduleCronExpression, timezone: start.scheduleTimezone, enabled, scheduleInputMode: "text", defaultInput: start.scheduleDefaultInput, defaultForm: null, lastRunAt: at(40), nextRunAt: enabled ? nextMorning() : null, endDate: null, workspaceId: "w", createdDate: at(9000), updatedDate: at(9000) };
  return { enabled, canEnable: true, record };
}

/** The events of a run that `body` began, as the server tells those who listen. */
function told(body) {
  const step = (nodeId, nodeLabel, status) => ["nextAgentFlow", { nodeId, nodeLabel, status }];
  return [
    ["agentFlowEvent", "INPROGRESS"], step("startAgentflow_0", "Start", "INPROGRESS"), step("startAgentflow_0", "Start", "FINISHED"),
    ["agentFlowExecutedData", [{ nodeId: "startAgentflow_0", data: { input: { webhook: { body, query: {}, headers: { "content-type": "application/json", "user-agent": "curl/8.5" } }, question: JSON.stringify(body) } } }]],
    step("directReplyAgentflow_0", "Direct Reply", "INPROGRESS"), ["token", "Got it"], step("directReplyAgentflow_0", "Direct Reply", "FINISHED"),
    ["agentFlowEvent", "FINISHED"], ["executionEnd", { chatId: "c" }],
  ];
}

const NO_MCP = { enabled: false, token: "", description: "", toolName: "" };
const mcpOf = (state, id) => sideOf(state, id).mcp ?? { ...NO_MCP, token: "first-8b1e44c07da2" };

function keepMcp(state, id, change) {
  const side = sideOf(state, id);
  side.mcp = { ...mcpOf(state, id), ...change };
  state.flows.find((entry) => entry.id === id).mcpServerConfig = JSON.stringify(side.mcp);
  return side.mcp;
}

export const TRIGGER_ROUTES = [
  ["GET", /^\/chatflows\/([^/]+)\/schedule\/status$/, ({ state, response, params: [id] }) => json(response, 200, statusOf(state, id))],
  ["PATCH", /^\/chatflows\/([^/]+)\/schedule\/enabled$/, ({ state, response, body, params: [id] }) => {
    sideOf(state, id).enabled = body.enabled;
    return json(response, 200, statusOf(state, id).record);
  }],
  ["POST", /^\/chatflows\/([^/]+)\/schedule\/run$/, ({ state, response, params: [id] }) => {
    const { firings: kept } = sideOf(state, id);
    const row = { ...kept[0], id: randomUUID(), executionId: randomUUID(), status: "RUNNING", error: null, elapsedTimeMs: null, scheduledAt: at(0), createdDate: at(0), byHand: true };
    kept.unshift(row);
    return json(response, 200, row);
  }],
  ["GET", /^\/chatflows\/([^/]+)\/schedule\/trigger-logs$/, ({ state, response, query, params: [id] }) => {
    const found = sideOf(state, id).firings.filter((row) => !query.get("status") || row.status === query.get("status"));
    return json(response, 200, { data: found, total: found.length, page: 1, limit: 24 });
  }],
  ["DELETE", /^\/chatflows\/([^/]+)\/schedule\/trigger-logs$/, ({ state, response, body, params: [id] }) => {
    const side = sideOf(state, id);
    side.firings = side.firings.filter((row) => !body.logIds.includes(row.id));
    return json(response, 200, { success: true, deletedLogs: body.logIds.length, deletedExecutions: 0 });
  }],
  ["POST", /^\/chatflows\/([^/]+)\/webhook-secret$/, ({ state, response, params: [id] }) => {
    state.flows.find((entry) => entry.id === id).webhookSecretConfigured = true;
    return json(response, 200, { webhookSecret: "5f1d0c7a9e3b4286a0d7e1c95b38f6420a7d" });
  }],
  ["DELETE", /^\/chatflows\/([^/]+)\/webhook-secret$/, ({ state, response, params: [id] }) => {
    state.flows.find((entry) => entry.id === id).webhookSecretConfigured = false;
    return void response.writeHead(204).end();
  }],
  ["POST", /^\/webhook-listener\/([^/]+)\/register$/, ({ state, response, params: [id] }) => {
    const listenerId = `wh-listener-${randomUUID()}`;
    sideOf(state, id).listeners.set(listenerId, undefined);
    return json(response, 200, { listenerId });
  }],
  ["GET", /^\/webhook-listener\/([^/]+)\/stream\/([^/]+)$/, ({ state, response, params: [id, listener] }) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    sideOf(state, id).listeners.set(listener, response);
  }],
  ["DELETE", /^\/webhook-listener\/([^/]+)\/listener\/([^/]+)$/, ({ state, response, params: [id, listener] }) => {
    sideOf(state, id).listeners.delete(listener);
    return json(response, 200, { ok: true });
  }],
  ["GET", /^\/mcp-server\/([^/]+)$/, ({ state, response, params: [id] }) => json(response, 200, mcpOf(state, id).enabled ? mcpOf(state, id) : NO_MCP)],
  ["POST", /^\/mcp-server\/([^/]+)$/, ({ state, response, params: [id] }) => json(response, 201, keepMcp(state, id, { enabled: true }))],
  ["PUT", /^\/mcp-server\/([^/]+)$/, ({ state, response, body, params: [id] }) => json(response, 200, keepMcp(state, id, body))],
  ["DELETE", /^\/mcp-server\/([^/]+)$/, ({ state, response, params: [id] }) => json(response, 200, { message: "MCP server config disabled", ...(keepMcp(state, id, { enabled: false }) && {}) })],
  ["POST", /^\/mcp-server\/([^/]+)\/refresh$/, ({ state, response, params: [id] }) => json(response, 200, keepMcp(state, id, { token: "renewed-0d5c1f7b2e94" }))],
  ["POST", /^\/agentflowv2-generator\/generate$/, async ({ state, response, body }) => {
    state.drawn = body;
    if (body.question.includes("slowly")) await new Promise((resolve) => response.on("close", resolve));
    if (body.question.includes("nonsense")) return json(response, 200, { error: "The model drew no flow that can be placed, even after it was told what is wrong. Say more of what the flow is to do, or choose a stronger model.", rawResponse: { error: "node a: there is no kind magic; the kinds are llmAgentflow, toolAgentflow\nedge 1: leads to b, which is not there" } });
    return json(response, 200, JSON.parse(steps({})));
  }],
  ["POST", /^\/webhook\/([^/]+)$/, ({ state, response, body, params: [id] }) => {
    for (const listener of sideOf(state, id).listeners.values()) {
      for (const [event, data] of told(body)) listener?.write(`message:\ndata:${JSON.stringify({ event, data })}\n\n`);
    }
    return json(response, 200, { text: "Got it" });
  }],
];
