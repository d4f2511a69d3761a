// The stand-in server's part for runs of agentflows: kept ones, a small walk that honours pins and breakpoints, reruns, spending.
import { randomUUID } from "node:crypto";

const json = (response, status, value) => void response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(value));
const problem = (response, status, message) => json(response, status, { statusCode: status, success: false, message, stack: {} });
const usage = (input, output) => ({ input_tokens: input, output_tokens: output, total_tokens: input + output, total_cost: (input + 4 * output) / 1e6 });
const expense = (turns) => {
  const used = turns.flatMap((entry) => entry.data.output?.usageMetadata ?? []);
  const sum = (name) => used.reduce((total, one) => total + one[name], 0);
  return { inputTokens: sum("input_tokens"), outputTokens: sum("output_tokens"), cost: sum("total_cost"), milliseconds: 300 * turns.length };
};

export const turn = (nodeId, nodeLabel, status, data = {}, previousNodeIds = []) => ({ nodeId, nodeLabel, status, previousNodeIds, data: { id: nodeId, name: nodeId.replace(/_\d+$/, ""), state: {}, ...data } });
export const START = turn("startAgentflow_0", "Start", "FINISHED", { input: { question: "May we go?" }, output: { question: "May we go?" } });
const asks = (nodeId, nodeLabel, approve, reject, input, more = {}) => ({
  id: `${nodeId}-asks`, mapping: { approve, reject }, elements: [{ type: "agentflowv2-approve-button", label: approve }, { type: "agentflowv2-reject-button", label: reject }], data: { nodeId, nodeLabel, input }, ...more,
});
export const action = asks("humanInputAgentflow_0", "Ask the leader", "Proceed", "Reject", { messages: [], humanInputEnableFeedback: true });

/** The flow that is walked rather than recited: planning, looking up, asking, replying. */
const STEPS = [
  { name: "startAgentflow", label: "Start", params: [] },
  { name: "llmAgentflow", label: "Plan the trip", params: [{ label: "Message", name: "llmUserMessage", type: "string" }, { label: "Model", name: "llmModel", type: "string" }] },
  { name: "agentAgentflow", label: "Look it up", params: [{ label: "Message", name: "agentUserMessage", type: "string" }, { label: "Connect Credential", name: "agentKey", type: "string" }] },
  { name: "humanInputAgentflow", label: "Ask the leader", params: [{ label: "Question", name: "humanInputDescription", type: "string" }] },
  { name: "directReplyAgentflow", label: "Reply", params: [{ label: "Message", name: "directReplyMessage", type: "string" }] },
];
const SETTINGS = { llmAgentflow: { llmUserMessage: "Plan it.", llmModel: "chatOpenAI" }, agentAgentflow: { agentUserMessage: "How high is the water?", agentKey: "" }, humanInputAgentflow: { humanInputDescription: "The water is high. Shall we go in?" }, directReplyAgentflow: { directReplyMessage: "In we go." } };

/** Its graph; `data` adds to the data of nodes by name. */
export function tripGraph(data = {}) {
  const id = (name) => `${name}_0`;
  const port = (name, label) => [{ id: `${id(name)}-output-${name}`, name, label }];
  const nodes = STEPS.map(({ name, label, params }, index) => ({
    id: id(name), type: "agentFlow", position: { x: index * 330, y: index % 2 === 0 ? 80 : 150 },
    data: { id: id(name), name, label, version: 2, type: label, category: "Agent Flows", baseClasses: [label], inputParams: params.map((param) => ({ ...param, id: `${id(name)}-input-${param.name}-string`, display: true, optional: true })), inputAnchors: [], outputAnchors: port(name, label), outputs: {}, inputs: SETTINGS[name] ?? {}, ...data[name] },
  }));
  const edges = STEPS.slice(1).map(({ name }, index) => {
    const before = STEPS[index].name;
    const from = `${id(before)}-output-${before}`;
    return { id: `${from}-${id(name)}`, type: "agentFlow", source: id(before), sourceHandle: from, target: id(name), targetHandle: id(name), data: {} };
  });
  return JSON.stringify({ nodes, edges });
}

/** The agent's entry of the catalog, made after the one of models. */
export function agentEntry(catalog) {
  const model = catalog.find((entry) => entry.name === "llmAgentflow");
  return { ...model, name: "agentAgentflow", label: "Agent", type: "Agent", description: "Uses tools until it knows the answer.", inputs: STEPS[2].params.map((param) => ({ ...param, optional: true })) };
}

const NAME = "Trip planner";
export const isWalked = (flow) => flow.name === NAME;

