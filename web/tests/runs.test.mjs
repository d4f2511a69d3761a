// Runs on the canvas in a real browser, against the stand-in server: live at the nodes, decided there, kept, repeated,
// compared; pinned outputs and breakpoints; and the page of executions. axe looks at each.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible } from "./accessible.mjs";
import { launchBrowser, newContext } from "./browser.mjs";
import { tripGraph } from "./mock-runs.mjs";
import { flow, startMockServer } from "./mock-server.mjs";

let mock;
let browser;
const complaints = [];
const DONE = "dddddddd-4444-4444-8444-444444444444";
const FAILED = "eeeeeeee-5555-4555-8555-555555555555";

before(async () => {
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await mock?.close();
});

/** A server with one flow of its own, whose nodes have `data` besides; a page on its canvas. */
async function openTrip({ data, search = "", ...more } = {}) {
  await mock?.close();
  mock = await startMockServer({ fresh: false, flows: [flow("Trip planner", tripGraph(data), 5, { type: "AGENTFLOW" })] });
  const context = await newContext(browser, { storageState: mock.signedIn(), ...more });
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(`${mock.url}/v2/agentcanvas/${mock.state.flows[0].id}${search}`);
  await page.locator(".react-flow__node, ol[aria-label]").first().waitFor();
  return page;
}

const node = (page, name) => page.locator(`.react-flow__node[data-id="${name}Agentflow_0"]`);
const runs = (page) => page.getByRole("region", { name: "Runs of this flow" });
const at = (page, name, status) => node(page, name).locator(`[data-run="${status}"]`).waitFor();

async function ask(page, question) {
  await page.getByLabel("Your message").fill(question);
  await page.keyboard.press("Enter");
}

test("a run is seen at the nodes, and decided at the node that asks", async () => {
  const page = await openTrip();
  await ask(page, "May we go?");
  await at(page, "humanInput", "waiting");
  await at(page, "llm", "finished");
  await node(page, "llm").getByText(/150 tokens · \$0\.000/).waitFor();
  const decision = node(page, "humanInput").getByRole("region", { name: "Decision at Ask the leader" });
  await page.getByRole("region", { name: "Chat" }).getByRole("region", { name: "Decision" }).waitFor();
  await assertAccessible(page, "a decision at its node");
  await decision.getByLabel("Your reason (optional)").fill("Ropes are ready.");
  const sent = page.waitForRequest((request) => request.url().includes("/internal-prediction/"));
  await decision.getByRole("button", { name: "Proceed" }).click();
  assert.deepEqual((await sent).postDataJSON().humanInput, { type: "proceed", startNodeId: "humanInputAgentflow_0", feedback: "Ropes are ready." });
  await at(page, "directReply", "finished");
  await at(page, "llm", "finished");
  assert.equal(await page.getByRole("region", { name: "Decision" }).count(), 0);
  await page.context().close();
});

test("a tool is allowed at the node that wants it", async () => {
  const page = await openTrip();
  await ask(page, "Is it allowed?");
  const decision = node(page, "agent").getByRole("region", { name: "Decision" });
  await decision.getByText("water_level").waitFor();
  await decision.getByText("The flow wants to call a tool. Allow it?").waitFor();
  await decision.getByRole("button", { name: "Yes" }).click();
  await at(page, "agent", "finished");
  await page.context().close();
});

test("an error stands at its node, and leads to the setting that is to blame", async () => {
  const page = await openTrip();
  await ask(page, "May we go unlocked?");
  await at(page, "agent", "failed");
  await node(page, "agent").getByText("The key was refused.").first().waitFor();
  await node(page, "agent").getByRole("button", { name: "Go to Connect Credential" }).click();
  await page.locator('[data-field="agentKey"]').locator("input, textarea, [contenteditable]").first().waitFor();
  await page.waitForFunction(() => document.activeElement?.closest("[data-field]")?.getAttribute("data-field") === "agentKey");
  await page.context().close();
});

