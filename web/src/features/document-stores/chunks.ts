// Figures of chunks: how long they are, and what one repeats of the one before.

export interface ChunkFigures {
  count: number;
  chars: number;
  shortest: number;
  longest: number;
  average: number;
}

export function figuresOf(texts: readonly string[]): ChunkFigures {
  const sizes = texts.map((text) => text.length);
  const chars = sizes.reduce((sum, size) => sum + size, 0);
  if (sizes.length === 0) return { count: 0, chars: 0, shortest: 0, longest: 0, average: 0 };
  return { count: sizes.length, chars, shortest: Math.min(...sizes), longest: Math.max(...sizes), average: Math.round(chars / sizes.length) };
}

/** Longer repetitions are not looked for, in characters. */
const LONGEST_OVERLAP = 4_000;

/** How many characters at the beginning of `next` repeat the end of `before`. */
export function overlapOf(before: string, next: string): number {
  const end = before.slice(-LONGEST_OVERLAP);
  const start = next.slice(0, LONGEST_OVERLAP);
  // The longest end of `end` that is a start of `start`: the last border of the two joined by what neither holds.
  const joined = [...unitsOf(start), -1, ...unitsOf(end)];
  const borders = Array.from<number>({ length: joined.length }).fill(0);
  for (let at = 1; at < joined.length; at += 1) {
    let length = borders[at - 1] ?? 0;
    while (length > 0 && joined[at] !== joined[length]) length = borders[length - 1] ?? 0;
    borders[at] = joined[at] === joined[length] ? length + 1 : 0;
  }
  return borders.at(-1) ?? 0;
}

function unitsOf(text: string): number[] {
  return Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
}

export interface Piece {
  text: string;
  marked: boolean;
}

/** Words that say too little to be worth marking: shorter ones, and these. */
const SHORT_WORD = 3;
const COMMON = new Set("and are can das dem den der des did die does ein eine einem einen einer für for from has have how ihr ist mit sie the this und was were what wann warum welche wer wie when where which who why will with you your zum zur".split(" "));

/** `text` in pieces, those marked that are words of `question`. */
export function markWords(text: string, question: string): Piece[] {
  const words = [...new Set(question.toLocaleLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])].filter((word) => word.length >= SHORT_WORD && !COMMON.has(word));
  if (words.length === 0) return [{ text, marked: false }];
  // The longest first, so that a word is not cut by a shorter one; a word may go on, as plurals do.
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.toSorted((a, b) => b.length - a.length).join("|")})[\\p{L}\\p{N}]{0,3}(?![\\p{L}\\p{N}])`, "giu");
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > from) pieces.push({ text: text.slice(from, match.index), marked: false });
    pieces.push({ text: match[0], marked: true });
    from = match.index + match[0].length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), marked: false });
  return pieces;
}

/** The words of `question` that stand in `text`, as `markWords` finds them. */
export function sharedWords(text: string, question: string): string[] {
  return [...new Set(markWords(text, question).filter((piece) => piece.marked).map((piece) => piece.text.toLocaleLowerCase()))];
}
