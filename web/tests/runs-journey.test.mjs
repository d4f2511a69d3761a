// Re-runs, pins, breakpoints and decisions of an agentflow on a running Flowstone, from its canvas; no model is asked.
// BASE_URL=http://127.0.0.1:3000 npm run runs; signs in (or sets up) with TOUR_EMAIL and TOUR_PASSWORD.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launchBrowser, newContext } from "./browser.mjs";
import { base, enter, makeAgentflow } from "./real.mjs";

let browser;
let page;
const complaints = [];

before(async () => {
  browser = await launchBrowser();
  page = await (await newContext(browser)).newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
});

after(() => browser?.close());

const PLAN = "customFunctionAgentflow_0";
const CHECK = "customFunctionAgentflow_1";
const DECIDE = "humanInputAgentflow_0";
const GO = "directReplyAgentflow_0";
const code = (text) => ({ customFunctionJavascriptFunction: text });
const STEPS = [
  { id: "startAgentflow_0", label: "Start", at: [0, 100] },
  { id: PLAN, label: "Plan", at: [300, 100], inputs: code("return `A plan for ${$flow.input}`;") },
  { id: "conditionAgentflow_0", label: "By river?", at: [620, 100], inputs: { conditions: [{ type: "string", value1: `{{ ${PLAN} }}`, operation: "contains", value2: "river" }] } },
  { id: CHECK, label: "Check the water", at: [960, 20], inputs: code("return 'The water stands at 2 m.';") },
  { id: DECIDE, label: "Ask the leader", at: [1280, 20], inputs: { humanInputDescriptionType: "fixed", humanInputDescription: `{{ ${CHECK} }} Shall we go?`, humanInputEnableFeedback: true } },
  { id: GO, label: "Go", at: [1620, -40], inputs: { directReplyMessage: `We go. {{ ${CHECK} }}` } },
  { id: "directReplyAgentflow_1", label: "Stay", at: [1620, 160], inputs: { directReplyMessage: "We stay." } },
  { id: "directReplyAgentflow_2", label: "Walk", at: [960, 260], inputs: { directReplyMessage: "We walk." } },
];
const WIRES = [["startAgentflow_0", PLAN], [PLAN, "conditionAgentflow_0"], ["conditionAgentflow_0", CHECK, 0], ["conditionAgentflow_0", "directReplyAgentflow_2", 1], [CHECK, DECIDE], [DECIDE, GO, 0], [DECIDE, "directReplyAgentflow_1", 1]];

const node = (id) => page.locator(`.react-flow__node[data-id="${id}"]`);
const at = (id, status) => node(id).locator(`[data-run="${status}"]`).waitFor();
const runs = () => page.getByRole("region", { name: "Runs of this flow" });
const row = (name) => runs().getByRole("treeitem", { name }).first();
const details = () => page.getByRole("complementary", { name: "Node details" });
const dialog = () => page.getByRole("dialog");
const saved = () => page.getByText("Saved", { exact: true }).waitFor();

const answer = (text) => page.locator(".prose-chat").getByText(text, { exact: true }).waitFor();

async function ask(question) {
  await page.getByLabel("Your message").fill(question);
  await page.keyboard.press("Enter");
}

test("a run is decided at its node", async () => {
  await enter(page);
  const id = await makeAgentflow(page, `Trips ${Date.now().toString(36)}`, STEPS, WIRES);
  await page.goto(`${base}/v2/agentcanvas/${id}`);
  await node(GO).waitFor();
  await ask("the river");
  await at(DECIDE, "waiting");
  await node(DECIDE).getByRole("region", { name: "Decision at Ask the leader" }).getByRole("button", { name: "Proceed" }).click();
  await at(GO, "finished");
  await answer("We go. The water stands at 2 m.");
  assert.equal(await details().count(), 0, "whoever decides at a node goes on with the chat");
  assert.equal(await node(DECIDE).getByText("×2").count(), 0, "a turn that waited is one turn");
});

test("an output is pinned from that run", async () => {
  await page.getByRole("button", { name: "Runs", exact: true }).click();
  await runs().getByRole("button", { name: /Finished/ }).click();
  await row(/Check the water/).click();
  await runs().getByText("The water stands at 2 m.").first().waitFor();
  await runs().getByRole("button", { name: "Pin this output" }).click();
  await node(CHECK).locator("[data-pinned]").waitFor();
  await node(CHECK).click();
  await details().getByRole("button", { name: "Change" }).click();
  const text = dialog().locator(".cm-content");
  await text.click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText('{"content": "The water stands at 4 m."}');
  await dialog().getByRole("button", { name: "Pin", exact: true }).click();
  await dialog().waitFor({ state: "detached" });
  await runs().getByRole("button", { name: "Close the runs" }).click();
  await details().getByRole("button", { name: "Close" }).click();
  await saved();
});

