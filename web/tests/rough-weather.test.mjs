// What the page does when things go wrong, in a real browser against the stand-in server, which can be told to misbehave.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { eventually, launchBrowser, newContext } from "./browser.mjs";
import { flow, startMockServer } from "./mock-server.mjs";

/** Would run if any text of a flow or a chat were taken for markup. */
const ATTACK = `<img src=x onerror="window.attacked=1"><script>window.attacked=1</script>[x](javascript:window.attacked=1)`;

let mock;
let browser;
let page;

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
  page = await (await newContext(browser, { storageState: mock.signedIn() })).newPage();
  await page.goto(`${mock.url}/chatflows`);
});

async function signIn() {
  await page.getByLabel("E-mail").fill(mock.state.account.email);
  await page.getByLabel("Password", { exact: true }).fill(mock.state.account.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname !== "/signin");
}

async function openFlow(name) {
  await page.getByRole("main").getByRole("link", { name }).click();
  await page.waitForURL("**/canvas/*");
  await page.getByLabel("Your message").waitFor();
}

async function send(question) {
  await page.getByLabel("Your message").fill(question);
  await page.keyboard.press("Enter");
}

const answerIn = (state) => page.locator(`article[data-state="${state}"]`).last();

test("an expired token is renewed without a word", async () => {
  await openFlow("Built-in model");
  mock.state.access.clear();
  await send("Are you there?");
  await answerIn("done").waitFor();
  assert.equal(new URL(page.url()).pathname.split("/")[1], "canvas");
});

test("an ended session leads to sign-in and back, with the question kept", async () => {
  await openFlow("Built-in model");
  const where = page.url();
  mock.state.access.clear();
  mock.state.refresh.clear();
  await send("A question that must not get lost");
  await page.getByText("Your session has ended").waitFor();
  await signIn();
  await page.waitForURL(where);
  await eventually(async () => assert.equal(await page.getByLabel("Your message").inputValue(), "A question that must not get lost"));
});

test("a server that goes away is told, and the page mends itself when it is back", async () => {
  await page.getByRole("main").getByRole("link", { name: "Built-in model" }).waitFor();
  mock.state.down = true;
  await page.getByRole("searchbox").fill("cave");
  await page.getByRole("heading", { name: "This did not load" }).waitFor();
  await page.getByText("We keep trying").waitFor();
  mock.state.down = false;
  await page.getByRole("main").getByRole("link", { name: "Ask the cave handbook" }).waitFor();
  await page.getByText("We keep trying").waitFor({ state: "detached" });
});

test("signing in while the server is gone says so", async () => {
  // A window of its own: nobody is signed in there, and no answer under way changes that.
  await page.context().close();
  page = await (await newContext(browser)).newPage();
  await page.goto(`${mock.url}/signin`);
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  mock.state.down = true;
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill("whatever");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("cannot be reached").waitFor();
});

test("an answer that breaks off keeps its text and can be asked again", async () => {
  await openFlow("Built-in model");
  await send("please break in the middle");
  await answerIn("failed").waitFor();
  await eventually(async () => assert.match(await answerIn("failed").innerText(), /You asked[\s\S]*The answer broke off[\s\S]*closed the connection/));
  await answerIn("failed").getByRole("button", { name: "Try again" }).click();
  await answerIn("failed").waitFor();
  await eventually(async () => assert.equal(await page.getByRole("article").filter({ hasText: "You: please break" }).count(), 1, "the question is not there twice"));
});

test("a refusal before the stream names the reason and the request", async () => {
  await openFlow("Built-in model");
  await send("please refuse this");
  await answerIn("failed").waitFor();
  await eventually(async () => assert.match(await answerIn("failed").innerText(), /no model file was found[\s\S]*Request [0-9a-f-]{36}/));
});

