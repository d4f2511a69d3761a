// What of a flow is in view, and how, in a real browser against the stand-in server: on a phone, from afar, beside panels,
// and in the form of a node with many fields.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { assertAccessible } from "./accessible.mjs";
import { eventually, launchBrowser, newContext, standsStill } from "./browser.mjs";
import { largeFlow } from "./large-flow.mjs";
import { flow, startMockServer } from "./mock-server.mjs";

const FIRST = JSON.parse(readFileSync(new URL("fixtures/first.flow.json", import.meta.url), "utf8"));
const CATALOG = JSON.parse(readFileSync(new URL("fixtures/catalog.json", import.meta.url), "utf8"));
const PHONE = { width: 390, height: 844 };
let mock;
let browser;
const complaints = [];

before(async () => {
  mock = await startMockServer({ fresh: false });
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await mock?.close();
});

async function open(path, more = {}) {
  const context = await newContext(browser, { storageState: mock.signedIn(), ...more });
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`${mock.url}${path}`);
  return page;
}

const idOf = (name) => mock.state.flows.find((entry) => entry.name.startsWith(name)).id;
const node = (page, id) => page.locator(`.react-flow__node[data-id="${id}"]`);
const zoomOf = (page) => page.evaluate(() => Number(/scale\(([\d.]+)\)/.exec(document.querySelector(".react-flow__viewport").style.transform)[1]));

/** Whether every node stands inside the graph's own part of the page. */
function wholeInView(page) {
  return page.evaluate(() => {
    const pane = document.querySelector("[data-canvas]").getBoundingClientRect();
    const boxes = [...document.querySelectorAll(".react-flow__node")].map((one) => one.getBoundingClientRect());
    return boxes.length > 0 && boxes.every((box) => box.width > 0 && box.left >= pane.left - 2 && box.right <= pane.right + 2 && box.top >= pane.top - 2 && box.bottom <= pane.bottom + 2);
  });
}

const isWhole = (page) => eventually(async () => assert.ok(await wholeInView(page)));

test("on a phone a graph that was behind the chat comes into view whole, with its tools beside each other", async () => {
  const page = await open(`/canvas/${idOf("Weather")}?view=chat`, { viewport: PHONE });
  await page.getByLabel("Your message").waitFor();
  await page.getByRole("button", { name: "Graph", exact: true }).click();
  await node(page, "toolAgent_0").waitFor();
  await isWhole(page);
  const [zoom, tools] = await Promise.all([page.getByRole("button", { name: "Fit the whole graph" }).boundingBox(), page.getByRole("toolbar", { name: "Tools" }).boundingBox()]);
  assert.ok(zoom.x + zoom.width <= tools.x || tools.y + tools.height <= zoom.y, "the two bars do not cover each other");
  assert.ok(tools.x + tools.width <= PHONE.width);
  // What was looked at is looked at still, after another look at the chat.
  await page.getByRole("button", { name: "Zoom in", exact: true }).click();
  await standsStill(page);
  const lookedAt = await zoomOf(page);
  await page.getByRole("button", { name: "Chat", exact: true }).click();
  await page.getByLabel("Your message").waitFor();
  await page.getByRole("button", { name: "Graph", exact: true }).click();
  await node(page, "toolAgent_0").waitFor();
  await standsStill(page);
  assert.equal(await zoomOf(page), lookedAt);
  await page.context().close();
});

test("on a phone the details of a node make room for choosing where a wire leads", async () => {
  const page = await open(`/canvas/${idOf("Weather")}`, { viewport: PHONE });
  await node(page, "toolAgent_0").focus();
  await page.keyboard.press("c");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Choose a port").waitFor();
  assert.equal(await dialog.count(), 1);
  await assertAccessible(page, "connecting on a phone");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog", { name: "Node details" }).getByLabel("Name of this node").waitFor();
  await page.context().close();
});

test("a panel that opens beside the graph leaves the whole of it in view", async () => {
  const page = await open(`/canvas/${idOf("Ask the cave")}`);
  await node(page, "memoryVectorStore_0").waitFor();
  await isWhole(page);
  await page.getByRole("button", { name: "Show or hide the side panel" }).click();
  await page.getByRole("tab", { name: "Outline" }).waitFor();
  await isWhole(page);
  await page.context().close();
});

