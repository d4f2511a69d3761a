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
const DIALOG = "[role=dialog]";
const button = (name) => page.getByRole("button", { name, exact: true });
const dialog = () => page.getByRole("dialog");
const node = (id) => page.locator(`.react-flow__node[data-id="${id}"]`);
const details = () => page.getByRole("complementary", { name: "Node details" });
const saved = () => page.getByText("Saved", { exact: true }).waitFor();
const flowOf = (name) => mock.state.flows.find((entry) => entry.name === name);
const draftOf = (name) => JSON.parse(flowOf(name).work?.draft?.flowData ?? flowOf(name).flowData);
const heading = (name) => page.getByRole("heading", { name, exact: true }).first().waitFor({ state: "attached" });

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

test("a schedule tells when it is due next and what came of it, and is switched off", async () => {
  const { id } = flowOf("Morning brief");
  await page.goto(`${mock.url}/flow/${id}/trigger`);
  await heading("Schedule");
  await page.getByText("30 7 * * 1-5").waitFor();
  await page.getByRole("listitem").filter({ hasText: "7:30" }).nth(4).waitFor();
  await page.getByRole("cell", { name: "Missed" }).waitFor();
  await page.getByText("the service answered 503").waitFor();
  await assertAccessible("a schedule");
  await page.getByRole("switch", { name: "Runs by itself" }).press("Space");
  await page.getByText("None while it is switched off.").waitFor();
  assert.equal(mock.state.sides.get(id).enabled, false);
  await button("Status").click();
  await page.getByRole("menuitemradio", { name: "Running" }).or(page.getByRole("menuitemcheckbox", { name: "Running" })).click();
  await page.getByText("Nothing matches these filters").waitFor();
  await page.keyboard.press("Escape");
  // By hand it runs all the same.
  await button("Run now").click();
  const fired = page.getByRole("row").filter({ hasText: "by hand" });
  await fired.getByText("Running").waitFor();
  await fired.getByRole("link", { name: "Show the run" }).waitFor();
});

test("a webhook has a secret that is shown once", async () => {
  const { id } = flowOf("Signed hook");
  await page.goto(`${mock.url}/flow/${id}/trigger`);
  await heading("Webhook");
  await page.getByText("There is no secret yet").waitFor();
  await page.getByText(`/api/v1/webhook/${id}`).first().waitFor();
  await button("Make a secret").click();
  await page.getByText("5f1d0c7a9e3b4286a0d7e1c95b38f6420a7d").waitFor();
  await assertAccessible("a webhook with a new secret");
  await button("Remove it").click();
  await dialog().getByText("without a secret, every call is refused").waitFor();
  await assertAccessible("removing a webhook's secret", DIALOG);
  await dialog().getByRole("button", { name: "Remove it" }).click();
  await page.getByText("There is no secret yet").waitFor();
});

test("a call that arrives while somebody listens is shown with what came of it", async () => {
  const { id } = flowOf("Order arrives");
  await page.goto(`${mock.url}/flow/${id}/trigger`);
  await heading("Webhook");
  await button("Listen for a test call").click();
  await page.getByText("Waiting for a call").waitFor();
  await page.getByText("Send a call from here").click();
  await page.getByLabel("Body (JSON)").fill('{"order": ');
  await page.getByText("This is no JSON object.").waitFor();
  await page.getByLabel("Body (JSON)").fill('{"order": 4711}');
  await button("Send the test call").click();
  const call = page.getByRole("article", { name: "Call 1" });
  await call.getByText('"order": 4711').waitFor();
  await call.getByText("Got it").waitFor();
  await call.getByText("Direct Reply").waitFor();
  await assertAccessible("a webhook that is listened to");
  await button("Stop listening").click();
  await button("Listen for a test call").waitFor();
});

test("a form tells its fields, where it is filled in, and the call instead", async () => {
  await page.goto(`${mock.url}/flow/${flowOf("Ask for a visit").id}/trigger`);
  await heading("Form");
  await page.getByText("{{ $form.people }}").waitFor();
  await page.getByText('"form":{"who":"text","people":1,"day":"Saturday"}').waitFor();
  await assertAccessible("a form");
  await page.goto(`${mock.url}/flow/${flowOf("Nightly report").id}/trigger`);
  await heading("This flow is started by its chat");
  await page.goto(`${mock.url}/v2/agentcanvas/${flowOf("Order arrives").id}?node=startAgentflow_0`);
  await details().getByRole("link", { name: "Secret and test calls" }).click();
  await heading("Webhook");
});

test("a flow is served as an MCP server, with a name, a token and what to tell clients", async () => {
  const { id } = flowOf("Nightly report");
  await page.goto(`${mock.url}/flow/${id}/settings?section=mcp`);
  await page.getByRole("switch", { name: "Serve as an MCP server" }).click();
  await page.getByText(`/api/v1/mcp/${id}`).first().waitFor();
  await page.getByLabel("Name of the tool").fill("two words");
  await page.getByText("At most 64 letters").waitFor();
  await page.getByLabel("Name of the tool").fill("nightly_report");
  await page.getByLabel("What the tool is for").fill("Writes the report of the night.");
  await assertAccessible("an MCP server's settings");
  await button("Save name and description").click();
  await page.getByText("claude mcp add --transport http nightly_report").waitFor();
  assert.equal(mock.state.sides.get(id).mcp.description, "Writes the report of the night.");
  assert.equal((await page.content()).includes("first-8b1e44c07da2"), false, "the token is not shown unasked");
  await button("Show the token").click();
  await page.getByText("first-8b1e44c07da2", { exact: true }).waitFor();
  await page.getByRole("tab", { name: "Cursor" }).click();
  await page.getByText("Bearer first-8b1e44c07da2").waitFor();
  await button("New token").click();
  await dialog().getByRole("button", { name: "New token" }).click();
  await page.getByText("renewed-0d5c1f7b2e94", { exact: true }).waitFor();
  await page.getByRole("switch", { name: "Serve as an MCP server" }).click();
  await page.getByText(`/api/v1/mcp/${id}`).first().waitFor({ state: "hidden" });
});

