// The chat in a real browser, against the stand-in server: everything an answer may hold, forms, decisions, files, the
// public page, runs and executions, and the widget on a page of its own. axe looks at each.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { assertAccessible } from "./accessible.mjs";
import { eventually, launchBrowser, newContext } from "./browser.mjs";
import { chatFlows } from "./mock-chat.mjs";
import { flow, startMockServer } from "./mock-server.mjs";

const PICTURE = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==", "base64");

let mock;
let browser;
const complaints = [];

before(async () => {
  mock = await startMockServer({ fresh: false, flows: chatFlows(flow) });
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await mock?.close();
});

const idOf = (name) => mock.state.flows.find((entry) => entry.name === name).id;
const lastAnswer = (page) => page.locator("article[data-state]").last();

/** A page of its own, signed in unless `anonymous`; what the page complains of fails the test. */
async function open(path, { anonymous = false } = {}) {
  const context = await newContext(browser, anonymous ? {} : { storageState: mock.signedIn() });
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(path.startsWith("http") ? path : `${mock.url}${path}`);
  return page;
}

async function ask(page, question) {
  const answers = page.locator("article[data-state]");
  const present = await answers.count();
  await page.getByLabel("Your message").fill(question);
  await page.keyboard.press("Enter");
  await answers.nth(present).and(page.locator('[data-state="done"]')).waitFor();
}

test("an answer shows everything it holds, and can be rated", async () => {
  const page = await open(`/chat/${idOf("Everything")}`);
  await ask(page, "Everything, please");
  const answer = lastAnswer(page);
  await answer.locator("math").first().waitFor();
  for (const text of ["Thought for 2 s", /Used 1 tool: cave_lookup/, "1 source", "map.csv", "274 tokens"]) await answer.getByText(text).first().waitFor();
  await eventually(async () => assert.equal(await answer.locator("math").count(), 2, "both formulas are drawn"));
  await eventually(async () => assert.ok(await answer.locator(".code-keyword").count(), "code has colours"));
  await eventually(async () => assert.ok(await answer.locator("table td").count(), "the artifact is drawn"));
  await eventually(async () => assert.match(await answer.getByRole("link", { name: /map.csv/ }).getAttribute("href"), /get-upload-file\?chatflowId=.*fileName=map\.csv&download=true/));
  await assertAccessible(page, "an answer with everything");

  await answer.getByRole("button", { name: "Bad answer" }).click();
  await page.getByRole("dialog").waitFor();
  await assertAccessible(page, "the question why", "[role=dialog]");
  await page.getByRole("dialog").locator("textarea").fill("Too long.");
  await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
  await page.getByText("Thank you, your words were stored.", { exact: true }).waitFor();
  await eventually(() => assert.deepEqual(mock.state.feedback.map(({ rating, content }) => [rating, content]), [["THUMBS_DOWN", "Too long."]]));

  // A suggestion is one press away.
  await page.getByRole("button", { name: "Who found it?" }).click();
  await page.getByRole("article").filter({ hasText: "Who found it?" }).first().waitFor();
  await page.context().close();
});

test("a question can be changed, and what came after it is forgotten", async () => {
  const page = await open(`/chat/${idOf("Everything")}`);
  await ask(page, "First question");
  await ask(page, "Second question");
  await page.getByRole("article").filter({ hasText: "You: First question" }).hover();
  await page.getByRole("button", { name: "Change and ask again" }).first().click();
  await page.getByRole("textbox", { name: "Change and ask again" }).fill("Better question");
  await page.keyboard.press("Enter");
  await page.getByText("You asked: “Better question”").waitFor();
  await page.locator('article[data-state="done"]').waitFor();
  await eventually(async () => assert.equal(await page.locator("article[data-state]").count(), 1));
  await page.reload();
  await page.getByText("You asked: “Better question”").waitFor();
  assert.equal(await page.getByText("Second question").count(), 0, "the server forgot it too");

  const asked = page.waitForRequest((request) => request.url().includes("/internal-prediction/"));
  await page.getByRole("button", { name: "Answer again" }).click();
  await asked;
  await page.locator('article[data-state="done"]').waitFor();
  await eventually(() => assert.equal(mock.state.messages.filter((row) => row.content === "Better question").length, 1, "an answer given again is kept once"));
  await page.context().close();
});

