// Weighs the built chunks (gzip) and fails when a page grew over its budget.
import { readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { gzipSync } from "node:zlib";

const DIST = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", DIST), "utf8"));

/** Kilobytes of gzipped JavaScript that a first visit to each page may load. */
const BUDGETS = [
  { page: "sign-in", entries: ["index.html"], limit: 240 },
  { page: "chatflows", entries: ["index.html", "src/features/chatflows/index.ts"], limit: 240 },
  { page: "canvas with chat", entries: ["index.html", "src/features/canvas/index.ts"], limit: 370 },
];

/** The script files of `key` and of everything it imports at once. */
function scriptsOf(key, found = new Set()) {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`The build has no chunk for ${key}.`);
  if (found.has(chunk.file)) return found;
  found.add(chunk.file);
  for (const imported of chunk.imports ?? []) scriptsOf(imported, found);
  return found;
}

const gzipped = (file) => gzipSync(readFileSync(new URL(file, DIST)), { level: 9 }).length / 1000;
const sizeOf = (folder) => readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => sum + (entry.isDirectory() ? sizeOf(new URL(`${entry.name}/`, folder)) : statSync(new URL(entry.name, folder)).size), 0);

let over = false;
for (const { page, entries, limit } of BUDGETS) {
  const files = new Set(entries.flatMap((entry) => [...scriptsOf(entry)]));
  const weight = [...files].reduce((sum, file) => sum + gzipped(file), 0);
  over ||= weight > limit;
  console.log(`${page.padEnd(18)} ${weight.toFixed(1).padStart(6)} kB of ${limit} kB gzip${weight > limit ? "  OVER BUDGET" : ""}`);
}
/** The same for the chat widget, which is one file. */
const WIDGET_LIMIT = 70;
const widget = gzipped("embed.js");
over ||= widget > WIDGET_LIMIT;
console.log(`${"chat widget".padEnd(18)} ${widget.toFixed(1).padStart(6)} kB of ${WIDGET_LIMIT} kB gzip${widget > WIDGET_LIMIT ? "  OVER BUDGET" : ""}`);
// Only this script reads the manifest; what is served does without.
rmSync(new URL(".vite/", DIST), { recursive: true });
console.log(`whole dist         ${(sizeOf(DIST) / 1000).toFixed(0).padStart(6)} kB raw`);
if (over) process.exitCode = 1;
