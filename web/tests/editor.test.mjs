// Building flows in a real browser against the stand-in server: by mouse, by keyboard alone, large ones, and when somebody else saves too.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, beforeEach, test } from "node:test";
import { assertAccessible as accessible } from "./accessible.mjs";
import { eventually, launchBrowser, newContext, standsStill } from "./browser.mjs";
import { largeFlow } from "./large-flow.mjs";
import { flow, startMockServer } from "./mock-server.mjs";

const FIRST = JSON.parse(readFileSync(new URL("fixtures/first.flow.json", import.meta.url), "utf8"));
const ATTACK = `<img src=x onerror="window.attacked=1"><script>window.attacked=1</script>`;

let mock;
let browser;
let page;
let context;

before(async () => {
  mock = await startMockServer({ fresh: false });
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await mock?.close();
});

beforeEach(async () => {
  await page?.context().close();
  mock.state.down = false;
  context = await newContext(browser, { storageState: mock.signedIn(), permissions: ["clipboard-read", "clipboard-write"] });
  page = await context.newPage();
});

const assertAccessible = (where, scope) => accessible(page, where, scope);
const node = (id) => page.locator(`.react-flow__node[data-id="${id}"]`);
const saved = () => page.getByText("Saved", { exact: true }).waitFor();
const details = () => page.getByRole("complementary", { name: "Node details" });
const present = (id) => mock.state.flows.find((entry) => entry.id === id);
const draftOf = (id) => JSON.parse(present(id).work?.draft?.flowData ?? present(id).flowData);
const openId = () => new URL(page.url()).pathname.split("/").at(-1);

/** A stored flow of `count` nodes. */
function large(count) {
  const made = flow(`Large ${count}`, JSON.stringify(largeFlow(FIRST, count)), 1);
  mock.state.flows.push(made);
  return made;
}

async function drag(from, to) {
  await standsStill(page);
  const [a, b] = [await from.boundingBox(), await to.boundingBox()];
  await page.mouse.move(a.x + a.width / 2, a.y + a.height / 2);
  await page.mouse.down();
  await page.mouse.move(b.x + b.width / 2, b.y + b.height / 2, { steps: 8 });
  await page.mouse.up();
}

