import { describe, expect, it } from "vitest";
import { BOX, sketchOf, TILE } from "./sketch";

const node = (id: string, x: unknown, y: unknown, more = {}) => ({ id, position: { x, y }, data: { name: id, label: id.toUpperCase() }, ...more });

describe("sketchOf", () => {
  it("puts nodes that stand above each other into one column, in their order", () => {
    const sketch = sketchOf([node("b", 20, 300), node("a", 0, 0), node("c", 900, 100)], [{ source: "a", target: "c" }, { source: "a", target: "gone" }]);
    const at = Object.fromEntries(sketch.nodes.map(({ id, x, y }) => [id, { x, y }]));
    expect(at["a"]?.x).toBe(at["b"]?.x);
    expect(at["a"]?.y).toBeLessThan(at["b"]?.y ?? 0);
    expect(at["c"]?.x).toBeGreaterThan(BOX.width);
    expect(sketch.wires).toHaveLength(1);
    expect(sketch.width).toBeGreaterThan(2 * BOX.width);
  });

  it("counts nodes of a frame from its corner, leaves notes out, and bears what has no place", () => {
    const sketch = sketchOf([node("frame", 2000, 0), node("inner", 10, 10, { parentNode: "frame" }), node("lost", "x", null), node("stickyNote", 0, 0), { id: 4 }], []);
    const at = Object.fromEntries(sketch.nodes.map(({ id, x }) => [id, x]));
    expect(at["inner"]).toBe(at["frame"]);
    expect(sketch.nodes.map(({ id }) => id).toSorted()).toEqual(["frame", "inner", "lost"]);
  });

  it("takes less room where nodes are drawn as icons", () => {
    const sketch = sketchOf([node("a", 0, 0), node("b", 900, 0)], [{ source: "a", target: "b" }], TILE);
    expect(sketch.width).toBe(3 * TILE.width);
    expect(sketch.wires[0]?.path).toMatch(new RegExp(`^M${TILE.width} ${TILE.height / 2}C`));
  });

  it("has a size even without nodes", () => expect(sketchOf([], [])).toMatchObject({ nodes: [], wires: [], width: BOX.width, height: BOX.height }));
});
