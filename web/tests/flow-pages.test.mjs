// What an agentflow does by itself and where it fails, in a real browser against the stand-in server, each page checked for accessibility.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { assertAccessible as accessible } from "./accessible.mjs";
import { launchBrowser, newContext } from "./browser.mjs";
import { startMockServer } from "./mock-server.mjs";

let mock;
let browser;
let page;
const complaints = [];

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
  const context = await newContext(browser, { storageState: mock.signedIn() });
  page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(`page error: ${error.message}`));
});

const assertAccessible = (where, scope) => accessible(page, where, scope);
const node = (id) => page.locator(`.react-flow__node[data-id="${id}"]`);
const details = () => page.getByRole("complementary", { name: "Node details" });
const saved = () => page.getByText("Saved", { exact: true }).waitFor();
const flowOf = (name) => mock.state.flows.find((entry) => entry.name === name);
const draftOf = (name) => JSON.parse(flowOf(name).work?.draft?.flowData ?? flowOf(name).flowData);

test("a step says what happens where it fails, and Start what a run may spend", async () => {
  const { id } = flowOf("Nightly report");
  await page.goto(`${mock.url}/v2/agentcanvas/${id}?node=llmAgentflow_0`);
  await details().getByText("When it fails").click();
  await details().getByLabel("On failure").selectOption("branch");
  await details().getByLabel("New tries").fill("3");
  await details().getByLabel("Seconds per try").fill("20");
  await details().getByLabel("a lost connection").click();
  await details().getByLabel("Model that stands in").click();
  await page.getByRole("option", { name: "OpenAI", exact: true }).click();
  await details().getByText("Settings of OpenAI").waitFor();
  await details().getByLabel("May run twice").click();
  await assertAccessible("what happens where a step fails");
  await saved();
  const data = () => draftOf("Nightly report").nodes.find((one) => one.id === "llmAgentflow_0").data;
  assert.deepEqual(data().envelope, { onError: "branch", retries: 3, timeout: 20, retryOn: ["transport"], fallbackModel: { name: "chatOpenAI", config: {} }, repeatable: false });
  assert.equal(data().outputAnchors.at(-1).id, "llmAgentflow_0-output-error");
  await node("llmAgentflow_0").getByText("error", { exact: true }).waitFor();
  await page.goto(`${mock.url}/v2/agentcanvas/${id}?node=startAgentflow_0`);
  await details().getByText("Budget of a run").click();
  await details().getByLabel("Tokens").fill("5000");
  await details().getByLabel("US dollars").fill("0.25");
  await saved();
  assert.deepEqual(draftOf("Nightly report").nodes.find((one) => one.id === "startAgentflow_0").data.envelope, { budget: { tokens: 5000, cost: 0.25 } });
});

test("nothing was complained about", () => {
  assert.deepEqual(complaints, []);
});
