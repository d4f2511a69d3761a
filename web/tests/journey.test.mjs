// What people come for, on a running Flowstone, once by mouse and once by keyboard alone: a credential, a flow built from
// nothing, a streamed answer, which a reload keeps, export, import, publishing, and the widget on a page that answers.
// BASE_URL=http://127.0.0.1:3000 npm run journey; signs in (or sets up) with TOUR_EMAIL and TOUR_PASSWORD.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { eventually, launchBrowser, newContext, standsStill } from "./browser.mjs";
import { base, enter } from "./real.mjs";

/** A small model on a busy machine takes its time, in milliseconds. */
const ANSWER_WITHIN = 120_000;

let browser;
let page;
const complaints = [];

before(async () => {
  browser = await launchBrowser();
  page = await (await newContext(browser, { acceptDownloads: true })).newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
});

after(() => browser?.close());

/** How a button is pressed. */
const WAYS = {
  mouse: (locator) => locator.click(),
  keyboard: async (locator) => {
    await locator.focus();
    await page.keyboard.press("Enter");
  },
};
const node = (id) => page.locator(`.react-flow__node[data-id="${id}"]`);
const details = () => page.getByRole("complementary", { name: "Node details" });
const dialog = () => page.getByRole("dialog");
const button = (name) => page.getByRole("button", { name, exact: true });
const saved = () => page.getByText("Saved", { exact: true }).waitFor();
const answers = () => page.locator("article[data-state]");

async function ask(question) {
  const present = await answers().count();
  await page.getByLabel("Your message").fill(question);
  await page.keyboard.press("Enter");
  await answers().nth(present).and(page.locator('[data-state="done"], [data-state="failed"]')).waitFor({ timeout: ANSWER_WITHIN });
  await eventually(async () => assert.equal(await answers().nth(present).getAttribute("data-state"), "done", await answers().nth(present).innerText()));
  return (await answers().nth(present).locator(".prose-chat").innerText()).trim();
}

/** By mouse: from the list, and wires from socket to socket. By keyboard: A, and C. */
const BUILD = {
  mouse: {
    add: async (query, name) => {
      await page.getByRole("combobox", { name: "Search nodes" }).fill(query);
      await page.getByRole("option", { name }).first().click();
    },
    wire: async (from, to, socket) => {
      await standsStill(page);
      const [a, b] = [await node(from).locator(".port.source").first().boundingBox(), await node(to).locator(`.port.target[data-handleid*="-input-${socket}-"], .port.target[data-handleid="${to}"]`).boundingBox()];
      await page.mouse.move(a.x + a.width / 2, a.y + a.height / 2);
      await page.mouse.down();
      await page.mouse.move(b.x + b.width / 2, b.y + b.height / 2, { steps: 8 });
      await page.mouse.up();
    },
  },
  keyboard: {
    add: async (query) => {
      await page.locator("[data-canvas]").focus();
      await page.keyboard.press("a");
      await dialog().getByRole("combobox").waitFor();
      await page.keyboard.type(query);
      await dialog().getByRole("option").first().waitFor();
      await page.keyboard.press("Enter");
      await dialog().waitFor({ state: "detached" });
    },
    wire: async (from, to) => {
      await node(from).focus();
      await page.keyboard.press("c");
      const label = await node(to).locator("p").first().innerText();
      const place = page.getByRole("list", { name: "Where it may lead" }).getByRole("button", { name: new RegExp(label) }).first();
      await place.focus();
      await page.keyboard.press("Enter");
      if (await dialog().isVisible()) await page.keyboard.press("Escape");
      await dialog().waitFor({ state: "detached" });
    },
  },
};

/** The flow's answer in the widget on a page of its own, as a visitor sees it. */
async function askWidget(flowId, question, answer) {
  const visitor = await (await newContext(browser)).newPage();
  const html = `<!doctype html><html lang="en"><title>A shop</title><main><h1>A shop</h1></main><script type="module">
    import Chatbot from "${base}/embed.js";
    Chatbot.init({ chatflowid: "${flowId}", apiHost: "${base}" });
  </script></html>`;
  await visitor.route(`${base}/a-shop`, (route) => route.fulfill({ contentType: "text/html", body: html }));
  await visitor.goto(`${base}/a-shop`);
  await visitor.getByRole("button", { name: "Open the chat" }).click();
  await visitor.getByRole("textbox", { name: "Your message" }).fill(question);
  await visitor.keyboard.press("Enter");
  await visitor.locator("flowise-chatbot").getByText(answer).first().waitFor({ timeout: ANSWER_WITHIN });
  await visitor.context().close();
}

