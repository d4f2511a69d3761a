// Starts the system's Chromium for tests, with nothing reaching out in the background.
import { chromium } from "playwright-core";

const ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--force-color-profile=srgb"];

/** How long anything may take before it counts as broken, in milliseconds: the machine may be building something else meanwhile. */
export const PATIENCE = 60_000;

/** A context of a wide window in which nothing moves, as `more` says else. */
export async function newContext(browser, more = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce", ...more });
  context.setDefaultTimeout(PATIENCE);
  return context;
}

/** A browser; `CHROMIUM` names another binary than Debian's. */
export function launchBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS, headless: true });
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
