/** @jsxImportSource preact */
// Markdown as elements. Model text makes nothing but the elements named here.
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { BLOCK_FORMULA, INLINE_FORMULA, markFormulas } from "~/features/markdown/formulas";
import { highlight } from "~/features/markdown/highlight";
import { Formula } from "./formula";
import { allowedHtml } from "./html";
import { Icon } from "./icons";
import { type Block, type Inline, parseMarkdown } from "./markdown";
import { Picture } from "./picture";
import { say } from "./texts";

export interface MarkdownProps {
  text: string;
  /** Elements written in the text are drawn, those that run nothing and load nothing. */
  html?: boolean | undefined;
  /** Our own server: its pictures are shown, others only linked. */
  host: string;
}

export function Markdown({ text, html = false, host }: MarkdownProps) {
  const drawn = useMemo(() => (html && /<[a-z][\s\S]*>/i.test(text) ? allowedHtml(text, host) : parseMarkdown(markFormulas(text)).map((block, index) => <BlockView key={index} block={block} host={host} />)), [text, html, host]);
  return <div class="prose">{drawn}</div>;
}

function BlockView({ block, host }: { block: Block; host: string }): ComponentChildren {
  switch (block.kind) {
    case "paragraph":
      return <p>{inline(block.children, host)}</p>;
    case "heading": {
      // Below the headings of the page that the widget stands on.
      const Tag = `h${Math.min(6, block.level + 2)}` as "h3";
      return <Tag>{inline(block.children, host)}</Tag>;
    }
    case "code":
      return block.language === BLOCK_FORMULA ? <Formula tex={block.text.trim()} block /> : <Code language={block.language} text={block.text} />;
    case "quote":
      return <blockquote>{blocks(block.children, host)}</blockquote>;
    case "rule":
      return <hr />;
    case "list": {
      const items = block.items.map((item, index) => {
        const [only] = item.children;
        const tight = item.children.length === 1 && only?.kind === "paragraph" ? inline(only.children, host) : blocks(item.children, host);
        return (
          <li key={index} class={item.checked === undefined ? undefined : "task"}>
            {item.checked !== undefined && <input type="checkbox" checked={item.checked} disabled aria-label={item.checked ? "✓" : "–"} />}
            {tight}
          </li>
        );
      });
      return block.ordered ? <ol start={block.start}>{items}</ol> : <ul>{items}</ul>;
    }
    case "table":
      return (
        <div class="scroll" tabIndex={0} role="region" aria-label="Table">
          <table>
            <thead>
              <tr>
                {block.head.map((cell, index) => (
                  <th key={index} scope="col">
                    {inline(cell, host)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row, index) => (
                <tr key={index}>
                  {row.map((cell, at) => (
                    <td key={at}>{inline(cell, host)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
  }
}

function blocks(list: Block[], host: string): ComponentChildren {
  return list.map((block, index) => <BlockView key={index} block={block} host={host} />);
}

function inline(pieces: Inline[], host: string): ComponentChildren {
  return pieces.map((piece, index) => {
    switch (piece.kind) {
      case "text":
        return piece.text;
      case "break":
        return <br key={index} />;
      case "code":
        return piece.text.startsWith(INLINE_FORMULA) ? <Formula key={index} tex={piece.text.slice(INLINE_FORMULA.length)} /> : <code key={index}>{piece.text}</code>;
      case "link":
        return (
          <a key={index} href={piece.href} target="_blank" rel="noopener noreferrer nofollow">
            {inline(piece.children, host)}
          </a>
        );
      case "image":
        return <Picture key={index} src={piece.src} alt={piece.alt} host={host} />;
      default: {
        const Tag = piece.kind;
        return <Tag key={index}>{inline(piece.children, host)}</Tag>;
      }
    }
  });
}

function Code({ language, text }: { language: string; text: string }) {
  return (
    <div class="code">
      <div class="code-head">
        <span>{language}</span>
        <CopyButton text={text} />
      </div>
      <pre tabIndex={0}>
        <code>
          {highlight(text, language).map(({ kind, text: piece }, index) => (kind === "plain" ? piece : <span key={index} class={`t-${kind}`}>{piece}</span>))}
        </code>
      </pre>
    </div>
  );
}

export function CopyButton({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () =>
    void navigator.clipboard?.writeText(text).then(
      () => {
        setCopied(true);
        setTimeout(() => setCopied(false), 1500);
      },
      () => undefined,
    );
  const label = say(copied ? "copied" : "copy");
  return (
    <button type="button" class="icon" aria-label={label} title={label} onClick={copy}>
      {copied ? "✓" : <Icon name="copy" size={16} />}
    </button>
  );
}