/** What a node gives; `inputs` are its settings. */
function outputOf(name, inputs, question) {
  if (name === "startAgentflow") return { question };
  if (name === "llmAgentflow") return { content: `Plan: ${inputs.llmUserMessage}`, usageMetadata: usage(120, 30), timeMetadata: { start: 1000, end: 1900, delta: 900 } };
  if (name === "agentAgentflow") return { content: "The water stands at **2 m**.", usageMetadata: usage(210, 40), timeMetadata: { start: 1900, end: 3300, delta: 1400 }, usedTools: [{ tool: "water_level", toolInput: { cave: "Postojna" }, toolOutput: "2 m" }], sourceDocuments: [{ pageContent: "Above 3 m nobody may enter.", metadata: { source: "rules.txt" } }] };
  if (name === "humanInputAgentflow") return { content: "Proceed" };
  return { content: inputs.directReplyMessage };
}

function inputOf(name, inputs, question) {
  if (name === "llmAgentflow") return { messages: [{ role: "user", content: inputs.llmUserMessage }], llmModel: inputs.llmModel };
  if (name === "agentAgentflow") return { messages: [{ role: "user", content: inputs.agentUserMessage }], agentModel: "chatOpenAI", question };
  return name === "startAgentflow" ? { question } : inputs;
}

/** One walk from node `from` on; keeps it in `execution` and gives the events that tell of it. */
function walked(execution, graph, { from = 0, question, skipStop = false, inputs = {}, usesMarks }) {
  const turns = JSON.parse(execution.executionData);
  const events = [["agentFlowEvent", "INPROGRESS"]];
  const tell = (node, status, more = {}) => events.push(["nextAgentFlow", { nodeId: node.id, nodeLabel: node.data.label, status, ...more }]);
  const keep = (state, asked = null) => {
    Object.assign(execution, { state, executionData: JSON.stringify(turns), action: asked && JSON.stringify(asked), spent: expense(turns), updatedDate: new Date().toISOString() });
    events.push(["agentFlowExecutedData", turns], ["agentFlowEvent", state], ...(asked ? [["action", asked]] : []));
    return { events, metadata: { executionId: execution.id, ...(asked ? { action: asked } : {}) } };
  };
  for (const [at, node] of graph.nodes.entries()) {
    if (at < from) continue;
    const { name, label } = node.data;
    const settings = at === from ? { ...node.data.inputs, ...inputs } : node.data.inputs;
    const first = at === from && skipStop;
    const waits = (data, asked) => {
      tell(node, "STOPPED");
      turns.push(turn(node.id, label, "STOPPED", data));
      return keep("STOPPED", asked);
    };
    if (usesMarks && node.data.breakpoint && !first) return waits({ breakpoint: true, input: {}, output: {} }, asks(node.id, label, "Proceed", "Reject", {}, { breakpoint: true }));
    tell(node, "INPROGRESS");
    if (usesMarks && node.data.pinnedOutput) {
      turns.push(turn(node.id, label, "FINISHED", { pinned: true, input: {}, output: node.data.pinnedOutput }));
      tell(node, "FINISHED");
      continue;
    }
    if (name === "agentAgentflow" && question.includes("unlocked")) {
      const error = "The key was refused.";
      turns.push(turn(node.id, label, "ERROR", { input: inputOf(name, settings, question), error, field: "Connect Credential" }));
      tell(node, "ERROR", { error, field: "Connect Credential" });
      events.push(["error", error]);
      return keep("ERROR");
    }
    if (name === "agentAgentflow" && question.includes("allowed") && !first) return waits({ input: {}, output: { content: "" } }, asks(node.id, label, "Yes", "No", { messages: [{ role: "assistant", tool_calls: [{ name: "water_level", args: { cave: "Postojna" } }] }] }));
    if (name === "humanInputAgentflow" && !first) return waits({ input: settings, output: { content: settings.humanInputDescription } }, asks(node.id, label, "Proceed", "Reject", { messages: [], humanInputEnableFeedback: true }));
    const output = outputOf(name, settings, question);
    if (name !== "startAgentflow" && output.content) events.push(["token", output.content]);
    turns.push(turn(node.id, label, "FINISHED", { input: inputOf(name, settings, question), output }));
    tell(node, "FINISHED");
  }
  return keep("FINISHED");
}

const executionsOf = (state) => (state.executions ??= exampleExecutions(state));

function newExecution(state, flow, sessionId, more = {}) {
  const now = new Date().toISOString();
  const made = { id: randomUUID(), executionData: "[]", state: "INPROGRESS", agentflowId: flow.id, sessionId, action: null, isPublic: null, createdDate: now, updatedDate: now, stoppedDate: null, workspaceId: "w", flowSource: "published", agentflow: { id: flow.id, name: flow.name }, ...more };
  executionsOf(state).unshift(made);
  return made;
}

