// The workbench pages in a real browser, against the stand-in server, each checked for accessibility.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { assertAccessible as accessible } from "./accessible.mjs";
import { eventually, launchBrowser, newContext } from "./browser.mjs";
import { startMockServer } from "./mock-server.mjs";

let mock;
let browser;
let page;
const complaints = [];

before(async () => {
  mock = await startMockServer({ fresh: false });
  browser = await launchBrowser();
  const context = await newContext(browser, { acceptDownloads: true, storageState: mock.signedIn() });
  page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(`page error: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && !message.text().startsWith("Failed to load resource") && complaints.push(`console: ${message.text()}`));
});

after(async () => {
  await browser?.close();
  await mock?.close();
});

const assertAccessible = (where, scope) => accessible(page, where, scope);
const DIALOG = "[role=dialog]";
const dialog = () => page.getByRole("dialog");
const button = (name, exact = true) => page.getByRole("button", { name, exact });
const open = async (path, heading) => {
  await page.goto(`${mock.url}${path}`);
  await page.getByRole("heading", { name: heading, exact: true }).first().waitFor({ state: "attached" });
};
const downloaded = async (begin) => {
  const coming = page.waitForEvent("download");
  await begin();
  return readFileSync(await (await coming).path(), "utf8");
};

test("the workbench", async (t) => {
  await t.test("a credential is added by keyboard alone, tested, and its secret is never shown", async () => {
    await open("/credentials", "Credentials");
    await button("OpenAI of the company").waitFor();
    await assertAccessible("credentials");
    await button("New credential").press("Enter");
    await page.getByLabel("Search services").waitFor();
    await assertAccessible("kinds of credentials", DIALOG);
    await page.keyboard.type("anthr");
    await page.keyboard.press("Enter");
    await dialog().getByLabel("Anthropic API Key").waitFor();
    await page.getByLabel("Name", { exact: true }).press("Enter");
    await dialog().getByText("Fill in “Anthropic API Key”.").waitFor();
    await assertAccessible("a credential's form", DIALOG);
    await dialog().getByLabel("Anthropic API Key").fill("sk-entered");
    await dialog().getByLabel("Anthropic API Key").press("Enter");
    await dialog().waitFor({ state: "hidden" });
    await eventually(() => assert.deepEqual(mock.state.workbench.credentials[0].held, { anthropicApiKey: "sk-entered" }));
    await button("Anthropic API").click();
    await dialog().getByText("Stored. It cannot be shown.").waitFor();
    assert.equal((await page.content()).includes("sk-entered"), false, "the secret is not on the page");
    await button("Test connection").click();
    await dialog().getByText("It works (120 ms).").waitFor();
    await dialog().getByLabel("Name", { exact: true }).fill("Claude of the caves");
    await button("Save").click();
    await button("Claude of the caves").waitFor();
    await eventually(() => assert.equal(mock.state.workbench.credentials[0].held.anthropicApiKey, "sk-entered", "the stored secret stays"));
  });

  await t.test("what is used is told before it is deleted", async () => {
    await button("Actions for Claude of the caves").click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await dialog().getByRole("link", { name: "Built-in model" }).waitFor();
    await assertAccessible("deleting a credential", DIALOG);
    await button("Delete anyway").click();
    await button("Claude of the caves").waitFor({ state: "hidden" });
  });

  await t.test("a variable is added, refused with a bad name, and deleted with undo", async () => {
    await open("/variables", "Variables");
    await button("companyName").waitFor();
    await assertAccessible("variables");
    await button("New variable").click();
    await page.getByLabel("Name", { exact: true }).fill("two words");
    await button("Save").click();
    await dialog().getByText("Letters, digits").waitFor();
    await assertAccessible("a variable's form", DIALOG);
    await page.getByLabel("Name", { exact: true }).fill("opening");
    await page.getByLabel("Value", { exact: true }).fill("nine");
    await button("Save").click();
    await button("opening").waitFor();
    await page.getByRole("checkbox", { name: "Select opening" }).click();
    await page.getByRole("toolbar").getByRole("button", { name: "Delete" }).click();
    await button("opening").waitFor({ state: "hidden" });
    await button("Undo").click();
    await button("opening").waitFor();
  });

  await t.test("an API key is shown once", async () => {
    await open("/apikey", "API keys");
    await button("Website").waitFor();
    await assertAccessible("API keys");
    await button("New API key").click();
    await page.getByLabel("Name", { exact: true }).fill("Nightly job");
    await button("Only reading").click();
    await dialog().getByText("6 of 24").waitFor();
    await assertAccessible("an API key's form", DIALOG);
    await button("Create key").click();
    await dialog().getByText("9fXwT5bYhN3mQvR8sLdPzJcGkWuEaXyB7nVt0oHi-k2Qa").waitFor();
    await assertAccessible("a new API key", DIALOG);
    await button("I have copied it").click();
    await button("Nightly job").waitFor();
    assert.equal((await page.content()).includes("9fXwT5bYhN3mQvR8s"), false, "it is gone from the page");
  });

  await t.test("a tool is written, tried by its shortcut, saved and exported", async () => {
    await open("/tools", "Tools");
    await page.getByRole("link", { name: "add_numbers" }).waitFor();
    await assertAccessible("tools");
    await page.getByRole("link", { name: "New tool" }).click();
    await page.getByLabel("Name", { exact: true }).fill("double_it");
    await page.getByLabel("Description", { exact: true }).fill("Doubles a number.");
    await button("Paste JSON").click();
    await dialog().getByLabel("JSON").fill('{"first": 2}');
    await button("Take over").click();
    await page.locator(".cm-content").click();
    await page.keyboard.type("return $first * 2;");
    await page.getByLabel("first", { exact: true }).fill("21");
    await page.locator(".cm-content").click();
    await page.keyboard.press("Control+Enter");
    await page.getByText("It ran").waitFor();
    await page.getByText('"sum": 21').waitFor();
    await assertAccessible("a tool");
    await button("Save").click();
    await page.waitForURL((url) => url.pathname.startsWith("/tools/") && !url.pathname.endsWith("/new"));
    await eventually(() => assert.equal(mock.state.workbench.tools[0].func, "return $first * 2;"));
    await page.getByRole("link", { name: "Back to the tools" }).click();
    await button("Actions for double_it").click();
    const file = JSON.parse(await downloaded(() => page.getByRole("menuitem", { name: "Export" }).click()));
    assert.deepEqual([file.name, JSON.parse(file.schema)[0].property, file.id], ["double_it", "first", undefined]);
  });

  await t.test("an MCP server is registered, asked for its tools, and told where it cannot be", async () => {
    await open("/tools", "Tools");
    await page.getByRole("link", { name: "MCP servers" }).click();
    await button("Tickets").waitFor();
    await assertAccessible("MCP servers");
    await button("New MCP server").click();
    await button("Save and ask for its tools").click();
    await dialog().getByText("Enter the address.").waitFor();
    await page.getByLabel("Name", { exact: true }).fill("Orders");
    await page.getByLabel("Address", { exact: true }).fill("https://orders.example/mcp");
    await button("Add a header").click();
    await page.getByLabel("Name of header 1").fill("X-Key");
    await page.getByLabel("Value of header 1").fill("s3cret");
    await assertAccessible("an MCP server's form", DIALOG);
    await button("Save and ask for its tools").click();
    await page.getByRole("dialog", { name: "Tools of Orders" }).getByText("find_tickets").waitFor();
    await assertAccessible("tools of an MCP server", DIALOG);
    await page.keyboard.press("Escape");
    await dialog().waitFor({ state: "hidden" });
    await button("Orders").click();
    await eventually(async () => assert.equal(await page.getByLabel("Value of header 1").inputValue(), "************", "its value stays hidden"));
    await button("Cancel").click();
    await dialog().waitFor({ state: "hidden" });
    await eventually(() => assert.equal(mock.state.workbench.mcpServers[0].authConfig.headers["X-Key"], "s3cret"));
    await page.getByRole("row", { name: /Weather/ }).getByRole("button", { name: /Weather/ }).last().click();
    await page.getByRole("menuitem", { name: "Ask for its tools" }).click();
    await page.getByText("no machine of this name was found").first().waitFor();
  });

  await t.test("a flow's settings are saved as they are stored, and leaving unsaved asks", async () => {
    const id = mock.state.flows[0].id;
    const stored = JSON.parse(mock.state.flows[0].chatbotConfig);
    await open(`/flow/${id}/settings`, "Settings");
    await assertAccessible("settings: access");
    for (const name of ["Rate limit", "Allowed sites", "Leads", "Starter prompts", "Follow-up prompts", "Feedback", "Speech to text", "Text to speech", "File upload", "Analytics", "Post-processing", "Overrides"]) {
      await page.getByRole("navigation", { name: "Sections of the settings" }).getByRole("link", { name }).click();
      await page.getByRole("heading", { name, exact: true }).waitFor();
      await assertAccessible(`settings: ${name}`);
    }
    await page.getByRole("switch", { name: "Let calls set values" }).click();
    await page.locator("summary").first().click();
    await page.getByRole("switch", { name: "Built-in Model: Temperature" }).click();
    await assertAccessible("settings: overrides, on");
    await page.getByRole("link", { name: "Rate limit" }).click();
    await page.getByRole("switch", { name: "Limit calls" }).click();
    await button("Save").click();
    await page.getByText("A limit needs calls, seconds and a message.").waitFor();
    await page.getByLabel("Calls", { exact: true }).fill("5");
    await page.getByLabel("In how many seconds").fill("60");
    await page.getByLabel("Message", { exact: true }).fill("Slow down");
    await page.getByRole("link", { name: "Starter prompts" }).click();
    await button("Add a prompt").click();
    await page.getByLabel("Prompt 3", { exact: true }).fill("When are the caves open?");
    await page.getByRole("link", { name: "Messages", exact: true }).last().click();
    await dialog().getByRole("button", { name: "Cancel" }).click();
    await button("Save").click();
    await page.getByText("The settings were saved.").first().waitFor();
    const { chatbotConfig, apiConfig } = mock.state.flows[0];
    assert.deepEqual(JSON.parse(chatbotConfig), { ...stored, starterPrompts: { ...stored.starterPrompts, 2: { prompt: "When are the caves open?" } } });
    const limits = JSON.parse(apiConfig);
    assert.deepEqual(limits.rateLimit, { status: true, limitMax: "5", limitDuration: "60", limitMsg: "Slow down" });
    assert.deepEqual(limits.overrideConfig.nodes["Built-in Model"][0], { label: "Temperature", name: "temperature", type: "number", enabled: true });
  });

  await t.test("the API page calls the flow with what callers may set", async () => {
    await open(`/flow/${mock.state.flows[0].id}/api`, "Try it");
    await assertAccessible("API");
    await page.getByLabel("Temperature").fill("0.5");
    await page.getByLabel("Language").selectOption("python");
    await page.getByText('"temperature": 0.5').waitFor();
    await button("Send the call").click();
    await page.getByText("200", { exact: true }).waitFor();
    await assertAccessible("API, answered");
    await page.getByRole("tab", { name: "Embed" }).click();
    await page.getByText("chatflowConfig").waitFor();
    await assertAccessible("embedding");
    await page.getByRole("tab", { name: "Share" }).click();
    await assertAccessible("sharing");
  });

  await t.test("messages are filtered, exported without formulas, and deleted", async () => {
    await open(`/flow/${mock.state.flows[0].id}/messages`, "Messages");
    await page.getByRole("button", { name: /When are the caves open/ }).waitFor();
    await assertAccessible("messages");
    await page.getByLabel("Rating").selectOption("THUMBS_DOWN");
    await page.getByRole("button", { name: /When are the caves open/ }).waitFor({ state: "hidden" });
    await page.getByText("It did not help: I wanted a link.").waitFor();
    const csv = await downloaded(async () => {
      await button("Export").click();
      await page.getByRole("menuitem", { name: "As a table (CSV)" }).click();
    });
    assert.match(csv, /"Do you sell tickets online\?"/);
    await page.getByLabel("Rating").selectOption("");
    await page.getByLabel("Search in messages").fill("granite");
    await page.getByText("No conversation fits").waitFor();
    await assertAccessible("no messages");
    await button("Clear search and filters").click();
    await page.getByRole("button", { name: /When are the caves open/ }).click();
    await button("Delete").click();
    await assertAccessible("deleting a conversation", DIALOG);
    await dialog().getByRole("button", { name: "Delete" }).click();
    await dialog().waitFor({ state: "hidden" });
  });

  await t.test("leads and upserts have their lists", async () => {
    const id = mock.state.flows[0].id;
    await open(`/flow/${id}/leads`, "Leads");
    await page.getByText("lee@example.com").waitFor();
    await assertAccessible("leads");
    const csv = await downloaded(() => button("Export").click());
    assert.match(csv, /"'=HYPERLINK\(1\)"/, "a spreadsheet runs no formula");
    await open(`/flow/${id}/upserts`, "Upserts");
    await page.getByText("In-Memory Vector Store").waitFor();
    await assertAccessible("upserts");
    await open("/messages", "Messages");
    await page.getByLabel("Flow", { exact: true }).waitFor();
    await assertAccessible("messages of all flows");
  });

  await t.test("a dialog begins inside, closes by Escape, and gives the focus back to what opened it", async () => {
    const focused = () => page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent);
    const press = async (role, name) => {
      await page.getByRole(role, { name, exact: true }).first().focus();
      await page.keyboard.press("Enter");
    };
    const ways = [
      ["/credentials", "Credentials", [["button", "New credential"]]],
      ["/credentials", "Credentials", [["button", "OpenAI of the company"]]],
      ["/variables", "Variables", [["button", "How to use"]]],
      ["/chatflows", "Chatflows", [["button", "Actions for Weather and sums"], ["menuitem", "Rename"]]],
      ["/chatflows", "Chatflows", [["button", "Account menu of Ada Lovelace"], ["menuitem", "Import…"]]],
    ];
    for (const [path, heading, steps] of ways) {
      await open(path, heading);
      for (const [role, name] of steps) await press(role, name);
      await dialog().waitFor();
      await eventually(async () => assert.ok(await page.evaluate(() => document.activeElement.closest("[role=dialog]")), `${path}: the focus is in the dialog`));
      await page.keyboard.press("Escape");
      await dialog().waitFor({ state: "detached" });
      await eventually(async () => assert.equal(await focused(), steps[0][1], `${path}: the focus is back`));
    }
  });

  await t.test("a phone shows it all without anything hanging over the edge", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const id = mock.state.flows[0].id;
    for (const [path, heading] of [["/credentials", "Credentials"], ["/variables", "Variables"], ["/apikey", "API keys"], ["/tools", "Tools"], ["/tools/mcp", "MCP servers"], ["/tools/new", "New tool"], [`/flow/${id}/settings`, "Settings"], [`/flow/${id}/api`, "Try it"], [`/flow/${id}/messages`, "Messages"], [`/flow/${id}/leads`, "Leads"]]) {
      await open(path, heading);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(overflow, 0, `${path} hangs over the edge`);
    }
  });

  await t.test("nothing complained", () => assert.deepEqual(complaints, []));
});
