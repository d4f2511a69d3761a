// A small reader of markdown for the widget: what models write, as a tree. Pure; it holds no HTML and no scripts.

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "strong" | "em" | "del"; children: Inline[] }
  | { kind: "link"; href: string; children: Inline[] }
  | { kind: "image"; src: string; alt: string }
  | { kind: "break" };

export type Block =
  | { kind: "paragraph"; children: Inline[] }
  | { kind: "heading"; level: number; children: Inline[] }
  | { kind: "code"; language: string; text: string }
  | { kind: "quote"; children: Block[] }
  | { kind: "list"; ordered: boolean; start: number; items: { checked: boolean | undefined; children: Block[] }[] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] }
  | { kind: "rule" };

const FENCE = /^( {0,3})(`{3,}|~{3,})\s*([\w+#-]*)/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^ {0,3}(?:-\s*){3,}$|^ {0,3}(?:\*\s*){3,}$|^ {0,3}(?:_\s*){3,}$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])(\s+|$)(.*)$/;
const QUOTE = /^ {0,3}>\s?(.*)$/;
const DIVIDER = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
/** How deep quotes and lists may lie in each other. */
const DEEPEST = 8;

/** `markdown` as blocks; marks still open at its end, as while an answer grows, are taken as plain text. */
export function parseMarkdown(markdown: string, depth = 0): Block[] {
  const lines = markdown.replaceAll("\r\n", "\n").split("\n");
  const blocks: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? "";
    if (line.trim() === "") {
      at += 1;
      continue;
    }
    const read = readFence(lines, at) ?? readHeading(line, at) ?? readQuote(lines, at, depth) ?? readList(lines, at, depth) ?? readTable(lines, at) ?? readParagraph(lines, at);
    blocks.push(read.block);
    at = read.next;
  }
  return blocks;
}

interface Read {
  block: Block;
  next: number;
}

function readFence(lines: string[], at: number): Read | undefined {
  const open = FENCE.exec(lines[at] ?? "");
  const mark = open?.[2];
  if (!mark) return undefined;
  const indent = open[1]?.length ?? 0;
  let end = at + 1;
  while (end < lines.length && !isClosing(lines[end] ?? "", mark)) end += 1;
  const text = lines.slice(at + 1, end).map((line) => line.replace(new RegExp(`^ {0,${indent}}`), ""));
  return { block: { kind: "code", language: open[3] ?? "", text: text.join("\n") }, next: end + 1 };
}

function isClosing(line: string, mark: string): boolean {
  const own = line.trim();
  return own.length >= mark.length && [...own].every((char) => char === mark[0]);
}

function readHeading(line: string, at: number): Read | undefined {
  const heading = HEADING.exec(line);
  if (heading) return { block: { kind: "heading", level: heading[1]?.length ?? 1, children: parseInline(heading[2] ?? "") }, next: at + 1 };
  return RULE.test(line) ? { block: { kind: "rule" }, next: at + 1 } : undefined;
}

function readQuote(lines: string[], at: number, depth: number): Read | undefined {
  if (depth > DEEPEST || !QUOTE.test(lines[at] ?? "")) return undefined;
  let next = at;
  const inside: string[] = [];
  for (let match = QUOTE.exec(lines[next] ?? ""); match; match = QUOTE.exec(lines[next] ?? "")) {
    inside.push(match[1] ?? "");
    next += 1;
  }
  return { block: { kind: "quote", children: parseMarkdown(inside.join("\n"), depth + 1) }, next };
}

function readList(lines: string[], at: number, depth: number): Read | undefined {
  const first = ITEM.exec(lines[at] ?? "");
  if (depth > DEEPEST || !first || (first[4] === "" && first[3] === "")) return undefined;
  const ordered = /\d/.test(first[2] ?? "");
  const base = first[1]?.length ?? 0;
  const items: string[][] = [];
  let next = at;
  let inset = 0;
  while (next < lines.length) {
    const line = lines[next] ?? "";
    const item = ITEM.exec(line);
    const indent = line.length - line.trimStart().length;
    if (item && indent <= base + 1 && /\d/.test(item[2] ?? "") === ordered) {
      inset = indent + (item[2]?.length ?? 1) + 1;
      items.push([item[4] ?? ""]);
    } else if (line.trim() === "") {
      // A blank line belongs to the list only when the list goes on after it.
      const after = lines[next + 1] ?? "";
      const goesOn = after.trim() !== "" && (after.length - after.trimStart().length > base + 1 || (ITEM.test(after) && after.length - after.trimStart().length <= base + 1 && /^\s*\d/.test(after) === ordered));
      if (!goesOn) break;
      items.at(-1)?.push("");
    } else if (indent > base + 1 || !(item || FENCE.test(line) || HEADING.test(line) || QUOTE.test(line))) {
      items.at(-1)?.push(line.slice(Math.min(indent, inset)));
    } else break;
    next += 1;
  }
  const read = items.map((item) => {
    const task = /^\[([ xX])\]\s+/.exec(item[0] ?? "");
    if (task) item[0] = (item[0] ?? "").slice(task[0].length);
    return { checked: task ? task[1] !== " " : undefined, children: parseMarkdown(item.join("\n"), depth + 1) };
  });
  return { block: { kind: "list", ordered, start: ordered ? Number.parseInt(first[2] ?? "1", 10) : 1, items: read }, next };
}

function readTable(lines: string[], at: number): Read | undefined {
  const head = lines[at] ?? "";
  if (!head.includes("|") || !DIVIDER.test(lines[at + 1] ?? "") || !(lines[at + 1] ?? "").includes("-")) return undefined;
  const columns = cells(head);
  if (columns.length !== cells(lines[at + 1] ?? "").length) return undefined;
  let next = at + 2;
  const rows: Inline[][][] = [];
  while (next < lines.length && (lines[next] ?? "").includes("|") && (lines[next] ?? "").trim() !== "") {
    const row = cells(lines[next] ?? "");
    rows.push(columns.map((_, index) => parseInline(row[index] ?? "")));
    next += 1;
  }
  return { block: { kind: "table", head: columns.map((cell) => parseInline(cell)), rows }, next };
}

function cells(line: string): string[] {
  return line.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function readParagraph(lines: string[], at: number): Read {
  let next = at + 1;
  while (next < lines.length) {
    const line = lines[next] ?? "";
    const item = ITEM.exec(line);
    const begins = line.trim() === "" || FENCE.test(line) || HEADING.test(line) || QUOTE.test(line) || RULE.test(line) || (item && item[4] !== "") || (line.includes("|") && DIVIDER.test(lines[next + 1] ?? "") && (lines[next + 1] ?? "").includes("|"));
    if (begins) break;
    next += 1;
  }
  return { block: { kind: "paragraph", children: parseInline(lines.slice(at, next).join("\n")) }, next };
}

/** In this order: code first, since nothing inside it counts. */
const INLINE =
  /(`+)([\s\S]*?[^`])\1(?!`)|\\([\\`*_{}[\]()#+\-.!|~<>$])|!\[([^\]]*)\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)|\[((?:[^[\]]|\[[^\]]*\])+)\]\(\s*<?([^\s)>]+)>?(?:\s+"[^"]*")?\s*\)|\*\*(?=\S)([\s\S]*?\S)\*\*|__(?=\S)([\s\S]*?\S)__(?!\w)|~~(?=\S)([\s\S]*?\S)~~|\*(?=[^\s*])([\s\S]*?[^\s*])\*(?!\*)|(?<!\w)_(?=[^\s_])([\s\S]*?[^\s_])_(?!\w)|<(https?:\/\/[^\s>]+)>|(https?:\/\/[^\s<>()[\]]*[^\s<>()[\].,;:!?'"*_])|( {2,}\n|\\\n)/g;

/** `text` as pieces of a line. */
export function parseInline(text: string): Inline[] {
  const pieces: Inline[] = [];
  const say = (plain: string) => {
    if (plain === "") return;
    const last = pieces.at(-1);
    if (last?.kind === "text") last.text += plain;
    else pieces.push({ kind: "text", text: plain });
  };
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    say(text.slice(at, match.index));
    at = match.index + match[0].length;
    const piece = pieceOf(match);
    if (piece.kind === "text") say(piece.text);
    else pieces.push(piece);
  }
  say(text.slice(at));
  return pieces;
}

function pieceOf([whole, , code, escaped, alt, src, label, href, strong, strong2, del, em, em2, bare, address, lineBreak]: RegExpExecArray | RegExpMatchArray): Inline {
  if (code !== undefined) return { kind: "code", text: code.trim() || code };
  if (escaped !== undefined) return { kind: "text", text: escaped };
  if (src !== undefined) return { kind: "image", src, alt: alt ?? "" };
  if (href !== undefined) {
    const children = parseInline(label ?? "");
    const safe = safeAddress(href);
    return safe ? { kind: "link", href: safe, children } : { kind: "text", text: label ?? "" };
  }
  const bold = strong ?? strong2;
  if (bold !== undefined) return { kind: "strong", children: parseInline(bold) };
  if (del !== undefined) return { kind: "del", children: parseInline(del) };
  const slanted = em ?? em2;
  if (slanted !== undefined) return { kind: "em", children: parseInline(slanted) };
  const plain = bare ?? address;
  if (plain !== undefined) return { kind: "link", href: plain, children: [{ kind: "text", text: plain }] };
  return lineBreak === undefined ? { kind: "text", text: whole ?? "" } : { kind: "break" };
}

/** `address` when following it runs nothing, else undefined. */
export function safeAddress(address: string): string | undefined {
  if (/^(?:https?:|mailto:|tel:)/i.test(address)) return address;
  // A path of the page around us, without a scheme in any spelling.
  return /^[/#?.]/.test(address) && !address.includes(":") ? address : undefined;
}