/** The events of a question to the walked flow, or of the decision that its run waits for. */
export function walk(state, flow, body, draft) {
  const { question = "", chatId, humanInput } = body;
  const flowData = body.draft ? draft : flow.flowData;
  if (!humanInput) {
    const execution = newExecution(state, flow, chatId, body.draft ? { flowSource: "draft" } : {});
    return remembered(execution, { flowData, question, usesMarks: body.draft === true }, {});
  }
  const execution = executionsOf(state).find((entry) => entry.sessionId === chatId && entry.state === "STOPPED");
  const graph = JSON.parse(execution.walk?.flowData ?? flowData);
  const from = graph.nodes.findIndex((node) => node.id === humanInput.startNodeId);
  const turns = JSON.parse(execution.executionData).slice(0, -1);
  execution.executionData = JSON.stringify(turns);
  if (humanInput.type === "reject") {
    Object.assign(execution, { state: "TERMINATED", action: null });
    return { events: [["nextAgentFlow", { nodeId: humanInput.startNodeId, nodeLabel: graph.nodes[from].data.label, status: "TERMINATED" }], ["token", "It was stopped."], ["agentFlowEvent", "TERMINATED"]], metadata: { executionId: execution.id } };
  }
  return remembered(execution, execution.walk ?? { flowData, question: "May we go?", usesMarks: false }, { from, skipStop: true });
}

/** Walks, and remembers with what, without telling clients. */
function remembered(execution, how, more) {
  Object.defineProperty(execution, "walk", { value: how, enumerable: false, configurable: true });
  const script = walked(execution, JSON.parse(how.flowData), { ...how, ...more });
  Object.defineProperty(execution, "told", { value: script.events, enumerable: false, configurable: true });
  return script;
}

function exampleExecutions(state) {
  const ago = (minutes) => ({ createdDate: new Date(Date.now() - minutes * 60_000).toISOString(), updatedDate: new Date(Date.now() - minutes * 60_000 + 4000).toISOString() });
  const turns = [START, turn("llmAgentflow_0", "Plan the trip", "FINISHED", { input: { messages: [{ role: "system", content: "Plan trips into caves." }, { role: "user", content: "May we go?" }], llmModel: "chatOpenAI" }, output: { content: "Check the **water level** first.", usageMetadata: usage(120, 30), timeMetadata: { start: 1000, end: 1900, delta: 900 } } }), turn("humanInputAgentflow_0", "Ask the leader", "STOPPED", { output: { content: "The water is high. Shall we go in?" } })];
  const base = { agentflowId: "f", sessionId: randomUUID(), action: null, isPublic: null, stoppedDate: null, workspaceId: "w", flowSource: "published", agentflow: { id: "f", name: "Approve the trip" } };
  const kept = (id, how, data, minutes, more = {}) => ({ ...base, id, state: how, executionData: JSON.stringify(data), spent: expense(data), ...ago(minutes), ...more });
  const rows = [
    kept("aaaaaaaa-1111-4111-8111-111111111111", "STOPPED", turns, 3, { action: JSON.stringify(action) }),
    kept("bbbbbbbb-2222-4222-8222-222222222222", "FINISHED", [...turns.slice(0, 2), turn("directReplyAgentflow_0", "Reply", "FINISHED", { output: { content: "In we go." } })], 50, { isPublic: true }),
    kept("cccccccc-3333-4333-8333-333333333333", "ERROR", [START, turn("llmAgentflow_0", "Plan the trip", "ERROR", { error: "OpenAI: the key was refused." })], 300),
  ];
  const trip = state.flows.find(isWalked);
  if (!trip) return rows;
  // Kept runs of the walked flow: one through to its end, one that failed.
  const graph = JSON.parse(trip.flowData);
  const of = (id, minutes, how) => {
    const execution = kept(id, "INPROGRESS", [], minutes, { agentflowId: trip.id, sessionId: randomUUID(), agentflow: { id: trip.id, name: trip.name } });
    walked(execution, graph, how);
    return Object.assign(execution, ago(minutes));
  };
  const done = of("dddddddd-4444-4444-8444-444444444444", 12, { question: "May we go?" });
  done.executionData = JSON.stringify(JSON.parse(done.executionData).slice(0, -1));
  walked(done, graph, { question: "May we go?", from: 3, skipStop: true });
  return [...rows, Object.assign(done, ago(12)), of("eeeeeeee-5555-4555-8555-555555555555", 90, { question: "May we go unlocked?" })];
}

const found = (state, id, response) => executionsOf(state).find((entry) => entry.id === id) ?? void problem(response, 404, `Execution ${id} not found`);

