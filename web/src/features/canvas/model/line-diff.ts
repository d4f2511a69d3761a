// Two texts line by line: what stayed, what went, what came.

export interface DiffLine {
  kind: "same" | "added" | "removed";
  text: string;
}

/** Beyond this many pairs of lines the texts are shown as one block each: comparing them would take too long. */
const MOST_PAIRS = 4_000_000;

export function lineDiff(before: string, after: string): DiffLine[] {
  const [a, b] = [before === "" ? [] : before.split("\n"), after === "" ? [] : after.split("\n")];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const as = (kind: DiffLine["kind"], lines: readonly string[]) => lines.map((text): DiffLine => ({ kind, text }));
  return [...as("same", a.slice(0, start)), ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)), ...as("same", a.slice(a.length - end))];
}

function middle(a: readonly string[], b: readonly string[]): DiffLine[] {
  if (a.length * b.length > MOST_PAIRS) return [...a.map((text): DiffLine => ({ kind: "removed", text })), ...b.map((text): DiffLine => ({ kind: "added", text }))];
  // Longest common run of lines, from the end, so that it can be read off from the start.
  const width = b.length + 1;
  const table = new Uint32Array((a.length + 1) * width);
  const at = (row: number, column: number) => table[row * width + column] ?? 0;
  for (let row = a.length - 1; row >= 0; row -= 1) {
    for (let column = b.length - 1; column >= 0; column -= 1) table[row * width + column] = a[row] === b[column] ? at(row + 1, column + 1) + 1 : Math.max(at(row + 1, column), at(row, column + 1));
  }
  const lines: DiffLine[] = [];
  let [row, column] = [0, 0];
  while (row < a.length || column < b.length) {
    if (row < a.length && column < b.length && a[row] === b[column]) {
      lines.push({ kind: "same", text: a[row] ?? "" });
      row += 1;
      column += 1;
    } else if (column >= b.length || (row < a.length && at(row + 1, column) >= at(row, column + 1))) {
      lines.push({ kind: "removed", text: a[row] ?? "" });
      row += 1;
    } else {
      lines.push({ kind: "added", text: b[column] ?? "" });
      column += 1;
    }
  }
  return lines;
}