for (const [way, press] of Object.entries(WAYS)) {
  test(`from a credential to an answering widget, by ${way}`, async (t) => {
    const { add, wire } = BUILD[way];
    // A second visit to the same installation has names of its own.
    const mark = Date.now().toString(36);
    const name = `Built by ${way} ${mark}`;
    const key = `OpenAI ${mark}`;
    let file;
    // Without chance in it, the model says the same again.
    let said;

    await t.test("a credential is entered", async () => {
      await enter(page);
      await page.goto(`${base}/credentials`);
      await press(button("New credential").first());
      await page.getByLabel("Search services").fill("openai api");
      await dialog().getByText("Anthropic API", { exact: true }).waitFor({ state: "detached" });
      if (way === "mouse") await dialog().getByRole("button", { name: "OpenAI API", exact: true }).or(dialog().getByRole("option", { name: "OpenAI API", exact: true })).first().click();
      else await page.keyboard.press("Enter");
      await dialog().getByLabel("Name", { exact: true }).fill(key);
      await dialog().locator("input[type=password]").first().fill("sk-not-a-real-one");
      await press(dialog().getByRole("button", { name: "Save" }));
      await button(key).waitFor();
    });

    await t.test("a flow is built from nothing and saves itself", async () => {
      await page.goto(`${base}/chatflows`);
      await press(page.getByRole("link", { name: "New chatflow" }).first());
      await page.waitForURL("**/canvas");
      await add("conversation chain", /Conversation Chain/);
      await node("conversationChain_0").waitFor();
      await add("built-in model", /Built-in Model/i);
      // Of a small model one asks no surprises.
      await node("chatLocal_0").click();
      await details().getByRole("textbox", { name: "Temperature" }).fill("0");
      await page.keyboard.press("Escape");
      await add("buffer memory", /^Buffer Memory/);
      await page.waitForURL(/\/canvas\/[0-9a-f-]{36}/);
      await wire("chatLocal_0", "conversationChain_0", "model");
      await wire("bufferMemory_0", "conversationChain_0", "memory");
      await page.locator(".react-flow__edge").nth(1).waitFor({ state: "attached" });
      await press(details().getByRole("button", { name: "Close" }));
      await page.getByLabel("Name of the flow").fill(name);
      await page.keyboard.press("Enter");
      await saved();
    });

    await t.test("it answers, and a reload keeps what was said", async () => {
      said = await ask("What is the capital of France?");
      assert.notEqual(said, "");
      await page.reload();
      await answers().first().waitFor();
      await eventually(async () => assert.equal((await answers().first().locator(".prose-chat").innerText()).trim(), said));
    });

    await t.test("it is exported, and comes in again from the file", async () => {
      await page.goto(`${base}/chatflows`);
      await press(button(`Actions for ${name}`));
      const coming = page.waitForEvent("download");
      await press(page.getByRole("menuitem", { name: /Export/ }));
      file = await (await coming).path();
      await press(page.getByRole("button", { name: /Account menu/ }));
      await press(page.getByRole("menuitem", { name: "Import…" }));
      const choosing = page.waitForEvent("filechooser");
      await press(dialog().getByRole("button", { name: "Choose files" }));
      await (await choosing).setFiles({ name: "flow.json", mimeType: "application/json", buffer: readFileSync(file) });
      await dialog().getByRole("textbox", { name: "Name" }).fill(`${name}, again`);
      await press(dialog().getByRole("button", { name: "Import", exact: true }));
      await page.waitForURL(/\/canvas\/[0-9a-f-]{36}/);
      await node("conversationChain_0").waitFor();
      await page.locator(".react-flow__edge").nth(1).waitFor({ state: "attached" });
    });

    await t.test("it is changed, published, and the widget answers", async () => {
      await node("conversationChain_0").click();
      await details().getByLabel("Name of this node").fill("Answerer");
      await saved();
      await press(button("Publish"));
      await dialog().getByLabel(/What is new/).fill("For the shop");
      await press(dialog().getByRole("button", { name: "Publish" }));
      await page.getByRole("button", { name: "Publish", disabled: true }).waitFor();
      await askWidget(new URL(page.url()).pathname.split("/").at(-1), "What is the capital of France?", said);
    });
  });
}

test("nothing complained", () => assert.deepEqual(complaints, []));