test("a flow is built by mouse, saved by itself, published, and goes back", async () => {
  await page.goto(`${mock.url}/canvas`);
  const search = page.getByRole("combobox", { name: "Search nodes" });
  await search.fill("llm chian");
  await page.getByRole("option", { name: /LLM Chain/ }).click();
  await search.fill("built-in model");
  // The model joins the chain that waits for one; with Shift it stays apart.
  await page.getByRole("option", { name: /Built-in model/ }).click();
  await page.locator(".react-flow__edge").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await node("chatLocal_0").waitFor({ state: "detached" });
  await page.getByRole("option", { name: /Built-in model/ }).click({ modifiers: ["Shift"] });
  await node("chatLocal_0").waitFor();
  assert.equal(await page.locator(".react-flow__edge").count(), 0, "a node that is kept apart has no wire");
  await search.fill("");
  await page.waitForURL(/\/canvas\/[0-9a-f-]{36}/);
  await saved();
  await drag(node("chatLocal_0").locator(".react-flow__handle.source"), node("llmChain_0").locator(".react-flow__handle.target").first());
  await page.locator(".react-flow__edge").waitFor();

  // A wire that does not fit says why.
  await drag(node("chatLocal_0").locator(".react-flow__handle.source"), node("llmChain_0").locator(".react-flow__handle.target").nth(1));
  await page.getByText("Prompt takes BasePromptTemplate, but this gives ChatLocal.").waitFor();
  await page.getByRole("button", { name: "Close this notice" }).click();

  // A socket's own button offers what fits, wired at once.
  await node("llmChain_0").click();
  await details().getByRole("button", { name: "Connect Prompt" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Add a new node" }).click();
  await page.getByRole("dialog").getByRole("option", { name: /Prompt Template/ }).click();
  await node("promptTemplate_0").waitFor();
  await eventually(async () => assert.equal(await page.locator(".react-flow__edge").count(), 2));
  const template = details().locator(".cm-content").first();
  await template.click();
  await page.keyboard.type("Say {{que");
  await page.locator(".cm-tooltip-autocomplete [role=option]", { hasText: "question" }).click();
  await details().getByText("{{ question }}").waitFor();
  await assertAccessible("editor with a node open");
  await details().getByRole("button", { name: "Close" }).click();
  await saved();
  const id = openId();
  await eventually(() => assert.equal(draftOf(id).nodes[2].data.inputs.template, "Say {{ question }}"));
  const kept = draftOf(id);
  assert.deepEqual(kept.nodes.map((one) => one.id), ["llmChain_0", "chatLocal_0", "promptTemplate_0"]);
  const inputs = kept.nodes[0].data.inputs;
  assert.equal(inputs.model, "{{chatLocal_0.data.instance}}");
  assert.equal(inputs.prompt, "{{promptTemplate_0.data.instance}}");

  // Nothing is live before it is published: what callers get says so, and so does the page.
  await page.getByText("Not published yet").waitFor();
  assert.deepEqual(JSON.parse(present(id).flowData).nodes, []);

  // Publish, change, look at the difference, go back.
  await page.getByRole("button", { name: "Publish" }).click();
  await page.getByRole("dialog").getByLabel(/What is new/).fill("First of all");
  await assertAccessible("publish", "[role=dialog]");
  await page.getByRole("dialog").getByRole("button", { name: "Publish" }).click();
  await page.getByRole("button", { name: "Publish", disabled: true }).waitFor();
  await eventually(() => assert.equal(JSON.parse(present(id).flowData).nodes.length, 3));
  await node("chatLocal_0").click();
  await page.keyboard.press("Delete");
  await node("chatLocal_0").waitFor({ state: "detached" });
  await saved();
  assert.equal(JSON.parse(present(id).flowData).nodes.length, 3, "what is live stays");
  await page.getByRole("tab", { name: "Versions" }).click();
  await page.getByRole("button", { name: "Compare with version 1" }).click();
  await page.getByRole("dialog").getByText("removed", { exact: true }).first().waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Restore" }).click();
  await node("chatLocal_0").waitFor();
  await eventually(async () => assert.equal(await page.locator(".react-flow__edge").count(), 2));
});

test("a flow is built by keyboard alone", async () => {
  await page.goto(`${mock.url}/canvas`);
  const canvas = page.locator("[data-canvas]");
  await page.getByRole("heading", { name: "Start your chatflow" }).waitFor();
  const add = async (text, key = "Enter") => {
    await canvas.focus();
    await page.keyboard.press("a");
    await page.getByRole("dialog").getByRole("combobox").waitFor();
    await page.keyboard.type(text);
    await page.getByRole("dialog").getByRole("option").first().waitFor();
    await page.keyboard.press(key);
    await page.getByRole("dialog").waitFor({ state: "detached" });
  };
  await add("llm chain");
  await add("prompt template", "Shift+Enter");
  await node("promptTemplate_0").focus();
  await page.keyboard.press("c");
  await page.getByRole("dialog", { name: /Connect/ }).waitFor();
  await assertAccessible("connect", "[role=dialog]");
  const place = page.getByRole("list", { name: "Where it may lead" }).getByRole("button", { name: /LLM Chain/ });
  await place.focus();
  await page.keyboard.press("Enter");
  await page.locator(".react-flow__edge").waitFor();
  await node("promptTemplate_0").focus();
  const stood = await node("promptTemplate_0").boundingBox();
  await page.keyboard.press("Shift+ArrowDown");
  await page.keyboard.press("Shift+ArrowDown");
  await eventually(async () => assert.ok((await node("promptTemplate_0").boundingBox()).y > stood.y + 20, "arrows move it"));
  await page.keyboard.press("Alt+ArrowRight");
  await page.waitForFunction(() => document.activeElement?.dataset.id === "llmChain_0");
  await page.keyboard.press("F2");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("Answerer");
  await canvas.focus();
  await page.keyboard.press("n");
  await page.locator(".react-flow__node-note").waitFor();
  await canvas.focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Control+d");
  await node("llmChain_1").waitFor();
  await eventually(async () => assert.equal(await page.locator(".react-flow__edge").count(), 2, "the wire is copied too"));
  await page.keyboard.press("Control+z");
  await node("llmChain_1").waitFor({ state: "detached" });
  await page.keyboard.press("Control+Shift+z");
  await node("llmChain_1").waitFor();
  await page.keyboard.press("Shift+L");
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await assertAccessible("keys", "[role=dialog]");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+s");
  await saved();
  await eventually(() => assert.equal(draftOf(openId()).nodes.filter((one) => one.data.name === "llmChain").length, 2));
  const kept = draftOf(openId());
  assert.equal(kept.nodes.find((one) => one.id === "llmChain_0").data.label, "Answerer");
});

test("an agentflow gets its steps, its branches and its loops refused", async () => {
  await page.goto(`${mock.url}/v2/agentcanvas`);
  await node("startAgentflow_0").waitFor();
  const search = page.getByRole("combobox", { name: "Search nodes" });
  if (!(await search.isVisible())) await page.getByRole("button", { name: "Show or hide the side panel" }).click();
  assert.equal(await page.getByRole("option", { name: /LLM Chain/ }).count(), 0, "chatflow nodes stay out");
  const add = async (name, options = {}) => {
    await search.fill(name);
    await page.getByRole("option", { name: new RegExp(name) }).click(options);
  };
  // The first step follows Start by itself.
  await add("Condition");
  await page.locator(".react-flow__edge").waitFor();
  await add("Direct Reply", { modifiers: ["Shift"] });
  await node("directReplyAgentflow_0").waitFor();
  await node("conditionAgentflow_0").getByText("else").waitFor();
  await drag(node("conditionAgentflow_0").locator(".react-flow__handle.source").nth(1), node("directReplyAgentflow_0").locator(".react-flow__handle.target"));
  await page.locator(".react-flow__edge").nth(1).waitFor();
  await node("conditionAgentflow_0").click();
  await details().getByRole("button", { name: "Add to Conditions" }).click();
  await details().getByRole("group", { name: "Item 2" }).waitFor();
  await eventually(async () => assert.equal(await node("conditionAgentflow_0").locator(".react-flow__handle.source").count(), 3, "one more condition is one more way out"));
  await assertAccessible("agentflow");
  await page.waitForURL(/agentcanvas\/[0-9a-f-]{36}/);
  await saved();
  await eventually(() => assert.equal(draftOf(openId()).edges.length, 2));
  const kept = draftOf(openId());
  assert.deepEqual(kept.edges.map((edge) => [edge.type, edge.sourceHandle, edge.targetHandle, edge.data.edgeLabel]), [
    ["agentFlow", "startAgentflow_0-output-startAgentflow", "conditionAgentflow_0", undefined],
    ["agentFlow", "conditionAgentflow_0-output-1", "directReplyAgentflow_0", "1"],
  ]);
});

test("an iteration takes nodes in, lets them out, and refuses whom nobody could ask there", async () => {
  await page.goto(`${mock.url}/v2/agentcanvas`);
  const search = page.getByRole("combobox", { name: "Search nodes" });
  await search.fill("Iteration");
  await page.getByRole("option", { name: /Iteration/ }).first().click();
  const frame = node("iterationAgentflow_0");
  await frame.getByRole("button", { name: "Add a node inside" }).click();
  await page.keyboard.type("llm");
  await page.getByRole("dialog").getByRole("option").first().waitFor();
  await page.keyboard.press("Enter");
  await node("llmAgentflow_0").waitFor();
  await saved();
  await eventually(() => assert.equal(draftOf(openId()).nodes.find((one) => one.id === "llmAgentflow_0").parentNode, "iterationAgentflow_0"));
  await node("llmAgentflow_0").getByRole("button", { name: "Take LLM 0 out of the iteration" }).click();
  await eventually(() => assert.equal(draftOf(openId()).nodes.find((one) => one.id === "llmAgentflow_0").parentNode, undefined));
  await search.fill("Human Input");
  await page.getByRole("option", { name: /Human Input/ }).first().dragTo(frame, { targetPosition: { x: 200, y: 150 } });
  await page.getByText("Human Input cannot stand in an iteration.").first().waitFor();
  assert.equal(await node("humanInputAgentflow_0").count(), 0);
});

test("a template comes beside what is there, and one undo takes it away; the log outlives a reload", async () => {
  await page.goto(`${mock.url}/canvas`);
  const search = page.getByRole("combobox", { name: "Search nodes" });
  await search.fill("llm chain");
  await page.getByRole("option", { name: /LLM Chain/ }).click();
  await node("llmChain_0").waitFor();
  await page.getByRole("button", { name: "Insert a template…" }).click();
  await page.getByRole("dialog").getByRole("list", { name: "Templates" }).getByRole("button").first().waitFor();
  await assertAccessible("insert a template", "[role=dialog]");
  await page.getByRole("dialog").getByRole("list", { name: "Templates" }).getByRole("button").first().click();
  await eventually(async () => assert.ok((await page.locator(".react-flow__node").count()) > 1));
  const count = await page.locator(".react-flow__node").count();
  await page.waitForURL(/\/canvas\/[0-9a-f-]{36}/);
  await saved();
  await eventually(() => assert.equal(draftOf(openId()).nodes.length, count));
  await page.reload();
  await node("llmChain_0").waitFor();
  await page.getByRole("button", { name: "Undo" }).and(page.locator(":enabled")).click();
  await eventually(async () => assert.equal(await page.locator(".react-flow__node").count(), 1));
  await page.getByRole("button", { name: "Redo" }).click();
  await eventually(async () => assert.equal(await page.locator(".react-flow__node").count(), count));
});

test("a part of one flow is pasted into another", async () => {
  const [from, to] = [flow("From", JSON.stringify(FIRST), 1), flow("To", JSON.stringify(FIRST), 1)];
  mock.state.flows.push(from, to);
  await page.goto(`${mock.url}/canvas/${from.id}`);
  await node("llmChain_0").waitFor();
  await page.locator("[data-canvas]").focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Control+c");
  // The clipboard takes it in its own time, and a page that is left before then takes the copy with it.
  await eventually(async () => assert.match(await page.evaluate(() => navigator.clipboard.readText()), /llmChain_0/));
  await page.goto(`${mock.url}/canvas/${to.id}`);
  await node("llmChain_0").waitFor();
  await page.locator("[data-canvas]").focus();
  await page.keyboard.press("Control+v");
  await node("llmChain_1").waitFor();
  await eventually(() => assert.equal(draftOf(to.id).edges.length, 2 * FIRST.edges.length));
  const kept = draftOf(to.id);
  assert.equal(kept.nodes.find((one) => one.id === "llmChain_1").data.inputs.model, "{{chatLocal_1.data.instance}}");

  // A copy of one node alone hangs on nothing, unless what led into it is wanted too.
  await node("llmChain_0").focus();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+c");
  await eventually(async () => assert.equal(JSON.parse(await page.evaluate(() => navigator.clipboard.readText())).nodes.length, 1));
  await page.keyboard.press("Control+Shift+v");
  await node("llmChain_2").waitFor();
  const into = (id) => draftOf(to.id).edges.filter((edge) => edge.target === id).map((edge) => edge.source).toSorted();
  await eventually(() => assert.deepEqual(into("llmChain_2"), ["chatLocal_0", "promptTemplate_0"]));
  assert.equal(draftOf(to.id).nodes.find((one) => one.id === "llmChain_2").data.inputs.model, "{{chatLocal_0.data.instance}}");
  await page.keyboard.press("Control+v");
  await node("llmChain_3").waitFor();
  await saved();
  await eventually(() => assert.ok(draftOf(to.id).nodes.some((one) => one.id === "llmChain_3")));
  assert.deepEqual(into("llmChain_3"), []);
});

test("somebody else's save is not overwritten without a decision", async () => {
  const shared = flow("Shared", JSON.stringify(FIRST), 1);
  mock.state.flows.push(shared);
  await page.goto(`${mock.url}/canvas/${shared.id}`);
  await node("llmChain_0").click();
  const theirs = structuredClone(FIRST);
  theirs.nodes.find((one) => one.id === "llmChain_0").data.label = "Theirs";
  shared.work.draft = { flowData: JSON.stringify(theirs), revision: 5 };
  await details().getByLabel("Name of this node").fill("Mine");
  await page.getByText("Changed by somebody else").waitFor();
  assert.equal(JSON.parse(shared.work.draft.flowData).nodes.find((one) => one.id === "llmChain_0").data.label, "Theirs");
  await page.getByRole("button", { name: "Look and decide" }).click();
  await page.getByRole("dialog").getByText("Grace Hopper saved this flow meanwhile", { exact: false }).waitFor();
  await assertAccessible("conflict", "[role=dialog]");
  // All but the name goes together by itself.
  await page.getByRole("dialog").getByRole("group", { name: /Mine|Theirs/ }).getByRole("radio").nth(1).check();
  await page.getByRole("dialog").getByRole("button", { name: "Save both together" }).click();
  await saved();
  await eventually(() => assert.equal(draftOf(shared.id).nodes.find((one) => one.id === "llmChain_0").data.label, "Theirs"));
});

test("what two people did at different places is saved together without a question", async () => {
  const shared = flow("Shared by two", JSON.stringify(FIRST), 1);
  mock.state.flows.push(shared);
  await page.goto(`${mock.url}/canvas/${shared.id}`);
  await node("llmChain_0").click();
  await details().getByLabel("Name of this node").waitFor();
  const theirs = structuredClone(FIRST);
  theirs.nodes.find((one) => one.id === "chatLocal_0").data.label = "Their model";
  shared.work.draft = { flowData: JSON.stringify(theirs), revision: 5 };
  await details().getByLabel("Name of this node").fill("My chain");
  await page.getByText(/^Grace Hopper saved meanwhile/).waitFor();
  await node("chatLocal_0").getByText("Their model").waitFor();
  await saved();
  const kept = draftOf(shared.id);
  assert.deepEqual(["llmChain_0", "chatLocal_0"].map((id) => kept.nodes.find((one) => one.id === id).data.label), ["My chain", "Their model"]);
});

test("changes made while the server is gone are kept, through a reload too", async () => {
  const lonely = flow("Lonely", JSON.stringify(FIRST), 1);
  mock.state.flows.push(lonely);
  await page.goto(`${mock.url}/canvas/${lonely.id}`);
  await node("llmChain_0").click();
  await details().getByLabel("Name of this node").waitFor();
  mock.state.down = true;
  await details().getByLabel("Name of this node").fill("Kept");
  await page.getByText("Kept in this browser").waitFor();
  page.on("dialog", (dialog) => void dialog.accept());
  mock.state.down = false;
  lonely.work.draft = null;
  const sent = page.waitForResponse((response) => response.request().method() === "PUT" && response.url().endsWith("/draft") && response.ok());
  await page.goto(`${mock.url}/canvas/${lonely.id}`);
  await node("llmChain_0").getByText("Kept").waitFor();
  await sent;
  await eventually(() => assert.equal(draftOf(lonely.id).nodes.find((one) => one.id === "llmChain_0").data.label, "Kept"));
});

test("what was done before a reload can be undone after it", async () => {
  const left = flow("Left", JSON.stringify(FIRST), 1);
  mock.state.flows.push(left);
  await page.goto(`${mock.url}/canvas/${left.id}?node=llmChain_0`);
  const first = await details().getByLabel("Name of this node").inputValue();
  await details().getByLabel("Name of this node").fill("Renamed");
  await saved();
  // Kept just after it was saved.
  await page.waitForFunction(
    (id) =>
      new Promise((resolve) => {
        const opening = indexedDB.open("flowstone", 1);
        opening.onsuccess = () => {
          const asking = opening.result.transaction("kept").objectStore("kept").get(`log:${id}`);
          asking.onsuccess = () => (opening.result.close(), resolve(asking.result?.past.length === 1));
        };
      }),
    left.id,
  );
  await page.reload();
  await node("llmChain_0").getByText("Renamed").waitFor();
  await page.getByRole("button", { name: "Undo", disabled: false }).click();
  await node("llmChain_0").getByText(first, { exact: true }).first().waitFor();
  await saved();
});

test("300 nodes are each drawn once, and only the dragged one again", async () => {
  const made = large(300);
  await page.addInitScript(() => (globalThis.flowstoneDrawn = new Map()));
  await page.goto(`${mock.url}/canvas/${made.id}`);
  await node("llmChain_99").waitFor();
  await page.locator(".react-flow__edge").nth(199).waitFor({ state: "attached" });
  const drawings = await page.evaluate(() => [...globalThis.flowstoneDrawn.values()]);
  assert.equal(drawings.length, 300);
  assert.deepEqual(drawings.filter((count) => count > 1), [], "measuring, catalog and wires draw no card again");
  const elements = await page.evaluate(() => document.querySelectorAll(".react-flow__node *").length);
  assert.ok(elements < 300 * 26, `${elements / 300} elements a card`);
  await page.keyboard.press("Escape");
  const box = await node("chatLocal_5").boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 4);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 8, box.y + 20, { steps: 2 });
  await page.evaluate(() => globalThis.flowstoneDrawn.clear());
  await page.mouse.move(box.x + 160, box.y + 90, { steps: 20 });
  const drawn = await page.evaluate(() => [...globalThis.flowstoneDrawn]);
  await page.mouse.up();
  // Its buttons may come or go with the pointer.
  assert.deepEqual(drawn.filter(([id, times]) => id !== "chatLocal_5" || times > 2), [], "a card that moves is moved, not drawn, and no other knows of it");
});