test("a run stops at a breakpoint, goes on, and uses what is pinned", async () => {
  await node(CHECK).click();
  await node(CHECK).focus();
  await page.keyboard.press("b");
  await node(CHECK).locator("[data-breakpoint]").waitFor();
  await node(CHECK).focus();
  await page.keyboard.press("b");
  await node(CHECK).locator("[data-breakpoint]").waitFor({ state: "detached" });
  await node(DECIDE).click();
  await node(DECIDE).focus();
  await page.keyboard.press("b");
  await node(DECIDE).locator("[data-breakpoint]").waitFor();
  await details().getByRole("button", { name: "Close" }).click();
  await saved();
  await ask("the river again");
  await at(DECIDE, "waiting");
  await node(CHECK).getByText("Pinned output").waitFor();
  await node(DECIDE).getByText("Stopped before this node.").waitFor();
  await node(DECIDE).getByRole("button", { name: "Continue" }).click();
  await node(DECIDE).getByRole("button", { name: "Proceed" }).waitFor();
  await node(DECIDE).getByRole("button", { name: "Proceed" }).click();
  await answer("We go. The water stands at 4 m.");
  await at(GO, "finished");
});

test("a run goes again from a node with another setting, and is compared with the one before", async () => {
  await page.getByRole("button", { name: "Runs", exact: true }).click();
  // The newest one stands first.
  await runs().getByRole("button", { name: /Finished/ }).nth(1).waitFor();
  await runs().getByRole("button", { name: /Finished/ }).first().click();
  await row(/Check the water/).click();
  await runs().getByRole("button", { name: "Run again from here" }).click();
  await dialog().getByRole("switch", { name: "With other settings" }).click();
  const text = dialog().locator(".cm-content").first();
  await text.click();
  await page.keyboard.press("ControlOrMeta+A");
  await page.keyboard.insertText("return 'The water stands at 9 m.';");
  const address = page.url();
  await dialog().getByRole("button", { name: "Run again" }).click();
  await dialog().waitFor({ state: "detached" });
  await page.waitForURL((url) => url.href !== address);
  await runs().getByText("Again", { exact: true }).waitFor();
  await at(DECIDE, "waiting");
  await runs().getByRole("button", { name: "Continue" }).click();
  await runs().getByRole("button", { name: "Proceed" }).waitFor();
  await node(DECIDE).getByRole("button", { name: "Proceed" }).waitFor();
  await runs().getByRole("button", { name: "Proceed" }).click();
  await at(GO, "finished");
  await row(/^.*Go/).waitFor();
  await runs().getByRole("button", { name: "Compare with…" }).click();
  await page.getByRole("menuitem", { name: /the run before/ }).click();
  const sides = runs().getByRole("region", { name: "Two runs side by side" });
  await sides.getByLabel("Only what differs").check();
  await sides.getByText("Check the water").click();
  await sides.getByText("The water stands at 9 m.").first().waitFor();
  await sides.getByText("The water stands at 4 m.").first().waitFor();
});

test("the rounds of a loop are walked at its nodes", async () => {
  const id = await makeAgentflow(
    page,
    `Rounds ${Date.now().toString(36)}`,
    [
      { id: "startAgentflow_0", label: "Start", at: [0, 100] },
      { id: PLAN, label: "Try", at: [340, 100], inputs: code("return 'Tried.';") },
      { id: "loopAgentflow_0", label: "Once more", at: [680, 100], inputs: { loopBackToNode: `${PLAN}-Try`, maxLoopCount: 3, fallbackMessage: "That is enough." } },
    ],
    [["startAgentflow_0", PLAN], [PLAN, "loopAgentflow_0"]],
  );
  await page.goto(`${base}/v2/agentcanvas/${id}`);
  await node(PLAN).waitFor();
  await ask("Again and again");
  const rounds = node(PLAN).getByRole("group", { name: "Rounds of Try" });
  await rounds.getByText("3/3").waitFor();
  await page.locator("[data-passes]").getByText("×3").waitFor();
  await page.getByRole("button", { name: "Runs", exact: true }).click();
  await runs().getByRole("button", { name: /Finished/ }).click();
  await row(/Try/).waitFor();
  await rounds.getByRole("button", { name: "Round before" }).click();
  await rounds.getByText("2/3").waitFor();
  await runs().getByRole("treeitem", { name: /Try/, selected: true }).waitFor();
  assert.equal(await runs().getByRole("treeitem", { name: /Try/ }).evaluateAll((all) => all.findIndex((one) => one.ariaSelected === "true")), 1);
});

test("nothing complained", () => assert.deepEqual(complaints, []));
