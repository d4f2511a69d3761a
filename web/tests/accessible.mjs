// Whether a page can be used by everybody, as far as a machine can tell.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** What differs between two themes is the colours alone. */
const LOOKS = [["light", { type: "tag", values: RULES }], ["dark", { type: "rule", values: ["color-contrast"] }]];

/**
 * Fails when axe finds a violation of WCAG 2.2 AA on `page` as it is, in the light and in the dark.
 * An open menu or dialog hides the page from everybody but the eye: then `scope` names what is left to check.
 */
export async function assertAccessible(page, where, scope = "html") {
  for (const [colorScheme, runOnly] of LOOKS) {
    await page.emulateMedia({ colorScheme });
    // A page of somebody else's, with our widget on it, has no theme.
    await page.waitForFunction((theme) => [undefined, theme].includes(document.documentElement.dataset.theme), colorScheme);
    // Colours half way between two themes belong to neither. What follows scrolling, not time, is never finished.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await page.evaluate(() => Promise.allSettled(document.getAnimations().filter((animation) => animation.timeline === document.timeline).map((animation) => animation.finished)));
    if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(AXE);
    const found = await page.evaluate(async ([checked, rules]) => {
      const { violations } = await globalThis.axe.run(checked, { runOnly: rules, resultTypes: ["violations"] });
      return violations.map(({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.slice(0, 4).map((node) => `${node.target.join(" ")}: ${node.failureSummary.split("\n").slice(1).join(";")}`).join("\n    ")}`);
    }, [scope, runOnly]);
    assert.deepEqual(found, [], `${where} (${colorScheme})\n  ${found.join("\n  ")}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
}
