import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FlowDataError, parseFlowData, toFlowData } from "./flow-data";

const FIXTURES = new URL("../../../../tests/fixtures/", import.meta.url);
const files = readdirSync(FIXTURES).filter((name) => name.endsWith(".flow.json"));

/** JSON with the keys of every object sorted, so that only content counts. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner && typeof inner === "object" && !Array.isArray(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}

describe("flowData", () => {
  it.each(files)("of %s comes back with nothing lost", (name) => {
    const text = readFileSync(new URL(name, FIXTURES), "utf8");
    expect(canonical(toFlowData(parseFlowData(text)))).toBe(canonical(JSON.parse(text)));
  });

  it("comes back with nothing lost after any one value was replaced by another", () => {
    const text = readFileSync(new URL("damaged.flow.json", FIXTURES), "utf8");
    const strange: unknown[] = [null, 7, "", "text", [], {}, { deep: [{ x: 1 }] }, false];
    let tried = 0;
    for (const path of pathsOf(JSON.parse(text), 4)) {
      for (const value of strange) {
        const changed: unknown = JSON.parse(text);
        put(changed, path, value);
        const changedText = JSON.stringify(changed);
        // A list of nodes that is none is refused as a whole, and nothing is written then.
        if (path.length === 1 && (path[0] === "nodes" || path[0] === "edges") && !Array.isArray(value)) continue;
        expect(canonical(toFlowData(parseFlowData(changedText))), `${path.join(".")} = ${JSON.stringify(value)}`).toBe(canonical(changed));
        tried += 1;
      }
    }
    expect(tried).toBeGreaterThan(300);
  });

  it("keeps what it could not read at its place", () => {
    const graph = parseFlowData(readFileSync(new URL("damaged.flow.json", FIXTURES), "utf8"));
    expect(graph.unread).toEqual([{ list: "nodes", index: 4, value: "a word where a node should be" }]);
    expect(graph.extra).toHaveProperty("futureTopLevel");
    expect(graph.nodes.find((node) => node.id === "lost_0")?.position).toBeNull();
  });

  it.each([
    ["{", /not JSON/],
    ["[]", /not an object/],
    ['"text"', /not an object/],
    ["{}", /nodes is missing/],
    ['{"nodes":[],"edges":3}', /wires are not a list/],
  ])("says why %s is no graph", (text, reason) => {
    expect(() => parseFlowData(text)).toThrow(FlowDataError);
    expect(() => parseFlowData(text)).toThrow(reason);
  });
});

type Path = (string | number)[];

/** Every place in `value`, down to `depth`. */
function pathsOf(value: unknown, depth: number, path: Path = []): Path[] {
  const here = path.length > 0 ? [path] : [];
  if (depth === 0 || typeof value !== "object" || value === null) return here;
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [...here, ...keys.flatMap((key) => pathsOf((value as Record<string | number, unknown>)[key], depth - 1, [...path, key]))];
}

function put(root: unknown, path: Path, value: unknown): void {
  const holder = path.slice(0, -1).reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], root);
  (holder as Record<string | number, unknown>)[path.at(-1) ?? ""] = value;
}