test("a flow that cannot stream answers in one piece", async () => {
  await openFlow("Built-in model");
  await send("echo this unstreamed");
  await answerIn("done").waitFor();
  await eventually(async () => assert.match(await answerIn("done").innerText(), /this unstreamed/));
});

test("tools and sources are there to open", async () => {
  await openFlow("Weather and sums");
  await send("How warm is it?");
  await page.getByText("Used 2 tools: weather_lookup, calculator").click();
  await page.getByText("14 °C, light rain").waitFor();
  await page.goBack();
  await openFlow("Ask the cave handbook");
  await send("What is flowstone?");
  await page.getByText("2 sources").click();
  await page.getByText("iron makes it red").waitFor();
});

test("a damaged flow is drawn and its problems lead to their nodes", async () => {
  await openFlow("Brought from another server");
  await page.getByRole("button", { name: /^\d+ problems$/ }).click();
  await page.getByRole("button", { name: /Quantum chat.*does not have/ }).click();
  await page.getByRole("complementary", { name: "Node details" }).getByText("Unknown node").waitFor();
  await page.keyboard.press("Escape");
});

test("a graph that is no JSON says so, and the chat beside it works", async () => {
  await openFlow("Half a file");
  await page.getByRole("heading", { name: "The saved graph cannot be read" }).waitFor();
  await send("Still there?");
  await answerIn("done").waitFor();
});

test("texts of flows and chats are never taken for markup", async () => {
  const graph = JSON.parse(mock.state.flows[0].flowData);
  for (const node of graph.nodes) {
    node.data.label = ATTACK;
    if (node.data.inputs.note) node.data.inputs.note = ATTACK;
    if (node.data.inputs.template) node.data.inputs.template = ATTACK;
  }
  const bad = flow(`Attack ${ATTACK}`, JSON.stringify(graph), 1, { category: ATTACK, chatbotConfig: JSON.stringify({ starterPrompts: { 0: { prompt: ATTACK } } }) });
  mock.state.flows.push(bad);
  await page.goto(`${mock.url}/chatflows`);
  await openFlow(/Attack/);
  await page.locator(".react-flow__node-node").last().click();
  await page.getByRole("complementary", { name: "Node details" }).getByRole("button", { name: "Close" }).click();
  await send(`echo ${ATTACK}`);
  await answerIn("done").waitFor();
  assert.equal(await page.evaluate(() => window.attacked), undefined);
  assert.equal(await page.locator("img").count(), 0);
  mock.state.flows.pop();
});

const choose = (name, text) => page.locator("input[type=file]").first().setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(text) });

test("an import says what is wrong with a file, and opens what is right", async () => {
  await page.getByRole("main").getByRole("link", { name: "Built-in model" }).waitFor();
  await choose("notes.json", "these are not flows");
  await page.getByText("“notes.json” is not JSON", { exact: false }).first().waitFor();
  await page.keyboard.press("Escape");
  await choose("list.json", "[1,2]");
  await page.getByText("“list.json” holds no flow", { exact: false }).first().waitFor();
  await page.keyboard.press("Escape");
  const graph = mock.state.flows[0].flowData;
  await choose("Greeter Chatflow.json", graph);
  await page.getByRole("dialog").getByLabel("Name").waitFor();
  assert.notEqual(mock.state.flows[0].name, "Greeter", "nothing is written before it is confirmed");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.waitForURL("**/canvas/*");
  await page.getByRole("heading", { name: "Greeter" }).waitFor();
  await eventually(() => assert.deepEqual(JSON.parse(mock.state.flows[0].flowData), JSON.parse(graph), "nothing of the flow is lost"));
});

