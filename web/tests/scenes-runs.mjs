// Pictures of runs on the canvas: live, kept, failed, compared, with pins and breakpoints; and of the executions' cost.
const DONE = "dddddddd-4444-4444-8444-444444444444";
const FAILED = "eeeeeeee-5555-4555-8555-555555555555";

/** `trips` holds the walked flow twice: plain, and in `marked` with a pinned output and a breakpoint. */
export function runScenes({ trips, marked, ask }) {
  const canvas = async (page, server, search = "") => {
    await page.goto(`${server.url}/v2/agentcanvas/${server.state.flows[0].id}${search}`);
    await page.getByRole("main").waitFor();
  };
  const steps = (page) => page.getByRole("treeitem");
  return {
    "runs-list": async (page) => {
      await canvas(page, trips, "?run=list");
      await page.getByRole("button", { name: /Finished/ }).first().waitFor();
      await page.locator(".react-flow__node").first().waitFor();
    },
    "runs-one": async (page) => {
      await canvas(page, trips, `?run=${DONE}`);
      await steps(page).filter({ hasText: "Look it up" }).click();
    },
    "runs-failed": async (page) => {
      await canvas(page, trips, `?run=${FAILED}`);
      await steps(page).first().waitFor();
    },
    "runs-compare": async (page) => {
      await canvas(page, trips, `?run=${DONE}&compare=${FAILED}`);
      await page.locator("summary").filter({ hasText: "Look it up" }).click();
    },
    "runs-again": async (page) => {
      await canvas(page, trips, `?run=${DONE}`);
      await steps(page).filter({ hasText: "Plan the trip" }).click();
      await page.getByRole("button", { name: "Run again from here" }).last().click();
      await page.getByRole("switch", { name: "With other settings" }).click();
    },
    "runs-waiting": async (page, size) => {
      await canvas(page, trips, size === "narrow" ? "?view=chat" : "");
      await ask(page, "Is it allowed?");
      if (size === "narrow") await page.getByRole("button", { name: "Graph", exact: true }).click();
    },
    "runs-marks": async (page, size) => {
      await canvas(page, marked);
      if (size === "wide") await page.locator('.react-flow__node[data-id="llmAgentflow_0"]').click();
    },
    "executions-cost": async (page) => {
      await page.goto(`${trips.url}/executions`);
      await page.getByText("All time", { exact: true }).click();
    },
  };
}
