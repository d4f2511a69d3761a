// What the journeys on a running Flowstone share: where it is, who signs in, and flows that are made over its API.
import assert from "node:assert/strict";

const EMAIL = process.env.TOUR_EMAIL ?? "ada@example.com";
const PASSWORD = process.env.TOUR_PASSWORD ?? "Str0ng-enough!";

/** The address of the Flowstone to visit. */
export const base = process.env.BASE_URL?.replace(/\/$/, "");
assert.ok(base, "BASE_URL names the Flowstone to visit");

/** Sets up or signs in, until the list of flows stands there. */
export async function enter(page) {
  await page.goto(base);
  await page.waitForURL(/\/(organization-setup|signin|chatflows)/);
  if (new URL(page.url()).pathname === "/chatflows") return;
  const isNew = page.url().endsWith("/organization-setup");
  if (isNew) await page.getByLabel("Name").fill("Ada Lovelace");
  await page.getByLabel("E-mail").fill(EMAIL);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  if (isNew) await page.getByLabel("Repeat the password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.pathname === "/chatflows");
}

/** What the server answers the person who is signed in on `page`. */
async function call(page, path, options = {}) {
  const response = await page.request.fetch(`${base}/api/v1${path}`, { ...options, headers: { "x-request-from": "internal" } });
  assert.ok(response.ok(), `${path}: ${response.status()} ${await response.text()}`);
  return response.json();
}

/**
 * An agentflow of `steps` ({ id, label, inputs, at, parent }) and `wires` ([from, to, way out]); gives its id. A step's id is
 * the name of its kind and a number.
 */
export async function makeAgentflow(page, name, steps, wires) {
  const catalog = new Map((await call(page, "/nodes")).map((entry) => [entry.name, entry]));
  const nodes = steps.map(({ id, label, inputs = {}, at, parent }) => {
    const { inputs: rows, outputs, credential: _, ...facts } = catalog.get(id.replace(/_\d+$/, ""));
    const ways = outputs?.length > 0 ? outputs.map((_way, index) => ({ id: `${id}-output-${index}`, label: facts.label, name: facts.name })) : [{ id: `${id}-output-${facts.name}`, label: facts.label, name: facts.name }];
    const isFrame = facts.name === "iterationAgentflow";
    return {
      id,
      type: isFrame ? "iteration" : "agentFlow",
      position: { x: at[0], y: at[1] },
      ...(isFrame ? { width: 420, height: 240 } : {}),
      ...(parent ? { parentNode: parent, extent: "parent" } : {}),
      data: {
        ...facts,
        id,
        label,
        inputParams: rows.map((row) => ({ ...row, id: `${id}-input-${row.name}-${row.type}` })),
        inputAnchors: [],
        outputAnchors: facts.hideOutput ? [] : ways,
        inputs: { ...Object.fromEntries(rows.map((row) => [row.name, row.default ?? ""])), ...inputs },
        outputs: {},
      },
    };
  });
  const edges = wires.map(([source, target, way]) => {
    const sourceHandle = `${source}-output-${way ?? source.replace(/_\d+$/, "")}`;
    return { id: `${source}-${sourceHandle}-${target}-${target}`, type: "agentFlow", source, sourceHandle, target, targetHandle: target, data: {} };
  });
  const flow = await call(page, "/chatflows", { method: "POST", data: { name, type: "AGENTFLOW", flowData: JSON.stringify({ nodes, edges }) } });
  return flow.id;
}
