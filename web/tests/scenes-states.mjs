// Pictures of what is rarely seen: every section of a flow's settings switched on, pages that still load, and pages that failed to.
const SECTIONS = ["domains", "leads", "starters", "feedback", "speechToText", "textToSpeech", "postProcessing"];
/** Pages with the call that they cannot do without. */
const PAGES = {
  chatflows: ["/chatflows", "**/api/v1/chatflows/summaries?*"],
  runs: ["/runs", "**/api/v1/runs?*"],
  stores: ["/document-stores", "**/api/v1/document-store/store"],
  messages: ["/messages", "**/api/v1/conversations*"],
};

export function stateScenes({ server }) {
  const builtIn = () => server.state.flows.find((entry) => entry.name.startsWith("Built-in")).id;
  const scenes = {};
  for (const section of SECTIONS) {
    scenes[`settings-${section}`] = async (page) => {
      await page.goto(`${server.url}/flow/${builtIn()}/settings?section=${section}`);
      const main = page.getByRole("main");
      await main.getByRole("switch").or(main.getByRole("textbox")).or(main.getByLabel("Service")).first().waitFor();
      const [on, service] = [main.getByRole("switch").first(), main.getByLabel("Service").first()];
      if ((await on.count()) > 0 && !(await on.isChecked())) await on.click();
      if ((await service.count()) === 0) return;
      await service.selectOption({ index: 1 });
    };
  }
  for (const [name, [path, call]] of Object.entries({ ...PAGES, canvas: ["/canvas/ID", "**/api/v1/chatflows/*"] })) {
    const open = (page) => page.goto(server.url + path.replace("ID", builtIn()));
    scenes[`loading-${name}`] = async (page) => {
      // Never answered; the page goes with its browser.
      await page.route(call, () => undefined);
      await open(page);
      await page.waitForTimeout(700);
    };
    scenes[`failing-${name}`] = async (page) => {
      await page.route(call, (route) => route.fulfill({ status: 500, headers: { "x-request-id": "0b9f7c52-7d6e-4a55-9a43-b1a4f4d0a7c3" }, json: { statusCode: 500, success: false, message: "The database does not answer.", stack: {} } }));
      await open(page);
      await page.getByRole("alert").first().waitFor({ timeout: 15_000 });
    };
  }
  return scenes;
}
