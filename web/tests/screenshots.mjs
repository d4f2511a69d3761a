// Pictures of every page, light and dark, wide and narrow, into web/screenshots/: look at them after a change of looks.
import { mkdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { launchBrowser } from "./browser.mjs";
import { assertAccessible } from "./accessible.mjs";
import { measured } from "./measured.mjs";
import { chatFlows } from "./mock-chat.mjs";
import { tripGraph } from "./mock-runs.mjs";
import { flow, startMockServer } from "./mock-server.mjs";
import { canvasScenes } from "./scenes-canvas.mjs";
import { chatScenes } from "./scenes-chat.mjs";
import { flowPageScenes } from "./scenes-flow-pages.mjs";
import { listScenes } from "./scenes-lists.mjs";
import { runScenes } from "./scenes-runs.mjs";
import { stateScenes } from "./scenes-states.mjs";
import { storeScenes } from "./scenes-stores.mjs";
import { workbenchScenes } from "./scenes-workbench.mjs";

const OUT = fileURLToPath(new URL("../screenshots/", import.meta.url));
const SIZES = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } };
/** `--axe` has axe look at every scene too. */
const withAxe = process.argv.includes("--axe");
/** A part of a picture's name, or a pattern, when not all are wanted. */
const pattern = process.argv.slice(2).find((word) => !word.startsWith("--"));
const only = pattern && new RegExp(pattern);

if (!only) rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const fresh = await startMockServer({ fresh: true });
const server = await startMockServer({ fresh: false });
const chat = await startMockServer({ fresh: false, flows: chatFlows(flow) });
const trip = (data) => [flow("Trip planner", tripGraph(data), 5, { type: "AGENTFLOW" })];
const trips = await startMockServer({ fresh: false, flows: trip() });
const marked = await startMockServer({ fresh: false, flows: trip({ llmAgentflow: { pinnedOutput: { content: "By hand." } }, agentAgentflow: { breakpoint: true } }) });
const none = await startMockServer({ fresh: false, flows: [] });
const browser = await launchBrowser();

const ask = async (page, question, wait = true) => {
  await page.getByLabel("Your message").fill(question);
  await page.keyboard.press("Enter");
  if (wait) await page.locator('article[data-state="done"], article[data-state="failed"]').last().waitFor();
};
const openFlow = async (page, name, size) => {
  await page.goto(`${server.url}/canvas/${server.state.flows.find((entry) => entry.name.startsWith(name)).id}`);
  await page.locator(".react-flow__node").first().waitFor().catch(() => undefined);
  await page.waitForTimeout(400);
  return { toChat: async () => size === "narrow" && page.getByRole("button", { name: "Chat", exact: true }).click() };
};

/** Every picture: what to do on the page before it is taken. */
const SCENES = {
  setup: async (page) => {
    await page.goto(fresh.url);
    await page.getByLabel("Password", { exact: true }).fill("Str0ng");
  },
  "setup-errors": async (page) => {
    await page.goto(fresh.url);
    await page.getByRole("button", { name: "Create account" }).click();
  },
  "sign-in-clean": async (page) => {
    await page.goto(`${server.url}/signin`);
    await page.getByRole("button", { name: "Sign in" }).waitFor();
  },
  "sign-in": async (page) => {
    await page.goto(`${server.url}/signin`);
    await page.getByLabel("E-mail").fill("ada@example.com");
    await page.getByLabel("Password", { exact: true }).fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").waitFor();
  },
  forgot: async (page) => {
    await page.goto(`${server.url}/forgot-password`);
    await page.getByRole("button", { name: "Send the link" }).waitFor();
  },
  "forgot-sent": async (page) => {
    await page.goto(`${server.url}/forgot-password`);
    await page.getByLabel("E-mail").fill("ada@example.com");
    await page.getByRole("button", { name: "Send the link" }).click();
    await page.getByText("Look into your mail").waitFor();
  },
  reset: async (page) => {
    await page.goto(`${server.url}/reset-password#token=wrong`);
    await page.getByLabel("New password", { exact: true }).fill("Str0ng-enough!");
    await page.getByLabel("Repeat the new password").fill("Str0ng-enough!");
    await page.getByRole("button", { name: "Set the password" }).click();
    await page.getByRole("alert").waitFor();
  },
  account: async (page) => {
    await page.goto(`${server.url}/account`);
    await page.getByLabel("E-mail").fill("lee@example.com");
    await page.getByRole("button", { name: "Change password" }).click();
  },
  ...chatScenes({ chat, ask }),
  ...runScenes({ trips, marked, ask }),
  ...canvasScenes({ server, flow }),
  ...listScenes({ server, none }),
  ...stateScenes({ server }),
  ...storeScenes({ server, none }),
  ...workbenchScenes({ server, none }),
  ...flowPageScenes({ server, none }),
  canvas: async (page, size) => void (await openFlow(page, "Built-in", size)),
  "canvas-agent": async (page, size) => void (await openFlow(page, "Weather", size)),
  "canvas-retrieval": async (page, size) => void (await openFlow(page, "Ask the cave", size)),
  inspector: async (page, size) => {
    await openFlow(page, "Weather", size);
    await page.locator(".react-flow__node", { hasText: "OpenAI" }).click();
    await page.getByText("More settings").click();
  },
  "editor-new": async (page) => {
    await page.goto(`${server.url}/canvas`);
    await page.getByText("Start your chatflow").waitFor();
  },
  "editor-agentflow": async (page, size) => {
    await page.goto(`${server.url}/v2/agentcanvas`);
    await page.locator(".react-flow__node").first().waitFor();
    if (size === "narrow") return;
    await page.locator(".react-flow__node").first().click();
    await page.getByLabel("Name of this node").waitFor();
  },
  "editor-connect": async (page, size) => {
    await openFlow(page, "Weather", size);
    await page.locator(".react-flow__node", { hasText: "Tool Agent" }).focus();
    await page.keyboard.press("c");
    await page.getByRole("dialog").waitFor();
  },
  "editor-keys": async (page, size) => {
    await openFlow(page, "Weather", size);
    await page.locator("[data-canvas]").focus();
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
  },
  "editor-versions": async (page, size) => {
    await openFlow(page, "Ask the cave", size);
    if (size === "narrow") return;
    await page.getByRole("button", { name: "Show or hide the side panel" }).click();
    await page.getByRole("tab", { name: "Versions" }).click();
    await page.getByRole("button", { name: /Compare with/ }).first().waitFor();
  },
  outline: async (page, size) => {
    await openFlow(page, "Weather", size);
    if (size === "narrow") await page.getByRole("button", { name: "Outline" }).click();
  },
  problems: async (page, size) => {
    await openFlow(page, "Brought", size);
    await page.getByRole("button", { name: /problems/ }).click();
  },
  broken: async (page, size) => void (await openFlow(page, "Half", size)),
  "not-found": async (page) => {
    await page.goto(`${server.url}/canvas/00000000-0000-4000-8000-000000000000`);
    await page.getByText("does not exist").waitFor();
  },
  chat: async (page, size) => {
    const { toChat } = await openFlow(page, "Built-in", size);
    await toChat();
    await ask(page, "Show me some markdown");
  },
  "chat-tools": async (page, size) => {
    const { toChat } = await openFlow(page, "Weather", size);
    await toChat();
    await ask(page, "How warm is it in Ljubljana, doubled?");
    await page.getByText(/Used 2 tools/).click();
  },
  "chat-sources": async (page, size) => {
    const { toChat } = await openFlow(page, "Ask the cave", size);
    await toChat();
    await ask(page, "What is flowstone?");
    await page.getByText("2 sources").click();
  },
  "chat-waiting": async (page, size) => {
    const { toChat } = await openFlow(page, "Built-in", size);
    await toChat();
    await ask(page, "slow please", false);
    await page.locator('article[data-state="writing"]').waitFor();
    await page.waitForTimeout(700);
  },
  "chat-failed": async (page, size) => {
    const { toChat } = await openFlow(page, "Built-in", size);
    await toChat();
    await ask(page, "please break in the middle");
    await page.getByRole("button", { name: "New chat" }).click();
    await ask(page, "please refuse this");
  },
  offline: async (page) => {
    await page.goto(`${server.url}/chatflows`);
    await page.getByRole("link", { name: "Built-in model" }).waitFor();
    server.state.down = true;
    await page.getByLabel("Search by name").fill("cave");
    await page.getByRole("alert").waitFor({ timeout: 15_000 });
    server.state.down = false;
  },
};

