// One visit from first run to signing in again, in a real browser, with an accessibility check on every page.
// Against a running Flowstone: BASE_URL=http://127.0.0.1:3000 npm run tour. Without BASE_URL it starts the stand-in server.
// An installation that has its account already is signed in to with TOUR_EMAIL and TOUR_PASSWORD; TOUR_FLOW names the flow to open.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible as accessible } from "./accessible.mjs";
import { eventually, launchBrowser, newContext } from "./browser.mjs";

const EMAIL = process.env.TOUR_EMAIL ?? "ada@example.com";
const PASSWORD = process.env.TOUR_PASSWORD ?? "Str0ng-enough!";
/** A small model on a busy machine takes its time, in milliseconds. */
const ANSWER_WITHIN = 120_000;

let base = process.env.BASE_URL?.replace(/\/$/, "");
let mock;
let browser;
let page;
const complaints = [];

before(async () => {
  if (!base) {
    const { startMockServer } = await import("./mock-server.mjs");
    mock = await startMockServer();
    base = mock.url;
  }
  browser = await launchBrowser();
  const context = await newContext(browser);
  page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(`page error: ${error.message}`));
  page.on("console", (message) => {
    // The browser itself reports refused requests (a wrong password); the page's own errors are what counts.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) complaints.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== new URL(base).origin) complaints.push(`request to ${origin}`);
  });
});

after(async () => {
  await browser?.close();
  await mock?.close();
});

const assertAccessible = (where, scope) => accessible(page, where, scope);
const path = () => new URL(page.url()).pathname;
const lastAnswer = () => page.locator("article[data-state]").last();

async function signIn() {
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((url) => url.pathname === "/chatflows");
}

async function openFlow() {
  const name = process.env.TOUR_FLOW;
  const card = name ? page.getByRole("main").getByRole("link", { name }) : page.getByRole("main").locator("li a").first();
  await card.click();
  await page.waitForURL("**/canvas/*");
  await page.locator(".react-flow__node").first().waitFor();
}

async function ask(question) {
  const answers = await page.locator("article[data-state]").count();
  await page.getByLabel("Your message").fill(question);
  await page.keyboard.press("Enter");
  await page.locator("article[data-state]").nth(answers).waitFor();
  await page.locator('article[data-state]:not([data-state="waiting"]):not([data-state="writing"])').nth(answers).waitFor({ timeout: ANSWER_WITHIN });
}

