// Pictures of the shell and of the lists of flows and templates: what to do on the page before each is taken.

const main = (page) => page.getByRole("main");

export function listScenes({ server, none }) {
  const chatflows = async (page, search = "") => {
    await page.goto(`${server.url}/chatflows${search}`);
    await main(page).getByRole("link", { name: "Built-in model" }).waitFor();
  };
  const table = async (page) => {
    await page.addInitScript(() => localStorage.setItem("flowstone.list.chatflows", '{"view":"table"}'));
    await chatflows(page);
  };
  const pick = (page, name, content) => page.locator("input[type=file]").first().setInputFiles({ name, mimeType: "application/json", buffer: Buffer.from(content) });
  const speak = (page, language) => page.addInitScript((code) => localStorage.setItem("flowstone.language", code), language);
  const emptyFlow = server.state.flows.find((flow) => flow.name === "Empty");
  return {
    chatflows: (page) => chatflows(page),
    "chatflows-table": (page) => table(page),
    "chatflows-selected": async (page) => {
      await table(page);
      await page.getByRole("checkbox", { name: "Select Built-in model" }).click();
      await page.getByRole("checkbox", { name: "Select Weather and sums" }).click();
    },
    "chatflows-row-menu": async (page) => {
      await chatflows(page);
      await page.getByRole("button", { name: "Actions for Weather and sums" }).click();
    },
    "chatflows-filter": async (page) => {
      await chatflows(page, "?category=Examples");
    },
    "chatflows-none": async (page) => {
      await page.goto(`${none.url}/chatflows`);
      await page.getByText("No chatflows yet").waitFor();
    },
    "chatflows-search": async (page) => {
      await page.goto(`${server.url}/chatflows?q=granite`);
      await page.getByText("Nothing matches").waitFor();
    },
    "chatflows-german": async (page) => {
      await speak(page, "de");
      await chatflows(page);
    },
    "chatflows-rtl": async (page) => {
      await speak(page, "ar-XB");
      await chatflows(page);
    },
    "flow-categories": async (page) => {
      await chatflows(page);
      await page.getByRole("button", { name: "Actions for Weather and sums" }).click();
      await page.getByRole("menuitem", { name: "Categories" }).click();
      await page.getByRole("combobox", { name: "Categories" }).fill("Team");
      await page.keyboard.press("Enter");
    },
    "flow-template": async (page) => {
      await chatflows(page);
      await page.getByRole("button", { name: "Actions for Weather and sums" }).click();
      await page.getByRole("menuitem", { name: "Save as template" }).click();
      await page.getByLabel("Description").fill("Looks up the weather.");
    },
    "flow-deleted": async (page) => {
      // Closing the page of the picture before has deleted it in earnest.
      if (!server.state.flows.includes(emptyFlow)) server.state.flows.push(emptyFlow);
      await chatflows(page);
      await page.getByRole("button", { name: "Actions for Empty" }).click();
      await page.getByRole("menuitem", { name: "Delete" }).click();
      await page.getByRole("button", { name: "Undo" }).waitFor();
    },
    agentflows: async (page) => {
      await page.goto(`${server.url}/agentflows`);
      await main(page).getByRole("link", { name: "Nightly report" }).waitFor();
    },
    "agentflows-v1": async (page) => {
      await page.goto(`${server.url}/agentflows?kind=v1`);
      await main(page).getByRole("link", { name: "Old supervisor" }).waitFor();
    },
    templates: async (page) => {
      await page.goto(`${server.url}/marketplaces`);
      await main(page).getByRole("link", { name: "Assistant with tools" }).waitFor();
    },
    "templates-mine": async (page) => {
      await page.goto(`${server.url}/marketplaces?tab=mine`);
      await page.getByText("You have saved no templates yet").waitFor();
    },
    template: async (page) => {
      await page.goto(`${server.url}/marketplace/template-retrieval`);
      await page.getByRole("heading", { name: "Answers from a handbook" }).waitFor();
    },
    palette: async (page) => {
      await chatflows(page);
      await page.keyboard.press("Control+k");
      await page.getByRole("option").nth(5).waitFor();
    },
    "palette-found": async (page) => {
      await chatflows(page);
      await page.keyboard.press("Control+k");
      await page.getByRole("dialog").getByRole("combobox").fill("cave");
      await page.getByRole("option", { name: "Ask the cave handbook" }).waitFor();
    },
    "user-menu": async (page) => {
      await chatflows(page);
      await page.getByRole("button", { name: /Account menu/ }).click();
      await page.getByRole("menuitem", { name: "Sign out" }).waitFor();
    },
    shortcuts: async (page) => {
      await chatflows(page);
      await page.keyboard.press("?");
      await page.getByRole("dialog").waitFor();
    },
    navigation: async (page, size) => {
      await chatflows(page);
      if (size === "narrow") await page.getByRole("button", { name: "Open navigation" }).click();
    },
    export: async (page) => {
      await chatflows(page);
      await page.getByRole("button", { name: /Account menu/ }).click();
      await page.getByRole("menuitem", { name: "Export…" }).click();
      await page.getByRole("dialog").waitFor();
    },
    import: async (page) => {
      await chatflows(page);
      await page.getByRole("button", { name: /Account menu/ }).click();
      await page.getByRole("menuitem", { name: "Import…" }).click();
      await page.getByRole("dialog").waitFor();
    },
    "import-flow": async (page) => {
      await chatflows(page);
      await pick(page, "Weather and sums Chatflow.json", server.state.flows.find((flow) => flow.name.startsWith("Weather")).flowData);
      await page.getByRole("dialog").getByText("is here already").waitFor();
    },
    "import-workspace": async (page) => {
      await chatflows(page);
      const [first, second] = server.state.flows;
      const file = { ChatFlow: [first, { ...second, id: "other" }, { ...second, id: "new", name: "A new one" }], Tool: [{ id: "t", name: "Sum of two" }], DocumentStore: [{ id: "d", name: "Handbook" }], Execution: [{ id: "e" }], ChatMessage: [{ id: "m" }, { id: "n" }] };
      await pick(page, "ExportData.json", JSON.stringify(file));
      await page.getByRole("dialog").getByText("here already").first().waitFor();
    },
    "import-wrong": async (page) => {
      await chatflows(page);
      await pick(page, "notes.json", "these are not flows");
      await page.getByRole("alert").waitFor();
    },
    forbidden: async (page) => {
      await page.goto(`${server.url}/unauthorized`);
      await page.getByText("You may not see this page").waitFor();
    },
  };
}
