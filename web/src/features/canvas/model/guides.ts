// Guides: while a node is moved, the edges and middles of others that it stands in line with, and the place where it does.
import type { Rect } from "./arrange";
import type { Point } from "./flow-data";

/** A line across the graph, along `axis` (`x`: upright at that place) and from `start` to `end` on the other axis. */
export interface Guide {
  axis: "x" | "y";
  place: number;
  start: number;
  end: number;
}

export interface Aligned {
  position: Point;
  guides: Guide[];
}

type Span = { from: number; to: number };

const spanOf = (rect: Rect, axis: "x" | "y"): Span => (axis === "x" ? { from: rect.x, to: rect.x + rect.width } : { from: rect.y, to: rect.y + rect.height });

const marksOf = ({ from, to }: Span): number[] => [from, (from + to) / 2, to];

/**
 * Where `moved` stands in line with one of `others`, no farther away than `reach`; on each axis by itself. Equal parts are
 * compared: start with start, middle with middle, end with end.
 */
export function alignedWith(moved: Rect, others: readonly Rect[], reach: number): Aligned {
  const nearest = (axis: "x" | "y"): { by: number; other: Rect; mark: number } | undefined => {
    const own = marksOf(spanOf(moved, axis));
    let found: { by: number; other: Rect; mark: number } | undefined;
    for (const other of others) {
      for (const [index, mark] of marksOf(spanOf(other, axis)).entries()) {
        const by = mark - (own[index] ?? mark);
        if (Math.abs(by) <= reach && (!found || Math.abs(by) < Math.abs(found.by))) found = { by, other, mark };
      }
    }
    return found;
  };
  const [across, down] = [nearest("x"), nearest("y")];
  const position = { x: moved.x + (across?.by ?? 0), y: moved.y + (down?.by ?? 0) };
  const placed = { ...moved, ...position };
  const guide = (axis: "x" | "y", { other, mark }: { other: Rect; mark: number }): Guide => {
    const along = axis === "x" ? "y" : "x";
    const [a, b] = [spanOf(placed, along), spanOf(other, along)];
    return { axis, place: mark, start: Math.min(a.from, b.from), end: Math.max(a.to, b.to) };
  };
  return { position, guides: [...(across ? [guide("x", across)] : []), ...(down ? [guide("y", down)] : [])] };
}
