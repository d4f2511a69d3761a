// How well a text answers to a few typed letters.

/**
 * Higher is better; null is no match. The whole text beats its beginning, which beats the beginning of a word,
 * which beats letters inside, which beat letters that are only in order.
 */
export function fuzzyScore(text: string, query: string): number | null {
  const [hay, needle] = [fold(text), fold(query.trim())];
  if (needle === "") return 0;
  if (hay === needle) return 100;
  if (hay.startsWith(needle)) return 80 - lengthMalus(hay);
  const words = needle.split(/\s+/);
  const starts = hay.split(/[\s\-_/.:]+/);
  if (words.every((word) => starts.some((start) => start.startsWith(word)))) return 60 - lengthMalus(hay);
  if (words.every((word) => hay.includes(word))) return 40 - lengthMalus(hay);
  return inOrder(hay, needle.replace(/\s+/g, "")) ? 15 - lengthMalus(hay) : null;
}

/** Letters without case and accents. */
function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

function lengthMalus(text: string): number {
  return Math.min(9, text.length / 10);
}

/** Whether all letters come in this order, the first of them at the start of a word. */
function inOrder(hay: string, needle: string): boolean {
  let at = 0;
  for (const [index, letter] of [...needle].entries()) {
    const found = hay.indexOf(letter, at);
    if (found < 0) return false;
    if (index === 0 && found > 0 && /\p{L}/u.test(hay[found - 1] ?? "")) return false;
    at = found + 1;
  }
  return needle.length > 1;
}