/** Scenes of the chat's own server. */
const inChat = new Set(Object.keys(chatScenes({ chat, ask })));
/** And of those of runs. */
const inTrips = new Set(Object.keys(runScenes({ trips, marked, ask })));
const anonymous = new Set(["setup", "setup-errors", "sign-in-clean", "sign-in", "forgot", "forgot-sent", "reset"]);
for (const [size, viewport] of Object.entries(SIZES)) {
  for (const theme of ["light", "dark"]) {
    for (const [scene, play] of Object.entries(SCENES)) {
      if (only && !only.test(`${scene}-${size}-${theme}`)) continue;
      const account = anonymous.has(scene) ? undefined : scene.endsWith("-none") ? none : inChat.has(scene) ? chat : scene === "runs-marks" ? marked : inTrips.has(scene) ? trips : server;
      const context = await browser.newContext({ viewport, colorScheme: theme, reducedMotion: "reduce", ...(account && { storageState: await signedIn(account) }) });
      const page = await context.newPage();
      page.on("pageerror", (error) => console.log(`${scene}: ${error.message}`));
      await play(page, size).catch((error) => console.log(`${scene} ${size} ${theme}: ${error.message.split("\n")[0]}`));
      await page.waitForTimeout(150);
      await page.screenshot({ path: `${OUT}${scene}-${size}-${theme}.png` });
      for (const fault of await measured(page)) faults.push(`${scene} ${size} ${theme}: ${fault}`);
      // It looks at both themes by itself.
      if (withAxe && theme === "light") await assertAccessible(page, `${scene} ${size}`, await openedOver(page)).catch((error) => faults.push(error.message));
      await context.close();
    }
  }
}
await browser.close();
await Promise.all([fresh.close(), server.close(), none.close(), chat.close(), trips.close(), marked.close()]);
console.log(`Pictures are in ${OUT}`);
if (faults.length) console.log(`A ruler found:\n${faults.join("\n")}`);

/** What lies over the page and hides the rest of it: that alone is there to be read then. */
async function openedOver(page) {
  for (const over of ["[role=menu]", "[role=listbox]", "[role=alertdialog]", "[role=dialog]"]) if ((await page.locator(over).count()) > 0 && (await page.locator("[data-aria-hidden=true], [aria-hidden=true][data-radix-aria-hidden], #root[aria-hidden=true]").count()) > 0) return over;
  return "html";
}

/** The cookies and storage of a signed-in person; signing in once per server is enough. */
async function signedIn(account) {
  account.session ??= signIn(account);
  return account.session;
}

async function signIn({ url, state }) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${url}/signin`);
  await page.getByLabel("E-mail").fill(state.account.email);
  await page.getByLabel("Password", { exact: true }).fill(state.account.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL("**/chatflows");
  const session = await context.storageState();
  await context.close();
  return session;
}