test("a model draws an agentflow out of a description: refused with the reason, stopped, placed as one edit", async () => {
  await page.goto(`${mock.url}/v2/agentcanvas/${flowOf("Nightly report").id}`);
  await node("llmAgentflow_0").waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("describe what");
  await page.getByRole("option", { name: "Describe what the flow should do" }).click();
  await dialog().getByText("Undo brings it back").waitFor();
  await dialog().getByRole("button", { name: "Draw the flow" }).click();
  await dialog().getByText("Say what the flow should do.").waitFor();
  await dialog().getByText("Choose a model.").waitFor();
  await assertAccessible("describing a flow", DIALOG);
  await dialog().getByLabel("What should the flow do?").fill("some nonsense");
  await dialog().getByLabel("Model that draws").click();
  await page.getByRole("option", { name: "Built-in model" }).click();
  await dialog().getByText("Temperature").first().waitFor();
  await dialog().getByRole("button", { name: "Draw the flow" }).click();
  await dialog().getByText("2 things were wrong").click();
  await dialog().getByText("there is no kind magic").waitFor();
  await assertAccessible("a refused draft", DIALOG);
  await dialog().getByLabel("What should the flow do?").fill("something slowly");
  await dialog().getByRole("button", { name: "Draw the flow" }).click();
  await dialog().getByText("The model draws.").waitFor();
  await dialog().getByRole("button", { name: "Stop" }).click();
  await dialog().getByRole("button", { name: "Draw the flow" }).waitFor();
  assert.equal(await page.locator(".react-flow__node").count(), 4, "the flow is as it was");
  await dialog().getByLabel("What should the flow do?").fill("Say hello");
  await dialog().getByRole("button", { name: "Draw the flow" }).click();
  await dialog().waitFor({ state: "hidden" });
  await node("llmAgentflow_0").waitFor({ state: "detached" });
  assert.equal(await page.locator(".react-flow__node").count(), 2);
  assert.equal(mock.state.drawn.selectedChatModel.name, "chatLocal");
  await button("Undo").click();
  await node("llmAgentflow_0").waitFor();
});

test("what is described on the list of agentflows becomes a flow that opens", async () => {
  await page.goto(`${mock.url}/agentflows`);
  await button("Describe it").click();
  await dialog().getByLabel("What should the flow do?").fill("Greet visitors of the caves and ask them which tour they would like to take today");
  await dialog().getByLabel("Model that draws").click();
  await page.getByRole("option", { name: "Built-in model" }).click();
  await dialog().getByRole("button", { name: "Draw the flow" }).click();
  await page.waitForURL("**/v2/agentcanvas/*");
  await node("directReplyAgentflow_0").waitFor();
  assert.ok(flowOf("Greet visitors of the caves and ask them which tour they…"));
});

test("the conversations of all flows are one list that is narrowed down and leads to each", async () => {
  await page.goto(`${mock.url}/messages`);
  await heading("Messages");
  const list = page.getByRole("list", { name: "Conversations" });
  await list.getByRole("button", { name: /last night/ }).waitFor();
  assert.deepEqual(
    (await list.getByRole("button").allInnerTexts()).map((text) => text.split("\n")[0]),
    ["When are the caves open?", "What happened in the caves last night?", "Do you sell tickets online?", "Is there a bus?"],
  );
  await assertAccessible("conversations of all flows");
  await list.getByRole("button", { name: /last night/ }).click();
  await page.getByText("Two bats came back").waitFor();
  await assertAccessible("a conversation of one of all flows");
  await page.getByLabel("Kind").selectOption("agent");
  await list.getByRole("button", { name: /caves open/ }).waitFor({ state: "detached" });
  await list.getByText("Nightly report").waitFor();
  await page.getByLabel("Rating").selectOption("THUMBS_UP");
  await page.getByText("No conversation fits").waitFor();
  await button("Clear search and filters").click();
  await list.getByRole("button", { name: /caves open/ }).waitFor();
  await page.getByLabel("Search in messages").fill("bus");
  await list.getByRole("button", { name: /last night/ }).waitFor({ state: "detached" });
  await list.getByRole("button", { name: /Is there a bus/ }).waitFor();
});

test("the address of the log tells where it is", async () => {
  await page.goto(`${mock.url}/logs`);
  await heading("Logs");
  await page.getByText("docker logs --follow").waitFor();
  await assertAccessible("logs");
  await page.getByRole("main").getByRole("link", { name: "Runs" }).waitFor();
});

test("a phone shows it all without anything hanging over the edge", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  const pages = [["Morning brief", "trigger", "Schedule"], ["Order arrives", "trigger", "Webhook"], ["Ask for a visit", "trigger", "Form"], ["Nightly report", "settings?section=mcp", "Settings"]].map(([name, path, title]) => [`/flow/${flowOf(name).id}/${path}`, title]);
  for (const [path, title] of [...pages, ["/logs", "Logs"], ["/messages", "Messages"]]) {
    await page.goto(`${mock.url}${path}`);
    await heading(title);
    await page.waitForLoadState("networkidle");
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(over, 0, `${path} hangs over by ${over}`);
  }
});

test("nothing was complained about", () => {
  assert.deepEqual(complaints, []);
});