test("from afar cards say their names only, from farther still they are blocks, and no wire moves for it", async () => {
  const made = flow("From afar", JSON.stringify(largeFlow(FIRST, 60)), 1);
  mock.state.flows.push(made);
  const page = await open(`/canvas/${made.id}`);
  await node(page, "llmChain_3").waitFor();
  await standsStill(page);
  const canvas = page.locator("[data-canvas]");
  const heightOf = () => page.evaluate(() => document.querySelector('.react-flow__node[data-id="llmChain_3"]').offsetHeight);
  const wires = () => page.evaluate(() => [...document.querySelectorAll(".react-flow__edge-path")].map((path) => path.getAttribute("d")).join());
  assert.equal(await canvas.getAttribute("data-far"), "block");
  assert.ok(!(await node(page, "llmChain_3").getByText("LLM Chain").first().isVisible()));
  const [height, drawn] = [await heightOf(), await wires()];
  await canvas.focus();
  while ((await zoomOf(page)) < 0.3) {
    await page.keyboard.press("+");
    await standsStill(page);
  }
  assert.equal(await canvas.getAttribute("data-far"), "name");
  assert.ok(await node(page, "llmChain_3").getByText("LLM Chain").first().isVisible());
  assert.ok(!(await node(page, "llmChain_3").getByText("Output Parser").isVisible()));
  await assertAccessible(page, "a flow from afar");
  await page.keyboard.press("0");
  await eventually(async () => assert.equal(await canvas.getAttribute("data-far"), null));
  assert.ok(await node(page, "llmChain_3").getByText("Output Parser").isVisible());
  assert.deepEqual([await heightOf(), await wires()], [height, drawn]);
  await page.context().close();
});

test("a node without a drawing of its own shows its letters in its category's colour", async () => {
  const page = await open(`/canvas/${idOf("Weather")}`);
  await node(page, "chatOpenAI_0").click();
  for (const place of [node(page, "chatOpenAI_0"), page.getByRole("complementary", { name: "Node details" })]) {
    const letters = place.locator(".icon-tile .icon-letters").first();
    await letters.waitFor();
    assert.equal(await letters.textContent(), "Oa");
  }
  await page.context().close();
});

test("a field of a long form is found by its name, also inside what is chosen in another, and is put back to its default", async () => {
  const step = CATALOG.find((entry) => entry.name === "llmAgentflow");
  const inputs = { llmModel: "chatOpenAI", llmModelConfig: { llmModel: "chatOpenAI", temperature: 0.2 } };
  const made = flow("Long form", JSON.stringify({ nodes: [{ id: "llmAgentflow_0", type: "agentFlow", position: { x: 0, y: 0 }, data: { ...step, id: "llmAgentflow_0", inputParams: step.inputs, inputAnchors: [], outputAnchors: [], inputs, outputs: {} } }], edges: [] }), 1, { type: "AGENTFLOW" });
  mock.state.flows.push(made);
  const page = await open(`/v2/agentcanvas/${made.id}?node=llmAgentflow_0`);
  const details = page.getByRole("complementary", { name: "Node details" });
  const find = details.getByRole("searchbox", { name: "Find a field" });
  await find.fill("nonsense");
  await details.getByText("No field is called that.").waitFor();
  assert.equal(await details.getByText("Messages", { exact: true }).count(), 0);
  await find.fill("temperature");
  const temperature = details.getByRole("textbox", { name: "Temperature" });
  assert.equal(await temperature.inputValue(), "0.2");
  assert.equal(await details.getByText("Model Name").count(), 0);
  await assertAccessible(page, "a searched form");
  await details.getByRole("button", { name: "Reset Temperature to its default" }).click();
  assert.equal(await temperature.inputValue(), "0.9");
  assert.equal(await details.getByRole("button", { name: "Reset Temperature to its default" }).count(), 0);
  await find.press("Escape");
  await details.getByText("Messages", { exact: true }).first().waitFor();
  await page.context().close();
});

test("a node that is dragged near another's edge is put in line with it, and a line shows so", async () => {
  const made = flow("In line", JSON.stringify(largeFlow(FIRST, 6)), 1);
  mock.state.flows.push(made);
  const page = await open(`/canvas/${made.id}`);
  await node(page, "llmChain_1").waitFor();
  await page.locator("[data-canvas]").focus();
  await standsStill(page);
  const zoom = await zoomOf(page);
  const box = await node(page, "llmChain_0").boundingBox();
  const [x, y] = [box.x + box.width / 2, box.y + 20];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x, y + 90, { steps: 4 });
  // Three pixels beside the place of the other's start.
  const other = await node(page, "promptTemplate_0").boundingBox();
  await page.mouse.move(x + other.x - box.x + 3, y + 150, { steps: 6 });
  await page.locator('[data-guide="x"]').waitFor({ state: "attached" });
  await page.mouse.up();
  await page.locator("[data-guide]").waitFor({ state: "detached" });
  const placed = await node(page, "llmChain_0").boundingBox();
  assert.ok(Math.abs(placed.x - other.x) < 1, `${placed.x} is in line with ${other.x}`);
  const stored = () => JSON.parse(mock.state.flows.find((entry) => entry.id === made.id).work?.draft?.flowData ?? made.flowData);
  const at = (id) => stored().nodes.find((one) => one.id === id).position.x;
  await eventually(() => assert.equal(at("llmChain_0"), at("promptTemplate_0")));
  assert.ok(zoom > 0);
  await page.context().close();
});

test("nothing complained", () => assert.deepEqual(complaints, []));
