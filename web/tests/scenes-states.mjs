// Pictures of what a page looks like when it is not well: it waits, it failed, it is not for this person; and of pages from right to left.

export function stateScenes({ server }) {
  const flow = () => server.state.flows[0].id;
  const store = () => server.state.stores.find((entry) => entry.name === "Cave handbook").id;
  const speak = (page, language) => page.addInitScript((code) => localStorage.setItem("flowstone.language", code), language);
  const settings = (section) => `/flow/${flow()}/settings?section=${section}`;
  /** Calls to `path` are never answered. */
  const waiting = (address, path) => async (page) => {
    await page.route((url) => path().test(url.pathname), () => undefined);
    await page.goto(`${server.url}${address()}`);
    await page.locator("main .animate-pulse-soft").first().waitFor();
  };
  /** Calls to `path` fail. */
  const failing = (address, path) => async (page) => {
    const answer = { status: 500, contentType: "application/json", headers: { "x-request-id": "0198b1d2-7c55-7e20-9a41-3f1f0c6b2a77" }, body: JSON.stringify({ statusCode: 500, success: false, message: "the database did not answer within 5 seconds", stack: {} }) };
    await page.route((url) => path().test(url.pathname), (route) => route.fulfill(answer));
    await page.goto(`${server.url}${address()}`);
    await page.getByRole("button", { name: "Try again" }).waitFor({ timeout: 20_000 });
  };
  const lists = [() => "/credentials", () => /\/api\/v1\/credentials/];
  const cards = [() => "/chatflows", () => /\/api\/v1\/chatflows\/summaries/];
  const stores = [() => `/document-stores/${store()}`, () => /\/api\/v1\/document-store\/store\//];
  const ofFlow = [() => settings("access"), () => new RegExp(`/api/v1/chatflows/${flow()}`)];
  /** Names as people give them who write from right to left, and at length. */
  const inArabic = async (page) => {
    await speak(page, "ar-XB");
    const { credentials } = server.state.workbench;
    const before = credentials.map(({ name }) => name);
    credentials[0].name = "مفتاح فريق التطوير للخدمات السحابية في المكتب الرئيسي، للاختبار فقط";
    return () => credentials.forEach((row, at) => (row.name = before[at]));
  };
  return {
    "list-waiting": waiting(...lists),
    "list-failed": failing(...lists),
    "cards-waiting": waiting(...cards),
    "store-waiting": waiting(...stores),
    "store-error": failing(...stores),
    "settings-waiting": waiting(...ofFlow),
    "settings-error": failing(...ofFlow),
    denied: async (page) => {
      await page.addInitScript(() => {
        const user = JSON.parse(localStorage.getItem("flowstone.session"));
        localStorage.setItem("flowstone.session", JSON.stringify({ ...user, isOrganizationAdmin: false, permissions: ["chatflows:view", "agentflows:view"] }));
      });
      await page.goto(`${server.url}/credentials`);
      await page.getByText("You may not see this page").waitFor();
    },
    crash: async (page, size) => {
      await page.goto(`${server.url}/chatflows`);
      await page.getByRole("main").getByRole("link", { name: "Built-in model" }).waitFor();
      await page.route("**/assets/variables-*.js", (route) => route.abort());
      if (size === "narrow") await page.getByRole("button", { name: "Open navigation" }).click();
      await page.getByRole("link", { name: "Variables" }).click();
      await page.getByText("Technical details").click();
    },
    "unknown-address": async (page) => {
      await page.goto(`${server.url}/no/such/page`);
      await page.getByRole("heading", { level: 1 }).waitFor();
    },
    "rate-limited": async (page) => {
      await page.goto(`${server.url}/rate-limited`);
      await page.getByRole("heading", { level: 1 }).waitFor();
    },
    "account-profile": async (page) => {
      await page.goto(`${server.url}/account`);
      await page.getByLabel("E-mail").fill("lee@example.com");
    },
    "account-saved": async (page) => {
      await page.goto(`${server.url}/account`);
      await page.getByRole("button", { name: "Save", exact: true }).click();
      await page.getByText("Saved.").waitFor();
    },
    "account-language": async (page) => {
      await page.goto(`${server.url}/account`);
      await page.getByRole("combobox", { name: "Language" }).scrollIntoViewIfNeeded();
      await page.getByRole("main").evaluate((main) => main.scrollTo(0, main.scrollHeight));
    },
    "credentials-rtl": async (page) => {
      const restore = await inArabic(page);
      await page.goto(`${server.url}/credentials`);
      await page.getByText("مفتاح فريق").first().waitFor();
      restore();
    },
    "store-rtl": async (page) => {
      await speak(page, "ar-XB");
      await page.goto(`${server.url}/document-stores/${store()}`);
      await page.getByText("Website").first().waitFor();
    },
    "settings-rtl": async (page) => {
      await speak(page, "ar-XB");
      await page.goto(`${server.url}${settings("fileUpload")}`);
      await page.getByRole("switch").first().waitFor();
    },
    "settings-german": async (page) => {
      await speak(page, "de");
      await page.goto(`${server.url}${settings("overrides")}`);
      await page.getByRole("switch").first().waitFor();
    },
    "stores-german": async (page) => {
      await speak(page, "de");
      await page.goto(`${server.url}/document-stores`);
      await page.getByText("Cave handbook").first().waitFor();
    },
  };
}