test("fields that were pinned are changed on the card, and no other card is drawn for it", async () => {
  const made = flow("Pinned", JSON.stringify(largeFlow(FIRST, 30)), 1);
  const stored = JSON.parse(made.flowData);
  const model = stored.nodes.find((one) => one.id === "chatLocal_5");
  model.data.flowstone = { pinned: ["modelName", "temperature", "streaming"] };
  stored.nodes.find((one) => one.id === "promptTemplate_5").data.flowstone = { pinned: ["template"] };
  made.flowData = JSON.stringify(stored);
  mock.state.flows.push(made);
  await page.addInitScript(() => (globalThis.flowstoneDrawn = new Map()));
  await page.goto(`${mock.url}/canvas/${made.id}?node=chatLocal_5`);
  await details().getByLabel("Name of this node").waitFor();
  await page.locator("[data-canvas]").focus();
  await page.keyboard.press("2");
  const card = node("chatLocal_5");
  const temperature = card.getByRole("textbox", { name: /^Temperature of/ });
  await temperature.waitFor();
  await standsStill(page);
  await assertAccessible("a card with fields");
  await page.evaluate(() => globalThis.flowstoneDrawn.clear());
  await temperature.fill("0.25");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.dataset.id === "chatLocal_5");
  // On by the keyboard: into the card, past the model, to the switch.
  await temperature.focus();
  await page.keyboard.press("Tab");
  await page.keyboard.press(" ");
  await saved();
  await eventually(() => assert.deepEqual([draftOf(made.id).nodes.find((one) => one.id === "chatLocal_5").data.inputs].map(({ temperature: warm, streaming }) => [warm, streaming]), [[0.25, model.data.inputs.streaming === false]]));
  assert.deepEqual(await page.evaluate(() => [...globalThis.flowstoneDrawn.keys()]), ["chatLocal_5"]);
  // A choice that the server makes is opened beside the graph.
  await card.getByRole("button", { name: /, Model of/ }).click();
  await page.waitForFunction(() => document.activeElement?.closest("[data-field=modelName]") !== null);
  await node("promptTemplate_5").getByRole("textbox", { name: /^Template of/ }).fill("Two\nlines");
  await eventually(() => assert.equal(draftOf(made.id).nodes.find((one) => one.id === "promptTemplate_5").data.inputs.template, "Two\nlines"));
});

