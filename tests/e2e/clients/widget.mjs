// usage: widget.mjs ORIGIN FLOW SITE [OWN]. Chats with the flow in the chat widget on a page of SITE (site.mjs):
// in the npm package, or with OWN in the server's own /embed.js.
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const [, , apiHost, chatflowid, site, own] = process.argv;
const passed = (text) => console.log(`ok   ${text}`);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"],
});
try {
  const tab = await browser.newPage();
  const refused = [];
  tab.on("console", (message) => {
    if (/CORS|blocked/i.test(message.text())) refused.push(message.text());
  });
  const streamed = tab.waitForResponse((it) => it.url() === `${apiHost}/api/v1/prediction/${chatflowid}` && it.request().method() === "POST", { timeout: 60_000 });
  // The widget asks once whether the flow can stream, and until it knows it asks without streaming.
  const known = tab.waitForResponse(`${apiHost}/api/v1/${own ? "public-chatbotConfig" : "chatflows-streaming"}/${chatflowid}`, { timeout: 60_000 });
  await tab.goto(`${site}/?${new URLSearchParams({ apiHost, chatflowid, ...(own ? { widget: `${apiHost}/embed.js` } : {}) })}`);
  await tab.locator("flowise-chatbot button").first().click();
  await (await known).finished();
  const input = tab.locator("flowise-chatbot textarea");
  await input.fill("What is the capital of France?");
  await input.press("Enter");
  const response = await streamed;
  assert.equal(response.headers()["content-type"], "text/event-stream");
  passed("the widget asks for a stream from another origin");
  await tab.locator("flowise-chatbot").getByText(/Paris/).first().waitFor({ timeout: 60_000 });
  passed("the answer appears in the widget");
  assert.deepEqual(refused, []);
  passed("the browser refused nothing");
} finally {
  await browser.close();
}
