// The stand-in's routes for lists of flows, templates, and files of the workspace.
import { randomUUID } from "node:crypto";

const json = (response, status, value) => void response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(value));
const problem = (response, status, message) => json(response, status, { statusCode: status, success: false, message, stack: {} });
const categoriesOf = (flow) => (flow.category ?? "").split(";").map((name) => name.trim()).filter(Boolean);

/** The nodes of a saved graph, or none where it is no graph. */
function nodesOf(flowData) {
  try {
    return (JSON.parse(flowData).nodes ?? []).filter((node) => node?.data?.name && !node.data.name.startsWith("stickyNote"));
  } catch {
    return [];
  }
}

function summary(flow) {
  const nodes = nodesOf(flow.flowData);
  const { id, name, type, category, deployed, isPublic, apikeyid, createdDate, updatedDate, hasDraft = false } = flow;
  return { id, name, type, category, deployed, isPublic, apikeyid, createdDate, updatedDate, nodeNames: [...new Set(nodes.map((node) => node.data.name))].slice(0, 24), nodeCount: nodes.length, edgeCount: 0, hasDraft };
}

function paged(rows, query) {
  const [page, limit] = [Number(query.get("page")), Number(query.get("limit"))];
  return page > 0 && limit > 0 ? { data: rows.slice((page - 1) * limit, page * limit), total: rows.length } : rows;
}

/** Which list of a workspace's file holds a kind of flow. */
const LIST_OF = { CHATFLOW: "ChatFlow", AGENTFLOW: "AgentFlowV2", MULTIAGENT: "AgentFlow" };

function planOf(state, file) {
  const counts = Object.fromEntries(Object.entries(file).flatMap(([key, rows]) => (Array.isArray(rows) && rows.length > 0 && key !== "conflictResolutions" ? [[key, rows.length]] : [])));
  const conflicts = Object.entries(LIST_OF).flatMap(([type, list]) =>
    (file[list] ?? []).flatMap((row) => {
      const here = state.flows.filter((flow) => flow.type === type);
      const met = here.find((flow) => flow.id === row.id) ?? here.find((flow) => flow.name === row.name);
      return met ? [{ type: list, name: row.name, importId: row.id, existingId: met.id, sameId: met.id === row.id }] : [];
    }),
  );
  const leftOut = (file.Execution ?? []).length > 0 ? [{ type: "Execution", rows: file.Execution.length, reason: "their flow is neither in the file nor in this workspace" }] : [];
  return { counts, conflicts, leftOut };
}

