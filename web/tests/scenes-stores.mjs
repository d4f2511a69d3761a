// Pictures of document stores: what to do on the page before each is taken.

export function storeScenes({ server, none }) {
  const heading = (page, name) => page.getByRole("heading", { name, exact: true }).first().waitFor({ state: "attached" });
  const open = async (page, path, name) => {
    await page.goto(`${server.url}${path}`);
    await heading(page, name);
  };
  const store = (name = "Cave handbook") => server.state.stores.find((entry) => entry.name === name);
  const at = (kind, name) => (page) => open(page, `/document-stores/${kind}/${store().id}`, name);
  const loader = (page) => open(page, `/document-stores/${store().id}/plainText?loader=${store().loaders[0].id}`, "Handbook");
  return {
    stores: (page) => open(page, "/document-stores", "Document stores"),
    "stores-none": async (page) => {
      none.state.stores = [];
      await page.goto(`${none.url}/document-stores`);
      await heading(page, "No document stores yet");
    },
    "stores-delete": async (page) => {
      await open(page, "/document-stores", "Document stores");
      await page.getByRole("button", { name: "Actions for Cave handbook" }).click();
      await page.getByRole("menuitem", { name: "Delete" }).click();
      await page.getByText("1 flow uses it").waitFor();
    },
    store: (page) => open(page, `/document-stores/${store().id}`, "Loaders"),
    "store-failed": (page) => open(page, `/document-stores/${store("Minutes of the society").id}`, "Loaders"),
    "store-empty": (page) => open(page, `/document-stores/${store("Empty for now").id}`, "Nothing is loaded yet"),
    "store-add-loader": async (page) => {
      await open(page, `/document-stores/${store("Empty for now").id}`, "Nothing is loaded yet");
      await page.getByRole("button", { name: "Add a loader" }).first().click();
      await page.getByRole("dialog").getByText("Plain Text", { exact: true }).waitFor();
    },
    "store-loader": async (page) => {
      await loader(page);
      await page.getByText("#2", { exact: true }).waitFor();
    },
    "store-compare": async (page) => {
      await loader(page);
      await page.getByRole("button", { name: "Compare splitters" }).click();
      await page.getByRole("textbox", { name: "Chunk Size" }).nth(1).fill("300");
      await page.getByRole("region", { name: "Splitter B" }).getByText("300 characters").first().waitFor();
      await page.getByRole("heading", { name: "Handbook" }).scrollIntoViewIfNeeded();
    },
    "store-chunks": async (page) => {
      await open(page, `/document-stores/chunks/${store().id}/all`, "Chunks");
      await page.getByRole("button", { name: "Edit chunk 1" }).first().waitFor();
    },
    "store-chunk": async (page) => {
      await open(page, `/document-stores/chunks/${store().id}/all`, "Chunks");
      await page.getByRole("button", { name: "Edit chunk 1" }).first().click();
      await page.getByRole("dialog").locator(".cm-content").waitFor();
    },
    "store-vectors": async (page) => {
      await at("vector", "Vector store")(page);
      await page.getByText("SQLite Record Manager").waitFor();
    },
    "store-query": async (page) => {
      await at("query", "Search")(page);
      await page.getByLabel("Question").fill("When do the caves open?");
      await page.keyboard.press("Enter");
      await page.getByText(/chunks? in 12 ms/).waitFor();
    },
    "store-history": at("history", "History"),
    "store-history-filled": async (page) => {
      const date = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
      const upsert = (minutes, result) => ({ id: `upsert-${minutes}`, chatflowid: store().id, date: date(minutes), result: JSON.stringify(result), flowData: JSON.stringify([{ label: "Built-in Vector Store", paramValues: [] }]) });
      store().history = [upsert(30, { numAdded: 8 }), upsert(3000, { numUpdated: 2, numSkipped: 5, numDeleted: 1 })];
      await at("history", "History")(page);
      store().history = [];
    },
    "store-api": at("api", "API"),
  };
}