test("conversations are listed, opened and deleted", async () => {
  const page = await open(`/chat/${idOf("Team of writers")}`);
  await ask(page, "Write a line");
  await page.getByText("Supervisor").waitFor();
  await page.getByText("Hands on to writer.").or(page.getByText("Write one line.")).first().waitFor();
  await assertAccessible(page, "agents");
  await page.getByRole("complementary").getByRole("button", { name: "New chat" }).click();
  await page.getByText("Ask this flow something").waitFor();
  const row = page.getByRole("list", { name: "Conversations" }).getByRole("button", { name: /Write a line/ }).first();
  await row.click();
  await page.getByText("Flowing stone, standing time.").first().waitFor();
  await row.hover();
  await page.getByRole("button", { name: "Delete “Write a line”" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete this chat" }).click();
  await page.getByText("Nothing was said to this flow yet.").waitFor();
  await page.context().close();
});

test("a picture is attached, what cannot be taken is refused with the reason, a document is read first", async () => {
  const page = await open(`/chat/${idOf("Everything")}`);
  const input = page.locator("input[type=file]");
  await input.setInputFiles({ name: "cave.png", mimeType: "image/png", buffer: PICTURE });
  await input.setInputFiles({ name: "tool.exe", mimeType: "application/x-msdownload", buffer: Buffer.from("MZ") });
  await page.getByText(/“tool.exe” is of a kind that this flow does not take/).first().waitFor();
  await input.setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("stalactites") });
  await page.getByRole("list", { name: "Files" }).getByText("notes.txt").waitFor();
  await assertAccessible(page, "attached files");
  const sent = page.waitForRequest((request) => request.url().includes("/internal-prediction/"));
  await page.getByLabel("Your message").fill("What is this?");
  await page.getByRole("button", { name: "Send" }).click();
  const { uploads } = (await sent).postDataJSON();
  assert.deepEqual(uploads.map(({ type, name }) => [type, name]), [["file", "cave.png"], ["file:full", "notes.txt"]]);
  assert.ok(uploads[0].data.startsWith("data:image/png;base64,"));
  await page.locator('article[data-state="done"]').waitFor();
  await page.getByRole("img", { name: "cave.png" }).waitFor();
  await page.context().close();
});

test("a run that waits for a person goes on with the decision, and the nodes are told", async () => {
  const page = await open(`/chat/${idOf("Approve the trip")}`);
  await ask(page, "May we go?");
  const decision = page.getByRole("region", { name: "Decision" });
  await decision.getByLabel("Your reason (optional)").fill("Ropes are ready.");
  await assertAccessible(page, "a decision");
  await lastAnswer(page).getByText("2 steps").click();
  await lastAnswer(page).getByText("Ask the leader").first().waitFor();
  const sent = page.waitForRequest((request) => request.url().includes("/internal-prediction/"));
  await decision.getByRole("button", { name: "Proceed" }).click();
  assert.deepEqual((await sent).postDataJSON().humanInput, { type: "proceed", startNodeId: "humanInputAgentflow_0", feedback: "Ropes are ready." });
  await page.getByText("In we go. Ropes are ready.", { exact: true }).waitFor();
  assert.equal(await decision.count(), 0);
  await page.context().close();
});

test("the public page asks for an address, answers without a session, and remembers", async () => {
  const page = await open(`/chatbot/${idOf("Everything")}`, { anonymous: true });
  await page.getByRole("heading", { name: "Cave guide" }).waitFor();
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByText("Tell us your name.").waitFor();
  await assertAccessible(page, "the lead form");
  await page.getByLabel("Name").fill("Jo");
  await page.getByLabel("E-mail").fill("jo@example.com");
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByText("Welcome in.").waitFor();
  await eventually(() => assert.equal(mock.state.leads.at(-1).email, "jo@example.com"));
  const sent = page.waitForRequest((request) => request.url().includes("/api/v1/prediction/"));
  await page.getByRole("button", { name: "What is a cave?" }).click();
  const request = await sent;
  assert.equal(request.headers()["x-request-from"], undefined);
  assert.equal(request.postDataJSON().leadEmail, "jo@example.com");
  await page.locator('article[data-state="done"]').waitFor();
  await assertAccessible(page, "the public page");
  assert.equal(await page.getByRole("button", { name: "Show what happened" }).count(), 0, "visitors see no trace");
  await page.reload();
  await page.locator('article[data-state="done"]').waitFor();
  await page.goto(`${mock.url}/chatbot/${idOf("Team of writers")}`);
  await page.getByRole("heading", { name: "This chat is not open" }).waitFor();
  await assertAccessible(page, "a closed chat");
  await page.context().close();
});

