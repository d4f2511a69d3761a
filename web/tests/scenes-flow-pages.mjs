// Pictures of what an agentflow does by itself and where it fails: what to do on the page before each is taken.

export function flowPageScenes({ server }) {
  const agentflow = (name = "Nightly report") => server.state.flows.find((entry) => entry.name === name).id;
  return {
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