test("a flow of 500 nodes and one of 5 MB can be edited", async () => {
  const many = large(500);
  await page.goto(`${mock.url}/canvas/${many.id}?node=llmChain_3`);
  await details().getByLabel("Name of this node").fill("Third");
  await saved();
  await eventually(() => assert.equal(draftOf(many.id).nodes.find((one) => one.id === "llmChain_3").data.label, "Third"));
  const heavy = structuredClone(FIRST);
  heavy.nodes[0].data.inputs.txtFile = `data:text/plain;base64,${"QUJD".repeat(1_250_000)},filename:long.txt`;
  const stored = flow("Heavy", JSON.stringify(heavy), 1);
  mock.state.flows.push(stored);
  await page.goto(`${mock.url}/canvas/${stored.id}?node=llmChain_0`);
  await details().getByLabel("Name of this node").fill("Light");
  await saved();
  await eventually(() => assert.equal(draftOf(stored.id).nodes[0].data.inputs.txtFile.length, heavy.nodes[0].data.inputs.txtFile.length));
});

test("what is written in fields is text, wherever it is shown", async () => {
  const bad = flow("Fields", JSON.stringify(FIRST), 1);
  mock.state.flows.push(bad);
  await page.goto(`${mock.url}/canvas/${bad.id}?node=llmChain_0`);
  await details().getByLabel("Name of this node").fill(ATTACK);
  await details().getByRole("textbox", { name: "Chain Name" }).fill(ATTACK);
  await details().getByRole("button", { name: "Show Chain Name on the card" }).click();
  await node("promptTemplate_0").click();
  await details().locator(".cm-content").first().fill(`${ATTACK} {{strange}}`);
  await page.getByRole("button", { name: /problem|No problems/ }).first().click();
  await page.keyboard.press("Escape");
  await saved();
  assert.equal(await page.evaluate(() => window.attacked), undefined);
  assert.equal(await page.locator("img[src=x]").count(), 0);
});
