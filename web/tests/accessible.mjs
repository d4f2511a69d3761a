// Whether a page can be used by everybody, as far as a machine can tell.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * Fails when axe finds a violation of WCAG 2.2 AA on `page` as it is, in the light and in the dark.
 * An open menu or dialog hides the page from everybody but the eye: then `scope` names what is left to check.
 */
export async function assertAccessible(page, where, scope = "html") {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.waitForFunction((theme) => document.documentElement.dataset.theme === theme, colorScheme);
    // Colours half way between two themes belong to neither.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await page.evaluate(() => Promise.allSettled(document.getAnimations().map((animation) => animation.finished)));
    await page.evaluate(AXE);
    const found = await page.evaluate(async (checked) => {
      const { violations } = await globalThis.axe.run(checked, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] });
      return violations.map(({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.slice(0, 4).map((node) => `${node.target.join(" ")}: ${node.failureSummary.split("\n").slice(1).join(";")}`).join("\n    ")}`);
    }, scope);
    assert.deepEqual(found, [], `${where} (${colorScheme})\n  ${found.join("\n  ")}`);
  }
}