test("a flow that starts with a form is filled in and run", async () => {
  const page = await open(`/chatbot/${idOf("Order form")}`, { anonymous: true });
  await page.getByLabel("Cave").fill("Postojna");
  await page.getByLabel("Copies").fill("2");
  await page.getByLabel("Paper").selectOption("A3");
  await page.getByLabel("In colour").check();
  await assertAccessible(page, "the start form");
  const sent = page.waitForRequest((request) => request.url().includes("/api/v1/prediction/"));
  await page.getByRole("button", { name: "Start" }).click();
  assert.deepEqual((await sent).postDataJSON().form, { cave: "Postojna", copies: 2, paper: "A3", colour: true });
  await page.getByText("Printing 2 of Postojna on A3.", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Fill in the form again" }).waitFor();
  await page.context().close();
});

test("runs are listed, and a trace tells what happened", async () => {
  const page = await open("/runs");
  await page.getByRole("button", { name: /And tomorrow/ }).click();
  const trace = page.getByRole("dialog");
  await trace.getByText("Connect Credential:").waitFor();
  await assertAccessible(page, "a failed run", "[role=dialog]");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /How warm/ }).click();
  await trace.getByRole("treeitem", { name: /Tool Agent/ }).focus();
  await page.keyboard.press("End");
  await trace.getByRole("heading", { name: "ChatOpenAI" }).waitFor();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowLeft");
  await eventually(async () => assert.equal(await trace.getByRole("treeitem").count(), 1, "a closed row hides what lies inside"));
  await trace.getByRole("button", { name: "Raw" }).click();
  await assertAccessible(page, "a trace", "[role=dialog]");
  await page.keyboard.press("Escape");
  await page.getByLabel("Search questions").fill("flowstone");
  await page.waitForURL(/q=flowstone/);
  await page.getByRole("button", { name: /How warm/ }).waitFor({ state: "detached" });
  await assertAccessible(page, "the list of runs");
  await page.context().close();
});

test("executions are listed, shared, and taken up again", async () => {
  const page = await open("/executions");
  await page.getByRole("button", { name: "Approve the trip" }).first().waitFor();
  await assertAccessible(page, "executions");
  await page.goto(`${mock.url}/executions?execution=aaaaaaaa-1111-4111-8111-111111111111`);
  const drawer = page.getByRole("dialog");
  await drawer.getByText("This run waits for a decision.").waitFor();
  await assertAccessible(page, "an execution", "[role=dialog]");
  await drawer.getByRole("treeitem", { name: /Plan the trip/ }).click();
  await drawer.getByText("Check the water level first.").waitFor();
  await drawer.getByRole("button", { name: "Share" }).click();
  await drawer.getByRole("button", { name: "Stop sharing" }).waitFor();
  await page.context().close();
  const visitor = await open("/execution/aaaaaaaa-1111-4111-8111-111111111111", { anonymous: true });
  await visitor.getByRole("treeitem", { name: /Plan the trip/ }).waitFor();
  await assertAccessible(visitor, "a shared execution");
  await visitor.goto(`${mock.url}/execution/cccccccc-3333-4333-8333-333333333333`);
  await visitor.getByRole("heading", { name: "This run is not shared" }).waitFor();
  await visitor.context().close();
});

test("the widget chats on somebody else's page", async () => {
  const theme = { button: { backgroundColor: "#fde047" }, chatWindow: { title: "Guide", renderHTML: true, footer: { text: "By", company: "Caves" } } };
  const html = `<!doctype html><html lang="en"><title>Another site</title><main><h1>Another site</h1></main><script type="module">
    import Chatbot from "${mock.url}/embed.js";
    globalThis.seen = [];
    Chatbot.init({ chatflowid: "${idOf("Everything")}", apiHost: "${mock.url}", theme: ${JSON.stringify(theme)}, observersConfig: { observeMessages: (messages) => globalThis.seen.push(messages.length) } });
  </script></html>`;
  const site = createServer((_, response) => response.writeHead(200, { "content-type": "text/html" }).end(html));
  await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
  const page = await open(`http://127.0.0.1:${site.address().port}`, { anonymous: true });
  await page.getByRole("button", { name: "Open the chat" }).click();
  await page.getByLabel("Name").fill("Jo");
  await page.getByLabel("E-mail").fill("jo@example.com");
  await assertAccessible(page, "the widget's lead form");
  await page.getByRole("button", { name: "Begin" }).click();
  await page.getByRole("textbox", { name: "Your message" }).fill('echo <img src=x onerror="globalThis.broken=1"><script>globalThis.broken=1</script><b>bold</b> **strong**');
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Good answer" }).waitFor();
  assert.equal(await page.evaluate(() => globalThis.broken), undefined, "nothing in an answer runs");
  await page.getByRole("button", { name: "Good answer" }).click();
  await page.getByText("What could be better?").waitFor();
  await assertAccessible(page, "the widget");
  await page.getByRole("textbox", { name: "Your message" }).fill("Everything, please");
  await page.keyboard.press("Enter");
  await page.locator("math mfrac").first().waitFor();
  await page.locator(".formula.block math").waitFor();
  assert.ok((await page.evaluate(() => globalThis.seen)).includes(3), "the page hears of the messages");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.activeElement?.shadowRoot?.activeElement?.getAttribute("aria-label") === "Open the chat");
  await page.evaluate(() => globalThis.Chatbot.destroy());
  assert.equal(await page.locator("flowise-chatbot").count(), 0);
  await page.context().close();
  await new Promise((resolve) => site.close(resolve));
});

test("nothing complained", () => assert.deepEqual(complaints, []));
