// The pages of document stores in a real browser, against the stand-in server, each checked for accessibility.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible as accessible } from "./accessible.mjs";
import { eventually, launchBrowser } from "./browser.mjs";
import { startMockServer } from "./mock-server.mjs";

let mock;
let browser;
let page;
const complaints = [];

before(async () => {
  mock = await startMockServer({ fresh: false });
  browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
  page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.on("pageerror", (error) => complaints.push(`page error: ${error.message}`));
  page.on("console", (message) => message.type() === "error" && !message.text().startsWith("Failed to load resource") && complaints.push(`console: ${message.text()}`));
  await page.goto(`${mock.url}/signin`);
  await page.getByLabel("E-mail").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill("Str0ng-enough!");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/chatflows");
});

after(async () => {
  await browser?.close();
  await mock?.close();
});

const assertAccessible = (where, scope) => accessible(page, where, scope);
const DIALOG = "[role=dialog]";
const dialog = () => page.getByRole("dialog");
const button = (name) => page.getByRole("button", { name, exact: true });
const link = (name) => page.getByRole("main").getByRole("link", { name, exact: true });
const heading = (name) => page.getByRole("heading", { name, exact: true }).first();
const open = async (path, name) => {
  await page.goto(`${mock.url}${path}`);
  await heading(name).waitFor({ state: "attached" });
};
const named = (name) => mock.state.stores.find((store) => store.name === name);
/** What the browser sends to `path` because of `begin`, as JSON. */
const sent = async (path, begin) => {
  const [request] = await Promise.all([page.waitForRequest((one) => new URL(one.url()).pathname.endsWith(path) && one.method() === "POST"), begin()]);
  return request.postDataJSON();
};