export const PUBLIC_RUN_ROUTES = [
  ["GET", /^\/public-executions\/([^/]+)$/, ({ state, response, params: [id] }) => {
    const execution = found({ executions: executionsOf(state).filter((entry) => entry.isPublic) }, id, response);
    return execution && json(response, 200, execution);
  }],
];

export const RUN_ROUTES = [
  ["GET", /^\/executions\/summaries$/, ({ state, response, query }) => {
    const fits = (entry) => [["state", entry.state], ["agentflowId", entry.agentflowId], ["sessionId", entry.sessionId]].every(([name, value]) => !query.get(name) || query.get(name) === value) && entry.agentflow.name.toLowerCase().includes((query.get("agentflowName") ?? "").toLowerCase());
    const rows = executionsOf(state).filter(fits).toSorted((a, b) => b.createdDate.localeCompare(a.createdDate));
    const [page, limit] = [Number(query.get("page")) || 1, Number(query.get("limit")) || 12];
    return json(response, 200, { data: rows.slice((page - 1) * limit, page * limit).map((row) => ({ ...row, executionData: undefined })), total: rows.length });
  }],
  ["GET", /^\/executions\/([^/]+)$/, ({ state, response, params: [id] }) => {
    const execution = found(state, id, response);
    return execution && json(response, 200, execution);
  }],
  ["GET", /^\/executions\/([^/]+)\/events$/, ({ state, response, params: [id] }) => {
    const execution = found(state, id, response);
    if (!execution) return;
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const [event, data] of execution.told ?? []) response.write(`message:\ndata:${JSON.stringify({ event, data })}\n\n`);
    response.end(`message:\ndata:${JSON.stringify({ event: "end", data: "[DONE]" })}\n\n`);
  }],
  ["POST", /^\/executions\/([^/]+)\/rerun$/, ({ state, response, body, params: [id] }) => {
    const before = found(state, id, response);
    if (!before) return;
    const flow = state.flows.find((entry) => entry.id === before.agentflowId);
    const turns = JSON.parse(before.executionData);
    const places = turns.flatMap((entry, at) => (entry.nodeId === body.nodeId ? [at] : []));
    const at = places.at((body.iteration ?? 0) - 1);
    if (at === undefined) return problem(response, 400, `iteration: the run has no such turn of ${body.nodeId}`);
    const flowData = body.flow === "draft" || body.flow === undefined ? (flow.work?.draft?.flowData ?? flow.flowData) : flow.flowData;
    const graph = JSON.parse(flowData);
    const from = graph.nodes.findIndex((node) => node.id === body.nodeId);
    if (from < 0) return problem(response, 409, "the draft no longer has this node");
    const sessionId = randomUUID();
    const execution = newExecution(state, flow, sessionId, { flowSource: body.flow ?? "draft", rerunOf: { executionId: id, nodeId: body.nodeId }, executionData: JSON.stringify(turns.slice(0, at)) });
    remembered(execution, { flowData, question: turns[0].data.output?.question ?? "", usesMarks: body.flow === undefined || body.flow === "draft" }, { from, skipStop: graph.nodes[from].data.name !== "humanInputAgentflow", inputs: body.inputs });
    state.lastRerun = body;
    return json(response, 200, { executionId: execution.id, chatId: sessionId, sessionId, state: "INPROGRESS" });
  }],
  ["PUT", /^\/executions\/([^/]+)$/, ({ state, response, body, params: [id] }) => {
    const execution = found(state, id, response);
    return execution && json(response, 200, Object.assign(execution, body));
  }],
  ["DELETE", /^\/executions$/, ({ state, response, body }) => {
    state.executions = executionsOf(state).filter((entry) => !body.executionIds.includes(entry.id));
    return json(response, 200, { success: true, deletedCount: body.executionIds.length });
  }],
  ["GET", /^\/spending$/, ({ state, response }) => {
    const rows = new Map();
    const add = (sum, { inputTokens, outputTokens, cost }) => Object.assign(sum, { runs: sum.runs + 1, inputTokens: sum.inputTokens + inputTokens, outputTokens: sum.outputTokens + outputTokens, cost: sum.cost + cost });
    const total = { runs: 0, inputTokens: 0, outputTokens: 0, cost: 0 };
    for (const { agentflow, spent } of executionsOf(state)) {
      if (!spent) continue;
      rows.set(agentflow.id, add(rows.get(agentflow.id) ?? { id: agentflow.id, name: agentflow.name, runs: 0, inputTokens: 0, outputTokens: 0, cost: 0 }, spent));
      add(total, spent);
    }
    return json(response, 200, { total, rows: [...rows.values()] });
  }],
];