test("a workspace comes in as planned: beside, over, or not at all", async () => {
  await page.getByRole("main").getByRole("link", { name: "Built-in model" }).waitFor();
  const [kept, replaced] = ["Ask the cave handbook", "Weather and sums"].map((name) => mock.state.flows.find((entry) => entry.name === name));
  const countBefore = mock.state.flows.length;
  const file = { ChatFlow: [{ ...kept, category: "Lost" }, { ...replaced, id: "elsewhere", category: "From a file" }, { ...kept, id: "unseen", name: "Quite new" }] };
  await choose("ExportData.json", JSON.stringify(file));
  await page.getByLabel("What to do with Ask the cave handbook").selectOption("Leave it out");
  await page.getByLabel("What to do with Weather and sums").selectOption("Replace");
  await page.getByRole("button", { name: "Import", exact: true }).click();
  await page.getByRole("heading", { name: "Imported" }).waitFor();
  await page.getByText("you chose to keep those that are here", { exact: false }).waitFor();
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("main").getByRole("link", { name: "Quite new" }).waitFor();
  assert.equal(mock.state.flows.length, countBefore + 1);
  assert.equal(replaced.category, "From a file");
  assert.equal(kept.category, "Knowledge");
  mock.state.flows = mock.state.flows.filter((entry) => entry.name !== "Quite new");
});

test("a deleted flow comes back by undo, and is gone when the page is left without it", async () => {
  const here = () => mock.state.flows.some((entry) => entry.name === "Empty");
  const card = page.getByRole("main").getByRole("link", { name: "Empty" });
  const remove = async () => {
    await page.getByRole("button", { name: "Actions for Empty" }).click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await card.waitFor({ state: "detached" });
  };
  await remove();
  assert.ok(here(), "the server is not told yet");
  await page.getByRole("button", { name: "Undo" }).click();
  await card.waitFor();
  assert.ok(here());
  await remove();
  const told = page.waitForRequest((request) => request.method() === "DELETE");
  await page.getByRole("button", { name: "Dismiss" }).click();
  await (await told).response();
  assert.ok(!here());
  assert.equal(await card.count(), 0);
});

test("what the server refuses to delete comes back, with the reason", async () => {
  mock.state.refuseDeletes = true;
  await page.getByRole("button", { name: "Actions for Half a file" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("button", { name: "Dismiss" }).click();
  await page.getByText("Not deleted: The database is locked.").first().waitFor();
  await page.getByRole("main").getByRole("link", { name: "Half a file" }).waitFor();
  mock.state.refuseDeletes = false;
});

test("a page that is not for this person says so, and the menu does not lead there", async () => {
  await page.evaluate(() => {
    const session = JSON.parse(localStorage.getItem("flowstone.session"));
    localStorage.setItem("flowstone.session", JSON.stringify({ ...session, isOrganizationAdmin: false, permissions: ["agentflows:view"] }));
  });
  await page.goto(mock.url);
  await page.waitForURL("**/agentflows");
  const menu = page.getByRole("navigation", { name: "Main navigation" });
  await menu.getByRole("link", { name: "Agentflows" }).waitFor();
  for (const name of ["Chatflows", "Templates", "Credentials"]) assert.equal(await menu.getByRole("link", { name }).count(), 0, name);
  assert.equal(await page.getByRole("link", { name: "New agentflow" }).count(), 0, "nor is offered what would be refused");
  await page.goto(`${mock.url}/chatflows`);
  await page.getByRole("heading", { name: "You may not see this page" }).waitFor();
});

test("the chat goes on while the window changes shape", async () => {
  await openFlow("Built-in model");
  await send("slow please");
  await answerIn("writing").waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("button", { name: "Chat", exact: true }).click();
  await answerIn("done").waitFor();
});

test("the chat's width is set by keyboard and remembered", async () => {
  await openFlow("Built-in model");
  const line = page.getByRole("separator", { name: "Width of the chat" });
  const first = Number(await line.getAttribute("aria-valuenow"));
  await line.press("ArrowLeft");
  await eventually(async () => assert.equal(Number(await line.getAttribute("aria-valuenow")), first + 24));
  await page.reload();
  await eventually(async () => assert.equal(Number(await line.getAttribute("aria-valuenow")), first + 24));
});
