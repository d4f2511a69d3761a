// Finds formulas in markdown and marks them, so that no markdown rule eats their backslashes and underscores. Pure.

/** What a marked formula begins with inside its code span: a character that no text holds. */
export const INLINE_FORMULA = "\uE0F0";
/** The language name of a code block that holds a formula of its own line. */
export const BLOCK_FORMULA = "formula";

const FENCED = /^ {0,3}(`{3,}|~{3,})/;

/**
 * `markdown` with `$$…$$` and `\[…\]` turned into code blocks of the language `formula`, and `$…$` and `\(…\)` into
 * marked code spans. Code stays as it is, and so does a dollar that is money.
 */
export function markFormulas(markdown: string): string {
  if (!/\$|\\[([]/.test(markdown)) return markdown;
  let fence = "";
  const parts: string[] = [];
  let prose = "";
  const settle = () => {
    parts.push(marked(prose));
    prose = "";
  };
  for (const line of markdown.split(/(?<=\n)/)) {
    const mark = FENCED.exec(line)?.[1];
    if (fence || mark) {
      if (!fence) settle();
      parts.push(line);
      if (!fence && mark) fence = mark;
      else if (mark && mark[0] === fence[0] && mark.length >= fence.length && line.trim() === mark) fence = "";
    } else prose += line;
  }
  settle();
  return parts.join("");
}

/** In this order: code stays, blocks before spans. A single dollar needs a formula that hugs it on both sides. */
const PATTERN =
  /(`+)[\s\S]*?\1|\\\$|\$\$([\s\S]+?)\$\$|\\\[([\s\S]+?)\\\]|\\\(([^\n]+?)\\\)|\$(?![\s\d.,]+(?:\s|$))([^\s$](?:[^$\n]*[^\s$\\])?)\$(?!\d)/g;

function marked(prose: string): string {
  return prose.replace(PATTERN, (whole, ticks: string | undefined, dollars?: string, brackets?: string, round?: string, single?: string) => {
    if (ticks) return whole;
    const block = dollars ?? brackets;
    if (block !== undefined) return `\n\n\`\`\`${BLOCK_FORMULA}\n${block.trim()}\n\`\`\`\n\n`;
    const inline = round ?? single;
    if (inline === undefined || inline.includes("`")) return whole;
    return `\`${INLINE_FORMULA}${inline.trim()}\``;
  });
}
