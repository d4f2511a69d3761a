// Pictures of what an agentflow does by itself and where it fails: what to do on the page before each is taken.

export function flowPageScenes({ server }) {
  const agentflow = (name = "Nightly report") => server.state.flows.find((entry) => entry.name === name).id;
  const open = async (page, path, heading) => {
    await page.goto(`${server.url}${path}`);
    await page.getByRole("heading", { name: heading, exact: true }).first().waitFor({ state: "attached" });
  };
  return {
    schedule: async (page) => {
      await open(page, `/flow/${agentflow("Morning brief")}/trigger`, "Schedule");
      await page.getByText("Missed").waitFor();
    },
    webhook: async (page) => {
      await open(page, `/flow/${agentflow("Order arrives")}/trigger`, "Webhook");
      await page.getByRole("button", { name: "Listen for a test call" }).click();
      await page.getByText("Waiting for a call").waitFor();
      await page.getByText("Send a call from here").click();
      await page.getByRole("button", { name: "Send the test call" }).click();
      await page.getByRole("article", { name: "Call 1" }).getByText("Got it").waitFor();
    },
    "webhook-secret": async (page) => {
      await open(page, `/flow/${agentflow("Signed hook")}/trigger`, "Webhook");
      await page.getByRole("button", { name: /Make a/ }).click();
      await page.getByRole("dialog").or(page.getByText("shown this once")).first().waitFor();
    },
    generator: async (page) => {
      await page.goto(`${server.url}/agentflows`);
      await page.getByRole("button", { name: "Describe it" }).click();
      await page.getByLabel("What should the flow do?").fill("Some nonsense about caves");
      await page.getByLabel("Model that draws").click();
      await page.getByRole("option", { name: "Built-in model" }).click();
      await page.getByRole("button", { name: "Draw the flow" }).click();
      await page.getByText("2 things were wrong").click();
    },
    "generator-waiting": async (page) => {
      await page.goto(`${server.url}/v2/agentcanvas`);
      await page.getByRole("button", { name: "Describe it" }).click();
      await page.getByLabel("What should the flow do?").fill("Answer slowly");
      await page.getByLabel("Model that draws").click();
      await page.getByRole("option", { name: "Built-in model" }).click();
      await page.getByRole("button", { name: "Draw the flow" }).click();
      await page.getByText("The model draws.").waitFor();
    },
    "agent-invite": async (page) => {
      await page.goto(`${server.url}/v2/agentcanvas`);
      await page.getByRole("button", { name: "Describe it" }).waitFor();
    },
    "flow-mcp": async (page) => {
      await open(page, `/flow/${agentflow()}/settings?section=mcp`, "MCP server");
      const serve = page.getByRole("switch", { name: "Serve as an MCP server" });
      await serve.waitFor();
      if (!(await serve.isChecked())) await serve.click();
      await page.getByText("claude mcp add").waitFor();
    },
    "flow-mcp-clients": async (page) => {
      await open(page, `/flow/${agentflow()}/settings?section=mcp`, "MCP server");
      const serve = page.getByRole("switch", { name: "Serve as an MCP server" });
      await serve.waitFor();
      if (!(await serve.isChecked())) await serve.click();
      await page.getByRole("tab", { name: "Claude Desktop" }).click();
      await page.getByRole("tabpanel").scrollIntoViewIfNeeded();
      await page.getByRole("main").evaluate((main) => main.scrollTo(0, main.scrollHeight));
    },
    logs: (page) => open(page, "/logs", "Logs"),
    "form-trigger": (page) => open(page, `/flow/${agentflow("Ask for a visit")}/trigger`, "Form"),
    "start-link": (page) => open(page, `/v2/agentcanvas/${agentflow("Order arrives")}?node=startAgentflow_0`, "Start"),
    "envelope-step": async (page) => {
      await page.goto(`${server.url}/v2/agentcanvas/${agentflow()}?node=llmAgentflow_0`);
      await page.getByText("When it fails").click();
      await page.getByLabel("On failure").selectOption("branch");
      await page.getByLabel("New tries").fill("3");
      await page.getByLabel("On failure").scrollIntoViewIfNeeded();
    },
    "envelope-budget": async (page) => {
      await page.goto(`${server.url}/v2/agentcanvas/${agentflow()}?node=startAgentflow_0`);
      await page.getByText("Budget of a run").click();
      await page.getByLabel("Tokens").fill("50000");
    },
  };
}
