// Pictures of the chat, the public page, runs, executions and the widget: what to do on the page before each is taken.
import { createServer } from "node:http";

export function chatScenes({ chat, ask }) {
  const idOf = (name) => chat.state.flows.find((entry) => entry.name === name).id;
  const opened = async (page, path) => void (await page.goto(`${chat.url}${path}`));
  const lead = async (page) => {
    await page.getByLabel("Name").fill("Jo");
    await page.getByLabel("E-mail").fill("jo@example.com");
    await page.getByRole("button", { name: "Begin" }).click();
  };
  return {
    "chat-page-empty": async (page) => {
      await opened(page, `/chat/${idOf("Everything")}`);
      await page.getByLabel("Your message").waitFor();
    },
    "chat-page": async (page) => {
      await opened(page, `/chat/${idOf("Everything")}`);
      await ask(page, "Everything, please");
      await page.locator("math").first().waitFor();
    },
    "chat-page-agents": async (page) => {
      await opened(page, `/chat/${idOf("Team of writers")}`);
      await ask(page, "Write a line");
    },
    "chat-page-decision": async (page) => {
      await opened(page, `/chat/${idOf("Approve the trip")}`);
      await ask(page, "May we go?");
      await page.getByText("2 steps").click();
    },
    "chat-page-edit": async (page) => {
      await opened(page, `/chat/${idOf("Everything")}`);
      await ask(page, "What is a cave?");
      await page.getByRole("article").first().hover();
      await page.getByRole("button", { name: "Change and ask again" }).first().click();
      await page.locator("input[type=file]").setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("stalactites") });
    },
    "public-lead": async (page) => {
      await opened(page, `/chatbot/${idOf("Everything")}`);
      await page.getByRole("button", { name: "Begin" }).click();
    },
    "public-welcome": async (page) => {
      await opened(page, `/chatbot/${idOf("Everything")}`);
      await lead(page);
    },
    "public-chat": async (page) => {
      await opened(page, `/chatbot/${idOf("Everything")}`);
      await lead(page);
      await ask(page, "Everything, please");
    },
    "public-form": async (page) => {
      await opened(page, `/chatbot/${idOf("Order form")}`);
      await page.getByLabel("Cave").fill("Postojna");
    },
    "public-closed": async (page) => {
      await opened(page, `/chatbot/${idOf("Team of writers")}`);
      await page.getByRole("heading").first().waitFor();
    },
    runs: async (page) => {
      await opened(page, "/runs");
      await page.getByRole("button", { name: /How warm/ }).waitFor();
    },
    "run-trace": async (page) => {
      await opened(page, "/runs?run=11111111-1111-4111-8111-111111111111");
      await page.getByRole("treeitem", { name: /gpt-4o-mini/ }).first().click();
    },
    "run-failed": async (page) => {
      await opened(page, "/runs?run=22222222-2222-4222-8222-222222222222");
      await page.getByText("Connect Credential:").waitFor();
    },
    executions: async (page) => {
      await opened(page, "/executions");
      await page.getByRole("button", { name: "Approve the trip" }).first().waitFor();
    },
    execution: async (page) => {
      await opened(page, "/executions?execution=aaaaaaaa-1111-4111-8111-111111111111");
      await page.getByRole("treeitem", { name: /Plan the trip/ }).click();
    },
    "public-execution": async (page) => {
      await opened(page, "/execution/bbbbbbbb-2222-4222-8222-222222222222");
      await page.getByRole("treeitem").first().waitFor();
    },
    widget: async (page) => {
      const html = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Another site</title><body style="font:16px system-ui;margin:40px"><main><h1>Another site</h1><p>About caves.</p></main><script type="module">
        import Chatbot from "${chat.url}/embed.js";
        Chatbot.init({ chatflowid: "${idOf("Everything")}", apiHost: "${chat.url}", theme: { chatWindow: { title: "Cave guide" }, button: { autoWindowOpen: { autoOpen: true, autoOpenOnMobile: true } } } });
      </script></html>`;
      const site = createServer((_, response) => response.writeHead(200, { "content-type": "text/html" }).end(html));
      await new Promise((resolve) => site.listen(0, "127.0.0.1", resolve));
      await page.goto(`http://127.0.0.1:${site.address().port}`);
      await lead(page);
      await page.getByRole("textbox", { name: "Your message" }).fill("Everything, please");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Good answer" }).waitFor();
      site.close();
    },
  };
}
