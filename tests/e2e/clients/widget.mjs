// usage: widget.mjs ORIGIN FLOW PORT. Serves a page on PORT that embeds the chat widget, and chats with it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const [, , apiHost, chatflowid, port] = process.argv;
const passed = (text) => console.log(`ok   ${text}`);
const widget = readFileSync(fileURLToPath(import.meta.resolve("flowise-embed/dist/web.js")));
const page = `<!doctype html><title>Another site</title><script type="module">
  import Chatbot from "/web.js";
  Chatbot.init(${JSON.stringify({ chatflowid, apiHost })});
</script>`;

const site = createServer((request, response) => {
  const script = request.url === "/web.js";
  response.writeHead(200, { "content-type": script ? "text/javascript" : "text/html" }).end(script ? widget : page);
});
await new Promise((listening) => site.listen(Number(port), "127.0.0.1", listening));
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
  await tab.goto(`http://127.0.0.1:${port}/`);
  await tab.locator("flowise-chatbot button").first().click();
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
  site.close();
}