test("document stores", async (t) => {
  await t.test("are listed with how they stand, searched and filtered", async () => {
    await open("/chatflows", "Chatflows");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Command palette" }).fill("document st");
    await page.getByRole("option", { name: "Document stores" }).waitFor();
    await page.keyboard.press("Enter");
    await heading("Document stores").waitFor();
    await link("Cave handbook").waitFor();
    await assertAccessible("document stores");
    await button("View").click();
    await page.getByRole("menuitemradio", { name: "Table" }).click();
    await page.getByRole("cell", { name: "Ask the cave handbook" }).waitFor();
    await page.keyboard.press("Escape");
    await assertAccessible("document stores as a table");
    await page.getByLabel("Search document stores").fill("letters");
    await link("Minutes of the society").waitFor();
    await link("Cave handbook").waitFor({ state: "hidden" });
    await page.getByLabel("Search document stores").fill("zzz");
    await heading("Nothing matches “zzz”").waitFor();
    await button("Clear search and filters").click();
  });

  await t.test("one is made, and a loader is found by typing alone", async () => {
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Command palette" }).fill("new document");
    await page.getByRole("option", { name: "New document store" }).waitFor();
    await page.keyboard.press("Enter");
    await button("Create").click();
    await dialog().getByText("Enter a name.").waitFor();
    await assertAccessible("a new document store", DIALOG);
    await page.getByLabel("Name", { exact: true }).fill("Visitors");
    await page.keyboard.press("Enter");
    await heading("Nothing is loaded yet").waitFor();
    await assertAccessible("a store without loaders");
    await button("Add a loader").first().press("Enter");
    await dialog().getByText("Plain Text", { exact: true }).waitFor();
    await assertAccessible("loaders to add", DIALOG);
    await page.keyboard.type("plain");
    await page.keyboard.press("Enter");
    await heading("Plain Text").waitFor();
    await assertAccessible("a new loader");
  });

  await t.test("chunks appear beside the form, and two splitters stand side by side", async () => {
    await page.getByText("Chunks appear here once the form is filled in.").waitFor();
    await page.locator(".cm-content").first().click();
    await page.keyboard.insertText("The caves open at nine. ".repeat(20));
    await page.getByRole("textbox", { name: "Chunk Size" }).fill("100");
    const preview = page.getByRole("region", { name: "Preview" });
    const asked = await sent("/loader/preview", () => page.getByRole("textbox", { name: "Chunk Overlap" }).fill("30"));
    assert.deepEqual([asked.loaderId, asked.splitterId, asked.splitterConfig.chunkSize, asked.splitterConfig.chunkOverlap], ["plainText", "recursiveCharacterTextSplitter", 100, 30]);
    await preview.getByText("#7", { exact: true }).waitFor();
    await preview.locator("mark").first().waitFor();
    await assertAccessible("a preview of chunks");
    await button("Compare splitters").click();
    await page.getByRole("textbox", { name: "Chunk Size" }).nth(1).fill("240");
    const second = page.getByRole("region", { name: "Splitter B" });
    await second.getByText("240 characters").first().waitFor();
    await page.getByRole("region", { name: "Splitter A" }).getByText("100 characters").first().waitFor();
    await assertAccessible("two splitters compared");
    await button("Use this one").click();
    await eventually(async () => assert.equal(await page.getByRole("textbox", { name: "Chunk Size" }).inputValue(), "240"));
  });

  await t.test("leaving unsaved asks; processing goes on in the background and is told", async () => {
    await page.getByRole("link", { name: "Chunks", exact: true }).click();
    await dialog().getByRole("button", { name: "Cancel" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Opening hours");
    await button("Save and process").click();
    await page.getByText("“Opening hours” was processed.").first().waitFor();
    await link("Set up the vector store").waitFor();
    const [loader] = named("Visitors").loaders;
    assert.deepEqual([loader.loaderName, loader.status, loader.splitterConfig.chunkSize], ["Opening hours", "SYNC", 240]);
    await assertAccessible("a store with a loader");
  });

  await t.test("what cannot be loaded says why, in the preview and with the loader", async () => {
    const { id } = named("Visitors");
    await open(`/document-stores/${id}/plainText`, "Plain Text");
    await page.locator(".cm-content").first().click();
    await page.keyboard.insertText("please refuse this");
    await page.getByRole("alert").getByText("the source could not be read").waitFor();
    await assertAccessible("a preview that failed");
    await button("Save and process").click();
    await page.getByRole("alert").getByText("was not processed completely").waitFor();
    await page.getByText("Failed", { exact: true }).waitFor();
    await assertAccessible("a loader that failed");
    await button("Actions for Plain Text").click();
    await page.getByRole("menuitem", { name: "Delete" }).click();
    await assertAccessible("deleting a loader", DIALOG);
    await button("Delete the loader").click();
    await dialog().waitFor({ state: "hidden" });
    assert.equal(named("Visitors").loaders.length, 1);
  });

  await t.test("the built-in parts are offered, and an upsert tells what it did", async () => {
    await link("Set up the vector store").click();
    await page.getByText("These defaults need no key").waitFor();
    await page.getByText("Built-in Embeddings").or(page.getByText("Built-in embeddings")).first().waitFor();
    await assertAccessible("where vectors go");
    const body = await sent("/vectorstore/save", () => button("Save and upsert").click());
    assert.deepEqual([body.embeddingName, body.vectorStoreName, body.recordManagerName], ["localEmbeddings", "builtInVectorStore", "SQLiteRecordManager"]);
    assert.deepEqual([body.recordManagerConfig.cleanup, body.recordManagerConfig.sourceIdKey], ["incremental", "docId"]);
    await page.getByText("“Visitors” was upserted.").first().waitFor();
    await page.getByText("Skipped 3").waitFor();
    await assertAccessible("an upsert that is done");
    await link("Try a search").click();
  });

  await t.test("a search tells what was found, how near it is, and by which words", async () => {
    const body = await sent("/vectorstore/query", async () => {
      await page.getByLabel("Question").fill("When do the caves open?");
      await page.keyboard.press("Enter");
    });
    assert.deepEqual([body.query, body.inputs], ["When do the caves open?", {}]);
    await page.getByText("Shares with the question: caves, open").first().waitFor();
    await link("Opening hours, chunk 1").waitFor();
    await assertAccessible("a search");
    await page.getByLabel("Top K").fill("1");
    assert.equal((await sent("/vectorstore/query", () => button("Search").click())).inputs.topK, 1);
    await page.getByText("1 chunk in 12 ms").waitFor();
    const saved = await sent("/vectorstore/update", () => button("Save for all who search").click());
    assert.deepEqual([saved.vectorStoreName, saved.vectorStoreConfig.topK], ["builtInVectorStore", 1]);
    await page.getByLabel("Question").fill("xylophone");
    await page.keyboard.press("Enter");
    await heading("Nothing was found").waitFor();
    await assertAccessible("a search without a result");
  });

  await t.test("a chunk is changed and another taken out, with undo", async () => {
    await page.getByRole("link", { name: "Chunks", exact: true }).click();
    await button("Edit chunk 1").click();
    await dialog().locator(".cm-content").waitFor();
    await assertAccessible("editing a chunk", DIALOG);
    await dialog().getByLabel("Text", { exact: true }).fill("");
    await button("Save").click();
    await dialog().getByText("A chunk needs a text.").waitFor();
    await dialog().getByLabel("Text", { exact: true }).fill("The caves open at ten.");
    await button("Save").click();
    await dialog().waitFor({ state: "hidden" });
    await page.getByText("The caves open at ten.").waitFor();
    await page.getByText("Something changed here since the last upsert.").waitFor();
    await assertAccessible("chunks");
    assert.equal(named("Visitors").chunks[0].pageContent, "The caves open at ten.");
    await button("Delete chunk 2").click();
    await button("Delete chunk 2").waitFor({ state: "hidden" });
    await button("Undo").click();
    await button("Delete chunk 2").waitFor();
  });

  await t.test("history and API have their pages; a call that writes asks first", async () => {
    await page.getByRole("link", { name: "History", exact: true }).click();
    await page.getByText("Built-in Vector Store").waitFor();
    await assertAccessible("the history of a store");
    await page.getByRole("navigation", { name: "Pages of this document store" }).getByRole("link", { name: "API" }).click();
    await page.getByText('"replaceExisting": true').waitFor();
    await assertAccessible("the API of a store");
    await button("Send the call").click();
    await dialog().getByRole("button", { name: "Send the call" }).click();
    await page.getByText('"numAdded"').waitFor();
    await page.getByRole("radio", { name: "Refresh" }).click();
    await page.getByLabel("Language").selectOption("python");
    await page.getByText("requests.post").waitFor();
    await assertAccessible("the API of a store, refreshing");
  });

  await t.test("pages of a site are found and chosen", async () => {
    const { id } = named("Visitors");
    await open(`/document-stores/${id}/cheerioWebScraper`, "Cheerio Web Scraper");
    await page.getByLabel(/^URL/).fill("https://caves.example.com");
    await button("Choose pages…").click();
    await button("Find pages").click();
    await dialog().getByText("https://caves.example.com/history").waitFor();
    await assertAccessible("pages of a site", DIALOG);
    await button("Leave out https://caves.example.com/history").click();
    await button("Read these 2 pages").click();
    const body = await sent("/loader/preview", () => button("Show chunks").click());
    assert.deepEqual(body.loaderConfig.selectedLinks, ["https://caves.example.com", "https://caves.example.com/tickets"]);
    await page.getByText("The page https://caves.example.com.").first().waitFor();
  });

  await t.test("a model describes a store", async () => {
    const { id } = named("Visitors");
    page.once("dialog", (question) => void question.accept());
    await open(`/document-stores/${id}`, "Loaders");
    await button("More actions").click();
    await page.getByRole("menuitem", { name: "Describe it for agents…" }).click();
    await dialog().getByRole("combobox", { name: "Chat model" }).click();
    await page.getByRole("option").first().click();
    await assertAccessible("describing a store", DIALOG);
    await button("Let it write").click();
    await page.waitForFunction(() => [...document.querySelectorAll("textarea")].some((area) => area.value.startsWith("Look here for opening hours")));
    await button("Save as description").click();
    await dialog().waitFor({ state: "hidden" });
    assert.match(named("Visitors").description, /opening hours and tickets/);
  });

  await t.test("deleting names what goes with it and asks for the name", async () => {
    const { id } = named("Cave handbook");
    await open(`/document-stores/${id}`, "Loaders");
    await button("More actions").click();
    await page.getByRole("menuitem", { name: "Delete the document store…" }).click();
    await dialog().getByText("1 flow uses it").waitFor();
    await dialog().getByRole("link", { name: "Ask the cave handbook" }).waitFor();
    await assertAccessible("deleting a store", DIALOG);
    await dialog().getByRole("checkbox").click();
    await eventually(async () => assert.equal(await button("Delete the document store").isDisabled(), true));
    await dialog().getByRole("textbox").fill("Cave handbook");
    await page.keyboard.press("Enter");
    await heading("Document stores").waitFor();
    assert.equal(named("Cave handbook"), undefined);
    await eventually(() => assert.equal(mock.state.emptied, id, "its vectors were deleted first"));
    await open(`/document-stores/${id}`, "There is no such document store");
    await assertAccessible("a store that is gone");
  });

  await t.test("a flow fills its vector store from the canvas", async () => {
    const flow = mock.state.flows.find((entry) => entry.name === "Ask the cave handbook");
    await open(`/canvas/${flow.id}`, "Ask the cave handbook");
    await button("Upsert: Fill the vector store").click();
    await dialog().getByRole("listitem").nth(3).waitFor();
    await assertAccessible("filling a vector store", DIALOG);
    await dialog().getByText("Do it from a program").click();
    await dialog().getByText(`/api/v1/vector/upsert/${flow.id}`).waitFor();
    assert.deepEqual(await sent(`/vector/internal-upsert/${flow.id}`, () => dialog().getByRole("button", { name: "Upsert", exact: true }).click()), {});
    await dialog().getByText("Added 4").waitFor();
    await assertAccessible("a vector store that was filled", DIALOG);
    await page.keyboard.press("Escape");
    await open(`/flow/${flow.id}/settings?section=fileUpload`, "File upload");
    await page.getByText("Pictures: not taken").waitFor();
    await page.getByText("Whole files or a vector store?").click();
    await assertAccessible("what a flow takes");
  });

  await t.test("a phone shows it all without anything hanging over the edge", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    const { id, loaders } = named("Visitors");
    const pages = [["/document-stores", "Document stores"], [`/document-stores/${id}`, "Loaders"], [`/document-stores/${id}/plainText?loader=${loaders[0].id}`, "Opening hours"], [`/document-stores/chunks/${id}/all`, "Chunks"], [`/document-stores/vector/${id}`, "Vector store"], [`/document-stores/query/${id}`, "Search"], [`/document-stores/history/${id}`, "History"], [`/document-stores/api/${id}`, "API"]];
    for (const [path, name] of pages) {
      await open(path, name);
      await page.getByRole("main").getByRole("heading", { name }).first().waitFor();
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(overflow, 0, `${path} hangs over the edge`);
    }
  });

  await t.test("nothing complained", () => assert.deepEqual(complaints, []));
});
