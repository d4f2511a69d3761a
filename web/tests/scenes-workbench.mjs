// Pictures of the workbench: what to do on the page before each is taken.

export function workbenchScenes({ server, none }) {
  const open = async (page, path, heading) => {
    await page.goto(`${server.url}${path}`);
    await page.getByRole("heading", { name: heading, exact: true }).first().waitFor({ state: "attached" });
  };
  const flow = () => server.state.flows[0].id;
  const empty = (path, heading) => async (page) => {
    none.state.workbench = { credentials: [], variables: [], keys: [], tools: [], mcpServers: [], leads: [], messages: [] };
    await page.goto(`${none.url}${path}`);
    await page.getByRole("heading", { name: heading, exact: true }).waitFor();
  };
  const section = (name, heading, act) => async (page) => {
    await open(page, `/flow/${flow()}/settings?section=${name}`, heading);
    await act?.(page);
  };
  const switchOn = (page) => page.getByRole("main").getByRole("switch").first().click();
  return {
    credentials: (page) => open(page, "/credentials", "Credentials"),
    "credentials-none": empty("/credentials", "No credentials yet"),
    "credentials-kinds": async (page) => {
      await open(page, "/credentials", "Credentials");
      await page.getByRole("button", { name: "New credential" }).click();
      await page.getByRole("button", { name: "OpenAI API", exact: true }).waitFor();
    },
    "credentials-form": async (page) => {
      await open(page, "/credentials", "Credentials");
      await page.getByRole("button", { name: "OpenAI of the company", exact: true }).click();
      await page.getByRole("button", { name: "Test connection" }).click();
      await page.getByText("It works").waitFor();
    },
    "credentials-delete": async (page) => {
      await open(page, "/credentials", "Credentials");
      await page.getByRole("button", { name: "Actions for Claude" }).click();
      await page.getByRole("menuitem", { name: "Delete" }).click();
      await page.getByRole("button", { name: "Delete anyway" }).waitFor();
    },
    variables: (page) => open(page, "/variables", "Variables"),
    "variables-none": empty("/variables", "No variables yet"),
    "variables-form": async (page) => {
      await open(page, "/variables", "Variables");
      await page.getByRole("button", { name: "New variable" }).click();
      await page.getByLabel("Name", { exact: true }).fill("two words");
      await page.getByRole("button", { name: "Save" }).click();
    },
    "variables-how": async (page) => {
      await open(page, "/variables", "Variables");
      await page.getByRole("main").getByRole("button", { name: "How to use" }).click();
    },
    "variables-many": async (page) => {
      const all = server.state.workbench.variables;
      const many = Array.from({ length: 40 }, (_, index) => ({ ...all[0], id: `many-${index}`, name: `${"a_name_that_goes_on_".repeat((index % 3) * 3)}variable_${index}`, value: "a value that is long ".repeat((index % 4) * 8 + 1) }));
      server.state.workbench.variables = [...all, ...many];
      await open(page, "/variables", "Variables");
      await page.getByText("variable_1", { exact: true }).or(page.getByText(/variable_1$/)).first().waitFor();
      server.state.workbench.variables = all;
    },
    "api-keys-none": empty("/apikey", "No API keys yet"),
    "tools-none": empty("/tools", "No tools yet"),
    "mcp-servers-none": empty("/tools/mcp", "No MCP servers yet"),
    "messages-none": empty("/messages", "No flows yet"),
    "api-keys": (page) => open(page, "/apikey", "API keys"),
    "api-keys-form": async (page) => {
      await open(page, "/apikey", "API keys");
      await page.getByRole("button", { name: "New API key" }).click();
      await page.getByRole("button", { name: "Only reading" }).click();
    },
    tools: (page) => open(page, "/tools", "Tools"),
    "mcp-servers": (page) => open(page, "/tools/mcp", "MCP servers"),
    "mcp-server-form": async (page) => {
      await open(page, "/tools/mcp", "MCP servers");
      await page.getByRole("button", { name: "Tickets", exact: true }).click();
      await page.getByLabel("Name of header 1").waitFor();
    },
    "mcp-server-tools": async (page) => {
      await open(page, "/tools/mcp", "MCP servers");
      await page.getByRole("button", { name: /Tickets/ }).last().click();
      await page.getByRole("menuitem", { name: "Show its tools" }).click();
      await page.getByText("find_tickets").waitFor();
    },
    tool: async (page) => {
      await open(page, `/tools/${server.state.workbench.tools[0].id}`, "add_numbers");
      await page.getByLabel("first", { exact: true }).fill("2");
      await page.getByLabel("second", { exact: true }).fill("40");
      await page.getByRole("button", { name: "Run", exact: true }).click();
      await page.getByText("It ran").waitFor();
      await page.locator(".cm-content").waitFor();
    },
    "flow-access": section("access", "Access"),
    "flow-rate-limit": section("rateLimit", "Rate limit", switchOn),
    "flow-follow-ups": section("followUps", "Follow-up prompts", async (page) => {
      await switchOn(page);
      await page.getByLabel("Service").selectOption("chatOpenAI");
    }),
    "flow-sites": section("domains", "Allowed sites", async (page) => {
      await page.getByRole("button", { name: "Add a site" }).click();
      await page.getByRole("textbox").first().fill("https://a-very-long-name-of-a-customer.shop.example.com");
    }),
    "flow-lead-form": section("leads", "Leads", switchOn),
    "flow-starters": section("starters", "Starter prompts"),
    "flow-feedback": section("feedback", "Feedback", switchOn),
    "flow-speech-to-text": section("speechToText", "Speech to text"),
    "flow-text-to-speech": section("textToSpeech", "Text to speech"),
    "flow-post-processing": section("postProcessing", "Post-processing", switchOn),
    "flow-files": section("fileUpload", "File upload", switchOn),
    "flow-analytics": section("analytics", "Analytics", switchOn),
    "flow-overrides": section("overrides", "Overrides", async (page) => {
      await switchOn(page);
      await page.locator("summary").first().click();
    }),
    "flow-api": async (page) => {
      await open(page, `/flow/${flow()}/api`, "Try it");
      await page.getByRole("button", { name: "Send the call" }).click();
      await page.getByText("200", { exact: true }).waitFor();
    },
    "flow-embed": async (page) => {
      await open(page, `/flow/${flow()}/api`, "Try it");
      await page.getByRole("tab", { name: "Embed" }).click();
    },
    "flow-messages": async (page) => {
      await open(page, `/flow/${flow()}/messages`, "Messages");
      await page.getByText("When are the caves open?").first().waitFor();
    },
    "messages-one-flow": async (page) => {
      await open(page, `/messages?flow=${flow()}`, "Messages");
      await page.getByText("When are the caves open?").first().waitFor();
    },
    "flow-leads": (page) => open(page, `/flow/${flow()}/leads`, "Leads"),
    "flow-upserts": (page) => open(page, `/flow/${flow()}/upserts`, "Upserts"),
    messages: async (page) => {
      await open(page, "/messages", "Messages");
      await page.getByText("When are the caves open?").first().waitFor();
    },
  };
}