test("the tour", async (t) => {
  await t.test("the start leads to set-up or sign-in, and a weak password is refused", async () => {
    await page.goto(base);
    await page.waitForURL(/\/(organization-setup|signin)$/);
    if (path() === "/signin") return;
    await page.getByLabel("Name").fill("Ada Lovelace");
    await page.getByLabel("E-mail").fill(EMAIL);
    await page.getByLabel("Password", { exact: true }).fill("weak");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByText("does not meet all five rules").waitFor();
    await assertAccessible("set-up with errors");
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByLabel("Repeat the password").fill(PASSWORD);
    await page.getByRole("button", { name: "Create account" }).click();
    await page.waitForURL("**/chatflows");
  });

  await t.test("a wrong password is told, the right one lets in", async () => {
    if (path() !== "/signin") {
      await page.getByRole("button", { name: /Account menu/ }).click();
      await page.getByRole("menuitem", { name: "Sign out" }).click();
      await page.waitForURL("**/signin");
    }
    await page.getByLabel("E-mail").fill(EMAIL);
    await page.getByLabel("Password", { exact: true }).fill("Wr0ng-password!");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("do not match an account").waitFor();
    await assertAccessible("sign-in with an error");
    await signIn();
  });

  await t.test("a forgotten password has its two pages, and the account one of its own", async () => {
    await page.getByRole("button", { name: /Account menu/ }).click();
    await page.getByRole("menuitem", { name: "Your account" }).click();
    await page.getByLabel("Current password").fill(PASSWORD);
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByText("does not meet all five rules").waitFor();
    await assertAccessible("account");
    await page.getByRole("button", { name: /Account menu/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await page.getByRole("button", { name: "Send the link" }).waitFor();
    await assertAccessible("forgot password");
    await page.goto(`${base}/reset-password#token=wrong`);
    await page.getByLabel("New password", { exact: true }).fill(PASSWORD);
    await page.getByLabel("Repeat the new password").fill(PASSWORD);
    await page.getByRole("button", { name: "Set the password" }).click();
    await page.getByText("not valid any more").waitFor();
    assert.equal(new URL(page.url()).hash, "", "the token does not stay in the address");
    await assertAccessible("reset password with an error");
    await page.goto(`${base}/signin`);
    await signIn();
  });

  await t.test("the list shows flows, finds them, and says when nothing is found", async () => {
    const cards = page.getByRole("main").locator("li a");
    await cards.first().waitFor();
    await assertAccessible("chatflows");
    const name = (await cards.first().innerText()).trim();
    const search = page.getByRole("searchbox");
    await search.fill("no flow is called like this");
    await page.getByRole("heading", { name: /Nothing matches/ }).waitFor();
    await assertAccessible("nothing found");
    await search.fill(name);
    await page.getByRole("main").getByRole("link", { name, exact: true }).first().waitFor();
    await page.keyboard.press("Escape");
    await page.waitForURL((url) => !url.searchParams.has("q"));
  });

  await t.test("a flow is copied, renamed, categorised, found by its category, and deleted with the keyboard", async () => {
    const main = page.getByRole("main");
    const first = (await main.locator("li h2").first().innerText()).trim();
    await page.getByRole("button", { name: `Actions for ${first}`, exact: true }).press("Enter");
    await page.getByRole("menuitem", { name: "Duplicate" }).press("Enter");
    await page.getByRole("button", { name: `Actions for ${first} (copy)` }).first().press("Enter");
    await assertAccessible("row menu", "[role=menu]");
    await page.getByRole("menuitem", { name: "Rename" }).press("Enter");
    await page.getByRole("textbox", { name: "Name" }).fill("Tour, renamed");
    await page.keyboard.press("Enter");
    await main.getByRole("link", { name: "Tour, renamed" }).waitFor();
    await page.getByRole("button", { name: "Actions for Tour, renamed" }).press("Enter");
    await page.getByRole("menuitem", { name: "Categories" }).press("Enter");
    await page.getByRole("combobox", { name: "Categories" }).fill("Touring");
    await page.keyboard.press("Enter");
    await assertAccessible("categories", "[role=dialog]");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Actions for Tour, renamed" }).press("Enter");
    await page.getByRole("menuitem", { name: "Duplicate" }).press("Enter");
    await main.getByRole("link", { name: "Tour, renamed (copy)" }).waitFor();
    await page.goto(`${base}/chatflows?category=Touring`);
    await main.getByRole("link", { name: "Tour, renamed (copy)" }).waitFor();
    await eventually(async () => assert.equal(await main.locator("li h2").count(), 2, "only what has the category"));
    await assertAccessible("filtered chatflows");
    await page.getByRole("button", { name: "View" }).click();
    await page.getByRole("menuitemradio", { name: "Table" }).click();
    await page.getByRole("checkbox", { name: "Select all rows of this page" }).click();
    await page.getByRole("toolbar").waitFor();
    await assertAccessible("table with ticks");
    await page.getByRole("toolbar").getByRole("button", { name: "Delete" }).press("Enter");
    await page.getByRole("heading", { name: "Nothing matches these filters" }).waitFor();
    await page.getByRole("button", { name: "Dismiss" }).click();
    await page.goto(`${base}/chatflows`);
    await page.getByRole("button", { name: "View" }).click();
    await page.getByRole("menuitemradio", { name: "Cards" }).click();
    await page.keyboard.press("Escape");
    await main.locator("li h2").first().waitFor();
  });

  await t.test("agentflows and templates have their lists, and a template is looked at", async () => {
    await page.goto(`${base}/agentflows`);
    await page.getByRole("heading", { name: "Agentflows", level: 1 }).waitFor();
    await page.locator("main [role=status] .animate-pulse-soft").first().waitFor({ state: "detached" });
    await assertAccessible("agentflows");
    await page.getByRole("button", { name: "Describe it" }).first().click();
    await page.getByRole("dialog").getByLabel("What should the flow do?").waitFor();
    await assertAccessible("describing an agentflow", "[role=dialog]");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("navigation", { name: "Main navigation" }).getByRole("link", { name: "Templates" }).click();
    const first = page.getByRole("main").locator("li a").first();
    await first.waitFor();
    await assertAccessible("templates");
    const name = (await first.innerText()).trim();
    await first.click();
    await page.getByRole("heading", { name, level: 1 }).waitFor();
    await page.getByRole("heading", { name: "What you need" }).waitFor();
    await assertAccessible("template");
    await page.goto(`${base}/chatflows`);
  });

  await t.test("a new agentflow may be given a budget; its pages and the log have their addresses", async () => {
    await page.goto(`${base}/v2/agentcanvas`);
    await page.locator(".react-flow__node-node").first().focus();
    await page.keyboard.press("Enter");
    const details = page.getByRole("complementary", { name: "Node details" });
    await details.getByText("Budget of a run").click();
    await details.getByLabel("US dollars").waitFor();
    await assertAccessible("budget of a run");
    await page.goto(`${base}/messages`);
    await page.getByRole("heading", { name: "Messages", level: 1 }).waitFor();
    await page.getByLabel("Flow", { exact: true }).waitFor();
    await assertAccessible("messages of all flows");
    await page.goto(`${base}/logs`);
    await page.getByRole("heading", { name: "Logs", level: 1 }).waitFor();
    await assertAccessible("logs");
    await page.goto(`${base}/chatflows`);
  });

  await t.test("the palette leads anywhere, and the language is chosen and kept", async () => {
    await page.getByRole("main").locator("li a").first().waitFor();
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Command palette" }).fill("templates");
    await page.getByRole("option", { name: "Templates" }).waitFor();
    await assertAccessible("palette", "[role=dialog]");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/marketplaces");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Command palette" }).fill("deutsch");
    await page.getByRole("option", { name: "Language: Deutsch" }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Vorlagen", level: 1 }).waitFor();
    await eventually(async () => assert.equal(await page.locator("html").getAttribute("lang"), "de"));
    await page.reload();
    await page.getByRole("heading", { name: "Vorlagen", level: 1 }).waitFor();
    await eventually(async () => assert.match(await page.title(), /^Vorlagen/));
    await page.evaluate(() => localStorage.setItem("flowstone.language", "ar-XB"));
    await page.goto(`${base}/chatflows`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await eventually(async () => assert.equal(await page.locator("html").getAttribute("dir"), "rtl"));
    await page.getByRole("main").locator("li a").first().waitFor();
    await assertAccessible("from right to left");
    const [menu, main] = [await page.getByRole("navigation").first().boundingBox(), await page.getByRole("main").boundingBox()];
    assert.ok(menu.x > main.x, "the menu stands on the right");
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(overflow, 0, "nothing hangs over the edge");
    await page.evaluate(() => localStorage.setItem("flowstone.language", "en"));
    await page.goto(`${base}/chatflows`);
  });

  await t.test("the menus open, and what they lead to", async () => {
    await page.getByRole("button", { name: /Account menu/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).waitFor();
    await assertAccessible("account menu", "[role=menu]");
    await page.getByRole("menuitem", { name: "Export…" }).click();
    await page.getByRole("dialog").getByText("Credentials and API keys are never written").waitFor();
    await assertAccessible("export", "[role=dialog]");
    const download = page.waitForEvent("download");
    await page.getByRole("dialog").getByRole("button", { name: "Export" }).click();
    assert.match((await download).suggestedFilename(), /^Flowstone .*\.json$/);
    await page.getByRole("button", { name: /Account menu/ }).click();
    await page.getByRole("menuitem", { name: "Import…" }).click();
    await page.getByRole("dialog").getByText("Drop JSON files here").waitFor();
    await assertAccessible("import", "[role=dialog]");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
    await assertAccessible("shortcuts", "[role=dialog]");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  await t.test("a flow opens as a graph, and a node tells its settings", async () => {
    await openFlow();
    await assertAccessible("canvas");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Command palette" }).fill("find in");
    await page.getByRole("option", { name: "Find in this flow" }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.locator(".react-flow__node-node").first().click();
    await page.getByRole("complementary", { name: "Node details" }).waitFor();
    await assertAccessible("inspector");
    assert.ok(new URL(page.url()).searchParams.get("node"), "the chosen node is in the address");
    await page.getByRole("complementary", { name: "Node details" }).getByRole("button", { name: "Close" }).click();
    await page.getByRole("complementary", { name: "Node details" }).waitFor({ state: "detached" });
  });

  await t.test("a node is opened by keyboard alone", async () => {
    await page.locator(".react-flow__node-node").first().focus();
    await page.keyboard.press("Enter");
    await page.getByRole("complementary", { name: "Node details" }).waitFor();
    await page.getByRole("complementary", { name: "Node details" }).getByRole("button", { name: "Close" }).press("Enter");
  });

  await t.test("a question is answered by a stream", async () => {
    // Noted at every change of the page, since a test that looks now and then would miss a fast stream.
    await page.evaluate(() => {
      globalThis.seenStates = new Set();
      new MutationObserver(() => document.querySelectorAll("article[data-state]").forEach((article) => globalThis.seenStates.add(article.dataset.state))).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    });
    await ask("In one sentence: what is flowstone?");
    await eventually(async () => assert.equal(await lastAnswer().getAttribute("data-state"), "done", await lastAnswer().innerText()));
    await eventually(async () => assert.ok((await lastAnswer().locator(".prose-chat").innerText()).trim().length > 0, "the answer says something"));
    const states = await page.evaluate(() => [...globalThis.seenStates]);
    assert.ok(states.includes("writing"), `the answer grew while it came (seen: ${states.join(", ")})`);
    await assertAccessible("chat");
  });

  await t.test("a reload keeps the conversation", async () => {
    const said = (await lastAnswer().locator(".prose-chat").innerText()).trim();
    await page.reload();
    await lastAnswer().waitFor();
    await eventually(async () => assert.equal((await lastAnswer().locator(".prose-chat").innerText()).trim(), said));
    await page.getByRole("article").filter({ hasText: "You: In one sentence: what is flowstone?" }).waitFor();
  });

  await t.test("an answer can be stopped", async () => {
    const answers = await page.locator("article[data-state]").count();
    await page.getByLabel("Your message").fill("Write a slow and very long story about a cave.");
    await page.keyboard.press("Enter");
    await page.locator("article[data-state]").nth(answers).waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.locator('article[data-state="stopped"]').waitFor();
    await page.getByRole("button", { name: "Send" }).waitFor();
  });

  await t.test("a new chat is empty, and the old one can be deleted", async () => {
    await page.getByRole("button", { name: "Chat menu" }).click();
    await page.getByRole("menuitem", { name: "Delete this chat" }).click();
    await page.getByRole("dialog").waitFor();
    await assertAccessible("delete dialog", "[role=dialog]");
    await page.getByRole("dialog").getByRole("button", { name: "Delete this chat" }).click();
    await page.getByText("Ask this flow something").waitFor();
    await page.reload();
    await page.getByText("Ask this flow something").waitFor();
  });

  await t.test("a phone shows graph, outline and chat one at a time", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.getByRole("button", { name: "Outline" }).click();
    await page.getByRole("list", { name: "Outline" }).waitFor();
    await assertAccessible("outline on a phone");
    await page.getByRole("list", { name: "Outline" }).getByRole("button").first().click();
    await page.getByRole("dialog", { name: "Node details" }).waitFor();
    await assertAccessible("node details on a phone", "[role=dialog]");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Chat", exact: true }).click();
    await page.getByLabel("Your message").waitFor();
    await assertAccessible("chat on a phone");
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(overflow, 0, "nothing hangs over the edge");
    await page.getByRole("link", { name: "Back to the chatflows" }).click();
    await page.waitForURL("**/chatflows");
    await page.getByRole("button", { name: "Open navigation" }).click();
    await page.getByRole("navigation", { name: "Main navigation" }).waitFor();
    await assertAccessible("navigation on a phone", "[role=dialog]");
    await page.keyboard.press("Escape");
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  await t.test("what is not there is told", async () => {
    await page.goto(`${base}/canvas/00000000-0000-4000-8000-000000000000`);
    await page.getByRole("heading", { name: "This flow does not exist" }).waitFor();
    await assertAccessible("unknown flow");
    await page.goto(`${base}/no/such/page`);
    await page.getByRole("heading", { name: "There is no such page" }).waitFor();
    await assertAccessible("unknown page");
  });

  await t.test("signing out closes the door, signing in leads back to where one was headed", async () => {
    await page.goto(`${base}/chatflows`);
    await page.getByRole("button", { name: /Account menu/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.waitForURL("**/signin");
    await page.goto(`${base}/chatflows?page=1`);
    await page.waitForURL(/\/signin\?redirect=/);
    await signIn();
    assert.equal(new URL(page.url()).search, "?page=1");
  });

  await t.test("nothing complained, and nothing was asked of another server", () => {
    assert.deepEqual(complaints, []);
  });
});
