// What a node's icon is made of: a shape that takes the tile's colour, letters that stand for a name, or a picture of its own.

/** `shape` is drawn in the tile's colour; `letters` are set in the tile's own type; `picture` is shown as it is. */
export type SvgKind = { kind: "shape" } | { kind: "letters"; letters: string } | { kind: "picture" };

/** More letters than this are no mark but a text. */
const MOST_LETTERS = 3;

/** Reads the kind out of an SVG's source. */
export function svgKind(source: string): SvgKind {
  const texts = [...source.matchAll(/<text\b[^>]*>([^<]*)<\/text>/g)].map((found) => (found[1] ?? "").trim());
  if (texts.length === 0) return /<text[\s>]/.test(source) ? { kind: "picture" } : { kind: "shape" };
  const letters = texts.join("");
  // Whatever else is drawn beside the letters but their ground would be lost.
  const isMark = texts.length === 1 && !/<(path|circle|polygon|image|line)\b/.test(source) && /^[\p{L}\p{N}]+$/u.test(letters) && [...letters].length <= MOST_LETTERS;
  return isMark ? { kind: "letters", letters } : { kind: "picture" };
}
