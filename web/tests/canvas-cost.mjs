// What opening and dragging in a large flow costs: `npm run cost [nodes] [profile.cpuprofile]`. Prints seconds of CPU, not of the clock, since the machine may be busy; needs a build.
import { readFileSync, writeFileSync } from "node:fs";
import { launchBrowser, newContext } from "./browser.mjs";
import { largeFlow } from "./large-flow.mjs";
import { flow, startMockServer } from "./mock-server.mjs";

const [, , count = "300", profile] = process.argv;
const first = JSON.parse(readFileSync(new URL("fixtures/first.flow.json", import.meta.url), "utf8"));
const mock = await startMockServer({ fresh: false });
const browser = await launchBrowser();
try {
  const made = flow("Large", JSON.stringify(largeFlow(first, Number(count))), 1);
  mock.state.flows.push(made);
  const page = await (await newContext(browser, { storageState: mock.signedIn() })).newPage();
  const tools = await page.context().newCDPSession(page);
  // What the thread itself spent, whatever else the machine does.
  await tools.send("Performance.enable", { timeDomain: "threadTicks" });
  const spent = async () => Object.fromEntries((await tools.send("Performance.getMetrics")).metrics.map(({ name, value }) => [name, value]));
  const report = (what, after, before, clock) => {
    const seconds = (name) => (after[name] - (before[name] ?? 0)).toFixed(2);
    console.log(`${what.padEnd(28)} ${seconds("TaskDuration")} s of CPU (script ${seconds("ScriptDuration")}, layout ${seconds("LayoutDuration")}, style ${seconds("RecalcStyleDuration")}), ${after.Nodes} DOM nodes, ${(clock / 1000).toFixed(1)} s by the clock`);
  };
  // Once, so that the code is there: what is measured is the flow, not the network.
  await page.goto(`${mock.url}/canvas/${mock.state.flows[0].id}`);
  await page.locator(".react-flow__node").first().waitFor();
  if (profile) {
    await tools.send("Profiler.enable");
    await tools.send("Profiler.setSamplingInterval", { interval: 200 });
    await tools.send("Profiler.start");
  }
  let clock = performance.now();
  await page.goto(`${mock.url}/canvas/${made.id}`);
  await page.locator(".react-flow__node").first().waitFor();
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
  report(`opening ${count} nodes`, await spent(), {}, performance.now() - clock);
  if (profile) writeFileSync(profile, JSON.stringify((await tools.send("Profiler.stop")).profile));
  if (profile) await tools.send("Profiler.start");
  if (process.env.CSS) await page.addStyleTag({ content: process.env.CSS });
  await page.keyboard.press("Escape");
  const box = await page.locator(".react-flow__node-node").nth(3).boundingBox();
  const before = await spent();
  clock = performance.now();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 4);
  await page.mouse.down();
  await page.mouse.move(box.x + 200, box.y + 120, { steps: 60 });
  await page.mouse.up();
  report("dragging one in 60 steps", await spent(), before, performance.now() - clock);
  if (profile) writeFileSync(`${profile}.drag`, JSON.stringify((await tools.send("Profiler.stop")).profile));
} finally {
  await browser.close();
  await mock.close();
}