export const FLOW_ROUTES = [
  ["GET", /^\/chatflows\/summaries$/, ({ state, response, query }) => {
    const q = (query.get("q") ?? "").toLowerCase();
    const found = state.flows
      .filter((flow) => !query.get("type") || flow.type === query.get("type"))
      .filter((flow) => [flow.name, flow.category ?? "", flow.id].some((text) => text.toLowerCase().includes(q)))
      .filter((flow) => !query.get("category") || categoriesOf(flow).includes(query.get("category")));
    const key = query.get("sort") ?? "updatedDate";
    found.sort((a, b) => a[key].localeCompare(b[key]) * (query.get("order") === "ASC" ? 1 : -1));
    return json(response, 200, paged(found.map(summary), query));
  }],
  ["GET", /^\/chatflows\/categories$/, ({ state, response, query }) => {
    const names = state.flows.filter((flow) => !query.get("type") || flow.type === query.get("type")).flatMap(categoriesOf);
    return json(response, 200, [...new Set(names)].toSorted().map((name) => ({ name, count: names.filter((other) => other === name).length })));
  }],
  ["PUT", /^\/chatflows\/([^/]+)$/, ({ state, response, body, params: [id] }) => {
    const found = state.flows.find((flow) => flow.id === id);
    if (!found) return problem(response, 404, `Chatflow ${id} not found in the database!`);
    Object.assign(found, body, { updatedDate: new Date().toISOString() });
    return json(response, 200, found);
  }],
  ["DELETE", /^\/chatflows\/([^/]+)$/, ({ state, response, params: [id] }) => {
    if (state.refuseDeletes) return problem(response, 500, "The database is locked.");
    const before = state.flows.length;
    state.flows = state.flows.filter((flow) => flow.id !== id);
    return before === state.flows.length ? problem(response, 404, `Chatflow ${id} not found in the database!`) : json(response, 200, { raw: [], affected: 1 });
  }],
  ["GET", /^\/marketplaces\/templates$/, ({ state, response }) => json(response, 200, state.templates)],
  ["GET", /^\/marketplaces\/custom$/, ({ state, response }) => json(response, 200, state.customTemplates)],
  ["POST", /^\/marketplaces\/custom$/, ({ state, response, body }) => {
    const flow = state.flows.find((entry) => entry.id === body.chatflowId);
    if (!flow) return problem(response, 404, "There is no such flow.");
    const now = new Date().toISOString();
    const made = { id: randomUUID(), name: body.name, flowData: flow.flowData, description: body.description, badge: body.badge ?? "", framework: "", usecases: body.usecases ?? "", type: "Chatflow", workspaceId: "w", createdDate: now, updatedDate: now, categories: [] };
    state.customTemplates.push(made);
    return json(response, 200, made);
  }],
  ["DELETE", /^\/marketplaces\/custom\/([^/]+)$/, ({ state, response, params: [id] }) => {
    state.customTemplates = state.customTemplates.filter((row) => row.id !== id);
    return json(response, 200, { raw: [], affected: 1 });
  }],
  ["POST", /^\/export-import\/export$/, ({ state, response, body }) => {
    const lists = Object.entries(LIST_OF).map(([type, list]) => [list, body[type.toLowerCase()] || (type === "AGENTFLOW" && body.agentflowv2) ? state.flows.filter((flow) => flow.type === type) : []]);
    return json(response, 200, { FileDefaultName: "ExportData.json", ...Object.fromEntries(lists), Tool: [], Variable: [] });
  }],
  ["POST", /^\/export-import\/plan$/, ({ state, response, body }) => json(response, 200, planOf(state, body))],
  ["POST", /^\/export-import\/import$/, ({ state, response, body }) => {
    const answers = new Map((body.conflictResolutions ?? []).map((answer) => [`${answer.type} ${answer.importId}`, answer]));
    const imported = {};
    const { leftOut } = planOf(state, body);
    for (const [type, list] of Object.entries(LIST_OF)) {
      for (const row of body[list] ?? []) {
        const answer = answers.get(`${list} ${row.id}`);
        if (answer?.action === "skip") {
          leftOut.push({ type: list, rows: 1, reason: "you chose to keep those that are here" });
          continue;
        }
        imported[list] = (imported[list] ?? 0) + 1;
        const existing = answer?.action === "update" && state.flows.find((flow) => flow.id === answer.existingId);
        if (existing) Object.assign(existing, row, { id: existing.id });
        else state.flows.unshift({ ...row, type, id: randomUUID() });
      }
    }
    return json(response, 200, { message: "success", imported, leftOut });
  }],
];

/** Templates made of flows: what the server ships. */
export function exampleTemplates(fixture) {
  const made = (templateName, file, more) => ({ id: `template-${file}`, templateName, flowData: fixture(`${file}.flow.json`), badge: "", framework: ["Flowstone"], usecases: [], categories: ["Chat Models", "Agents"], type: "Chatflow", description: "", ...more });
  return [
    made("Chat without a key", "first", { badge: "POPULAR", usecases: ["Getting started"], description: "The built-in model answers on your own machine: nothing to sign up for, nothing to pay, nothing that leaves the house." }),
    made("Assistant with tools", "agent", { badge: "NEW", usecases: ["Agent", "Support"], description: "An agent that looks up the weather and does sums, and tells what it used." }),
    made("Answers from a handbook", "retrieval", { usecases: ["Search", "Knowledge"], framework: ["LangChain"], description: "Reads a text file, finds the passages that fit a question and answers from them, with sources." }),
    made("Review in a loop", "iteration", { type: "AgentflowV2", usecases: ["Agent"], description: "Goes over a list of items one by one and gathers what it found." }),
  ];
}
