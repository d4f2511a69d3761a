// What a moved node comes to stand in line with.
import { expect, test } from "vitest";
import { alignedWith } from "./guides";

const rect = (x: number, y: number, width = 100, height = 60) => ({ id: `${x},${y}`, x, y, width, height });

test("a node within reach of another's start is put in line with it, and the line joins both", () => {
  const { position, guides } = alignedWith(rect(104, 300), [rect(100, 0)], 6);
  expect(position).toEqual({ x: 100, y: 300 });
  expect(guides).toEqual([{ axis: "x", place: 100, start: 0, end: 360 }]);
});

test("middles and ends are in line too, and the nearest counts", () => {
  expect(alignedWith(rect(48, 200, 100), [rect(0, 0, 200)], 6).position.x).toBe(50);
  expect(alignedWith(rect(97, 200, 100), [rect(0, 0, 200)], 6).position.x).toBe(100);
  expect(alignedWith(rect(3, 200), [rect(0, 0), rect(5, 400)], 6).position.x).toBe(5);
});

test("both axes at once", () => {
  const { position, guides } = alignedWith(rect(302, 4), [rect(0, 0), rect(300, 500)], 6);
  expect(position).toEqual({ x: 300, y: 0 });
  expect(guides.map(({ axis, place }) => [axis, place])).toEqual([["x", 300], ["y", 0]]);
});

test("what is farther away leaves the node where it is", () => {
  expect(alignedWith(rect(50, 300), [rect(100, 0)], 6)).toEqual({ position: { x: 50, y: 300 }, guides: [] });
});