test("kept runs are listed under the canvas, opened at the nodes and walked by keyboard", async () => {
  const page = await openTrip();
  await page.getByRole("button", { name: "Runs", exact: true }).click();
  await runs(page).getByRole("button", { name: /Finished/ }).waitFor();
  await runs(page).getByText(/2 runs/).waitFor();
  await assertAccessible(page, "runs of a flow");
  await runs(page).getByLabel("State").selectOption("ERROR");
  await runs(page).getByRole("button", { name: /Finished/ }).waitFor({ state: "detached" });
  await runs(page).getByLabel("State").selectOption("");
  await runs(page).getByRole("button", { name: /Finished/ }).click();
  await page.waitForURL(new RegExp(`run=${DONE}`));
  await at(page, "directReply", "finished");
  const row = (name) => runs(page).getByRole("treeitem", { name });
  await row(/Plan the trip/).focus();
  await page.keyboard.press("Home");
  for (const name of [/water_level/, /Search/, /chatOpenAI/]) await row(name).first().waitFor();
  await row(/water_level/).click();
  await runs(page).getByText("Postojna").waitFor();
  await assertAccessible(page, "a run on the canvas");
  await runs(page).getByRole("button", { name: "Close the runs" }).click();
  await page.locator("[data-run]").first().waitFor({ state: "detached" });
  await page.context().close();
});

