// Pictures of the editor at work: what to do on the page before each is taken.
import { readFileSync } from "node:fs";
import { standsStill } from "./browser.mjs";

const fixture = (name) => JSON.parse(readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8"));
const CATALOG = new Map(fixture("catalog.json").map((entry) => [entry.name, entry]));
const FIRST = fixture("first.flow.json");

/** A step as it is saved; its id is the name of its kind and a number. */
function step(id, [x, y], inputs = {}, more = {}) {
  const { inputs: rows, outputs, ...facts } = CATALOG.get(id.replace(/_\d+$/, ""));
  const ways = more.ways ?? Math.max(1, outputs?.length ?? 0);
  const anchors = Array.from({ length: ways }, (_, at) => ({ id: `${id}-output-${ways > 1 ? at : facts.name}`, label: facts.label, name: facts.name }));
  return {
    id,
    type: facts.name === "iterationAgentflow" ? "iteration" : "agentFlow",
    position: { x, y },
    ...(more.size ? { width: more.size[0], height: more.size[1] } : {}),
    ...(more.parent ? { parentNode: more.parent, extent: "parent" } : {}),
    data: {
      ...facts,
      id,
      label: more.label ?? facts.label,
      inputParams: rows.map((row) => ({ ...row, id: `${id}-input-${row.name}-${row.type}` })),
      inputAnchors: [],
      outputAnchors: facts.hideOutput ? [] : anchors,
      inputs: { ...Object.fromEntries(rows.map((row) => [row.name, row.default ?? ""])), ...inputs },
      outputs: {},
    },
  };
}

const wire = (source, target, way = source.replace(/_\d+$/, "")) => ({ id: `${source}-${way}-${target}`, type: "agentFlow", source, sourceHandle: `${source}-output-${way}`, target, targetHandle: target, data: {} });

/** An agentflow with a fork of three ways, an iteration with two steps in it, a question to a person, and a loop. */
export function manySteps() {
  const asked = { llmModel: "chatLocal", llmModelConfig: { modelName: "smollm2-135m-instruct" } };
  const is = (value2) => ({ type: "string", value1: "{{ llmAgentflow_0 }}", operation: "equal", value2 });
  return JSON.stringify({
    nodes: [
      step("startAgentflow_0", [0, 200]),
      step("llmAgentflow_0", [360, 200], { ...asked, llmMessages: [{ role: "system", content: "Name the topic in one word." }, { role: "user", content: "{{ question }}" }] }, { label: "Find the topic" }),
      step("conditionAgentflow_0", [720, 180], { conditions: [is("invoice"), is("complaint")] }, { label: "Which topic?", ways: 3 }),
      step("iterationAgentflow_0", [1080, -220], { iterationInput: "{{ llmAgentflow_0 }}" }, { label: "For each line", size: [720, 230] }),
      step("llmAgentflow_1", [40, 90], asked, { label: "Check the line", parent: "iterationAgentflow_0" }),
      step("llmAgentflow_2", [400, 90], asked, { label: "Write a remark", parent: "iterationAgentflow_0" }),
      step("humanInputAgentflow_0", [1080, 140], { humanInputDescription: "Shall we refund it?" }, { label: "Ask the desk", ways: 2 }),
      step("directReplyAgentflow_0", [1440, 90], { directReplyMessage: "Your money is on its way." }, { label: "Say yes" }),
      step("loopAgentflow_0", [1440, 260], { loopBackToNode: "llmAgentflow_0-Find the topic", maxLoopCount: 3 }, { label: "Once more" }),
      step("directReplyAgentflow_1", [1080, 400], { directReplyMessage: "Please tell us more." }, { label: "Ask back" }),
    ],
    edges: [
      wire("startAgentflow_0", "llmAgentflow_0"),
      wire("llmAgentflow_0", "conditionAgentflow_0"),
      wire("conditionAgentflow_0", "iterationAgentflow_0", "0"),
      wire("conditionAgentflow_0", "humanInputAgentflow_0", "1"),
      wire("conditionAgentflow_0", "directReplyAgentflow_1", "2"),
      wire("llmAgentflow_1", "llmAgentflow_2"),
      wire("humanInputAgentflow_0", "directReplyAgentflow_0", "0"),
      wire("humanInputAgentflow_0", "loopAgentflow_0", "1"),
    ],
  });
}

export function canvasScenes({ server, flow }) {
  const keep = (name, flowData, more) => {
    const made = flow(name, flowData, 1, more);
    server.state.flows.push(made);
    return made;
  };
  const steps = () => server.state.flows.find((entry) => entry.name === "Sorting desk") ?? keep("Sorting desk", manySteps(), { type: "AGENTFLOW" });
  const drawn = async (page) => {
    await page.locator(".react-flow__node").first().waitFor();
    await standsStill(page);
  };
  const openSteps = async (page, node) => {
    await page.goto(`${server.url}/v2/agentcanvas/${steps().id}${node ? `?node=${node}` : ""}`);
    await drawn(page);
    if (node) await page.getByLabel("Name of this node").waitFor();
  };
  const openFirst = async (page, node) => {
    const made = keep("House rules", JSON.stringify(FIRST));
    await page.goto(`${server.url}/canvas/${made.id}${node ? `?node=${node}` : ""}`);
    await drawn(page);
    if (node) await page.getByLabel("Name of this node").waitFor();
    return made;
  };
  const key = async (page, ...keys) => {
    await page.locator("[data-canvas]").focus();
    for (const one of keys) await page.keyboard.press(one);
  };
  return {
    "canvas-steps": (page) => openSteps(page),
    "canvas-frame": async (page, size) => {
      await openFirst(page);
      if (size === "narrow") return;
      await key(page, "Control+a", "Control+g");
      await page.locator(".react-flow__node-group").waitFor();
      await key(page, "Escape", "1", "n");
      await page.locator(".react-flow__node-note").nth(1).waitFor();
      await key(page, "Escape", "1");
      await standsStill(page);
    },
    "canvas-selection": async (page) => {
      await openSteps(page);
      await key(page, "Control+a");
      await page.getByText("10 selected", { exact: true }).waitFor();
    },
    "canvas-find": async (page) => {
      await openSteps(page);
      await key(page, "Control+f");
      await page.getByRole("search").getByRole("searchbox").or(page.getByRole("search").getByRole("textbox")).first().fill("topic");
      await page.getByText(/1 of/).waitFor();
    },
    "canvas-refused": async (page, size) => {
      await openFirst(page);
      if (size === "narrow") return;
      const [from, to] = [page.locator('.react-flow__node[data-id="chatLocal_0"] .port.source'), page.locator('.react-flow__node[data-id="llmChain_0"] .port.target').nth(1)];
      const [a, b] = [await from.boundingBox(), await to.boundingBox()];
      await page.mouse.move(a.x + 5, a.y + 5);
      await page.mouse.down();
      await page.mouse.move(b.x + 5, b.y + 5, { steps: 8 });
      await page.mouse.up();
      await page.getByText(/but this gives/).waitFor();
    },
    "inspector-condition": (page) => openSteps(page, "conditionAgentflow_0"),
    "inspector-array": (page) => openSteps(page, "llmAgentflow_0"),
    "inspector-code": async (page) => {
      await openFirst(page, "promptTemplate_0");
      await page.getByRole("button", { name: "Edit Template in a large field" }).click();
      await page.getByRole("dialog").last().locator(".cm-content").waitFor();
    },
    "inspector-iteration": (page) => openSteps(page, "iterationAgentflow_0"),
    "inspector-credential": async (page) => {
      await page.goto(`${server.url}/canvas/${server.state.flows.find((entry) => entry.name.startsWith("Weather")).id}?node=chatOpenAI_0`);
      await page.getByLabel("Name of this node").waitFor();
      await page.getByRole("button", { name: /Add a credential|New credential/ }).first().click();
      await page.getByRole("dialog").last().locator("input[type=password]").first().waitFor();
    },
    "editor-publish": async (page) => {
      await openFirst(page, "llmChain_0");
      await page.getByLabel("Name of this node").fill("Answer");
      // Where details cover the page, they are closed first.
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Publish" }).and(page.locator(":enabled")).click();
      await page.getByRole("dialog").getByText("changed", { exact: true }).first().waitFor();
    },
    "editor-diff": async (page, size) => {
      await openFirst(page);
      if (size === "narrow") return;
      await page.locator('.react-flow__node[data-id="promptTemplate_0"]').click();
      await page.getByRole("complementary", { name: "Node details" }).locator(".cm-content").first().click();
      await page.keyboard.press("Control+End");
      await page.keyboard.type(" Say it in one sentence.");
      await page.getByText("Saved", { exact: true }).waitFor();
      await page.getByRole("button", { name: "Show or hide the side panel" }).click();
      await page.getByRole("tab", { name: "Versions" }).click();
      await page.getByRole("button", { name: /Compare with/ }).first().click();
      await page.getByRole("dialog").getByText("changed", { exact: true }).first().waitFor();
    },
    "editor-conflict": async (page) => {
      const made = await openFirst(page, "llmChain_0");
      const theirs = structuredClone(FIRST);
      theirs.nodes.find((one) => one.id === "llmChain_0").data.label = "Theirs";
      made.work.draft = { flowData: JSON.stringify(theirs), revision: 5 };
      await page.getByLabel("Name of this node").fill("Mine");
      // Where details cover the page, they are closed first.
      await page.waitForTimeout(1500);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Look and decide" }).click();
      await page.getByRole("dialog").getByRole("radio").first().waitFor();
    },
    "editor-template": async (page) => {
      await page.goto(`${server.url}/canvas`);
      await page.getByRole("button", { name: "Insert a template…" }).last().click();
      await page.getByRole("dialog").getByRole("list").getByRole("button").first().waitFor();
    },
    "editor-loading": async (page) => {
      // The answer never comes.
      await page.route(/\/api\/v1\/chatflows\/[^/]+$/, () => undefined);
      await page.goto(`${server.url}/canvas/${server.state.flows[0].id}`);
      await page.waitForTimeout(800);
    },
    "editor-failed": async (page) => {
      await page.route(/\/api\/v1\/chatflows\/[^/]+$/, (route) => route.fulfill({ status: 500, contentType: "application/json", body: JSON.stringify({ message: "The database is busy.", requestId: "req-1" }) }));
      await page.goto(`${server.url}/canvas/${server.state.flows[0].id}`);
      await page.getByRole("button", { name: /again/i }).first().waitFor();
    },
  };
}
