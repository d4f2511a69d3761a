// Cuts markdown into blocks, so that while an answer grows only its last block is drawn again.

const FENCE = /^ {0,3}(`{3,}|~{3,})/;
/** A line that goes on with the block before it, blank lines between or not. */
const CONTINUES = /^(?:\s+\S|[-*+]\s|\d{1,9}[.)]\s|>)/;
/** Definitions and footnotes reach across blocks: such a text must stay whole. */
const REACHES_FAR = /^ {0,3}\[[^\]]+\]:/m;

/** The blocks of `markdown`; joined with nothing between, they give it back. */
export function splitBlocks(markdown: string): string[] {
  if (REACHES_FAR.test(markdown)) return [markdown];
  const blocks: string[] = [];
  let current = "";
  let fence = "";
  let afterBlank = false;
  for (const line of markdown.split(/(?<=\n)/)) {
    const mark = FENCE.exec(line)?.[1];
    const startsBlock = !fence && afterBlank && line.trim() !== "" && !CONTINUES.test(line);
    if (startsBlock && current) {
      blocks.push(current);
      current = "";
    }
    current += line;
    if (mark) fence = nextFence(fence, mark, line);
    afterBlank = line.trim() === "";
  }
  if (current) blocks.push(current);
  return blocks;
}

/** The fence that is open after a line with `mark` on it: empty when the line closes it. */
function nextFence(open: string, mark: string, line: string): string {
  if (!open) return mark;
  const closes = mark[0] === open[0] && mark.length >= open.length && line.trim() === mark;
  return closes ? "" : open;
}