test("a run goes again from a node, on the draft and with other settings, and is compared with the one before", async () => {
  const page = await openTrip({ search: `?run=${DONE}` });
  await runs(page).getByRole("treeitem", { name: /Plan the trip/ }).first().click();
  await runs(page).getByRole("button", { name: "Run again from here" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("switch", { name: "With other settings" }).click();
  await dialog.getByLabel("Message").fill("Plan it well.");
  await assertAccessible(page, "running again", "[role=dialog]");
  await dialog.getByRole("button", { name: "Run again" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.waitForURL((address) => !address.search.includes(DONE) && address.search.includes("run="));
  assert.deepEqual(mock.state.lastRerun, { nodeId: "llmAgentflow_0", flow: "draft", inputs: { llmUserMessage: "Plan it well." } });
  await at(page, "humanInput", "waiting");
  await runs(page).getByText("Again", { exact: true }).waitFor();
  await runs(page).getByRole("button", { name: "Proceed" }).click();
  await at(page, "directReply", "finished");

  await runs(page).getByRole("button", { name: "Compare with…" }).click();
  await page.getByRole("menuitem", { name: /the run before/ }).click();
  const sides = runs(page).getByRole("region", { name: "Two runs side by side" });
  await sides.getByText("1 turn differs").waitFor();
  await sides.getByLabel("Only what differs").check();
  await sides.getByText("Plan the trip").click();
  await sides.getByText("Plan: Plan it well.").waitFor();
  await sides.getByText("Plan: Plan it.", { exact: true }).waitFor();
  await assertAccessible(page, "two runs side by side");
  await page.context().close();
});

test("an output is pinned from a run and by hand, is used, and is let go", async () => {
  const page = await openTrip({ search: `?run=${DONE}` });
  await runs(page).getByRole("treeitem", { name: /Plan the trip/ }).first().click();
  await runs(page).getByRole("button", { name: "Pin this output" }).click();
  await node(page, "llm").locator("[data-pinned]").waitFor();
  await page.getByText("1 pinned output").waitFor();
  const details = page.getByRole("complementary", { name: "Node details" });
  await details.getByRole("region", { name: "Trying out" }).getByRole("button", { name: "Change" }).click();
  const dialog = page.getByRole("dialog");
  const text = dialog.locator(".cm-content");
  await text.click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText("nonsense");
  await dialog.getByRole("button", { name: "Pin", exact: true }).click();
  await dialog.getByText(/A JSON object is expected/).waitFor();
  await text.click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText('{"content": "By hand."}');
  await assertAccessible(page, "writing an output", "[role=dialog]");
  await dialog.getByRole("button", { name: "Pin", exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  await details.getByText("By hand.").waitFor();
  await details.getByRole("button", { name: "Close" }).click();

  const sent = page.waitForRequest((request) => request.url().includes("/internal-prediction/"));
  await ask(page, "May we go?");
  assert.equal((await sent).postDataJSON().draft, true, "pins count in the draft alone");
  await node(page, "llm").getByText("Pinned output").waitFor();
  await at(page, "humanInput", "waiting");
  await page.getByRole("status").filter({ hasText: "1 pinned output" }).getByRole("button", { name: "Clear" }).click();
  await node(page, "llm").locator("[data-pinned]").waitFor({ state: "detached" });
  await page.context().close();
});

test("a breakpoint is set by key, stops the run before its node, and lets it go on or ends it", async () => {
  const page = await openTrip();
  await node(page, "agent").click();
  await node(page, "agent").focus();
  await page.keyboard.press("b");
  await node(page, "agent").locator("[data-breakpoint]").waitFor();
  await page.getByText("1 breakpoint").waitFor();
  await page.getByRole("complementary", { name: "Node details" }).getByRole("button", { name: "Close" }).click();
  await ask(page, "May we go?");
  const decision = node(page, "agent").getByRole("region", { name: "Decision" });
  await decision.getByText("Stopped before this node.").waitFor();
  await assertAccessible(page, "a run before a breakpoint");
  await decision.getByRole("button", { name: "Continue" }).click();
  await at(page, "agent", "finished");
  await at(page, "humanInput", "waiting");
  await page.context().close();

  const other = await openTrip({ data: { llmAgentflow: { breakpoint: true } } });
  await ask(other, "May we go?");
  await node(other, "llm").getByRole("button", { name: "Stop", exact: true }).click();
  await at(other, "llm", "stopped");
  await other.context().close();
});

test("on a phone runs are listed, decided and shown in the outline", async () => {
  const page = await openTrip({ search: "?view=outline", viewport: { width: 390, height: 844 } });
  await page.getByRole("button", { name: "More of this flow" }).click();
  await page.getByRole("menuitem", { name: "Runs", exact: true }).click();
  await runs(page).getByRole("button", { name: /Failed/ }).click();
  await page.waitForURL(new RegExp(`run=${FAILED}`));
  await page.getByRole("list", { name: "Outline" }).getByText(/Failed: The key was refused/).waitFor();
  await assertAccessible(page, "a run on a phone");
  await page.context().close();
});

test("executions tell what they cost, are narrowed to a conversation, and lead to the canvas", async () => {
  const page = await openTrip();
  await page.goto(`${mock.url}/executions`);
  await page.getByRole("button", { name: /Trip planner/ }).first().waitFor();
  await page.getByText("All time", { exact: true }).click();
  await page.getByRole("group", { name: "Cost of each flow" }).getByText("Trip planner").waitFor();
  await assertAccessible(page, "executions with their cost");
  const { sessionId } = mock.state.executions.find((entry) => entry.id === DONE);
  await page.getByRole("button", { name: sessionId }).click();
  await page.getByText(`Only the conversation ${sessionId}`).waitFor();
  await page.getByRole("button", { name: "Approve the trip" }).first().waitFor({ state: "detached" });
  await page.getByRole("button", { name: /Trip planner/ }).first().click();
  await page.getByRole("dialog").getByRole("link", { name: "Show on the canvas" }).click();
  await page.waitForURL(/agentcanvas.*run=dddddddd/);
  await at(page, "directReply", "finished");
  await page.context().close();
});

test("runs of a chatflow stand under its canvas too; the waterfall is filtered and looked at in part", async () => {
  await mock?.close();
  mock = await startMockServer({ fresh: false });
  const context = await newContext(browser, { storageState: mock.signedIn() });
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  const { id } = mock.state.flows.find((entry) => entry.name === "Weather and sums");
  await page.goto(`${mock.url}/canvas/${id}`);
  await page.getByRole("button", { name: "Runs", exact: true }).click();
  await runs(page).getByRole("button", { name: /And tomorrow/ }).waitFor();
  await assertAccessible(page, "runs of a chatflow");
  await runs(page).getByRole("button", { name: /How warm/ }).click();
  await page.locator('.react-flow__node[data-id="toolAgent_0"] [data-run="finished"]').waitFor();
  const from = runs(page).getByRole("slider", { name: "Shown from" });
  await from.focus();
  await page.keyboard.press("Shift+ArrowRight");
  await runs(page).getByRole("button", { name: "All", exact: true }).waitFor();
  await page.waitForFunction(() => document.activeElement?.getAttribute("aria-valuenow") !== "0");
  await assertAccessible(page, "a part of a run's time");
  await runs(page).getByRole("button", { name: "All", exact: true }).click();
  assert.equal(await from.getAttribute("aria-valuenow"), "0");
  await context.close();
});

test("nothing complained", () => assert.deepEqual(complaints, []));
