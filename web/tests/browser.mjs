// Starts the system's Chromium for tests, with nothing reaching out in the background.
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "playwright-core";

const ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--force-color-profile=srgb"];

/** How long anything may take before it counts as broken, in milliseconds: the machine may be building something else meanwhile. */
export const PATIENCE = 60_000;

/** How many times slower than it is the browser's processor shall seem: `SLOWNESS=6` finds what a test forgets to wait for. */
const SLOWNESS = Number(process.env.SLOWNESS ?? 1);

/** A context of a wide window in which nothing moves, as `more` says else. */
export async function newContext(browser, more = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce", ...more });
  context.setDefaultTimeout(PATIENCE);
  if (SLOWNESS > 1) context.on("page", (page) => void slow(page));
  return context;
}

async function slow(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWNESS });
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", { offline: false, latency: 100 * SLOWNESS, downloadThroughput: -1, uploadThroughput: -1 });
}

/** A browser; `CHROMIUM` names another binary than Debian's. */
export function launchBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS, headless: true });
}

/** What `check` gives once it no longer throws: pages and the server behind them take their time. */
export async function eventually(check) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await pause(50);
    }
  }
}

/** Once the graph's view stands still: what is dragged before that is missed. */
export function standsStill(page) {
  return page.waitForFunction(
    () => {
      const now = document.querySelector(".react-flow__viewport")?.style.transform;
      const stood = globalThis.stoodAt;
      globalThis.stoodAt = now;
      return now === stood;
    },
    undefined,
    { polling: 250 },
  );
}
