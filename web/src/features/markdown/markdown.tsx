// Model text as markdown: no raw HTML, no scripts, no pictures from elsewhere unless asked for.
import "./prose.css";
import "./texts";
import { ImageOff } from "lucide-react";
import { type ComponentProps, isValidElement, memo, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import remend from "remend";
import { cx } from "~/lib/cx";
import { Button } from "~/ui/button";
import { CopyButton } from "~/ui/copy-button";
import { splitBlocks } from "./blocks";
import { BLOCK_FORMULA, INLINE_FORMULA, markFormulas } from "./formulas";
import { highlight } from "./highlight";
import { Formula } from "./formula";

const PLUGINS = [remarkGfm];
/** A link still being written shows its words only, never a half address. */
const OPEN_MARKS = { linkMode: "text-only" } as const;

const COMPONENTS: Components = {
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" className="text-primary-ink underline decoration-1 underline-offset-2 hover:decoration-2">
      {children}
    </a>
  ),
  img: ({ src, alt }) => <Picture src={typeof src === "string" ? src : ""} alt={alt ?? ""} />,
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  code: ({ children, className }) => {
    const text = textOf(children);
    if (text.startsWith(INLINE_FORMULA)) return <Formula tex={text.slice(INLINE_FORMULA.length)} />;
    return <code className={className}>{children}</code>;
  },
  table: ({ children }) => (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard
    <div className="my-3 overflow-x-auto rounded-md border border-line" tabIndex={0}>
      <table className="w-full border-collapse text-sm">{children}</table>
    </div>
  ),
  th: ({ children, style }) => (
    <th style={style} className="border-b border-line bg-sunken px-3 py-1.5 text-start font-semibold">
      {children}
    </th>
  ),
  td: ({ children, style }) => (
    <td style={style} className="border-b border-line px-3 py-1.5 align-top last-of-type:border-e-0">
      {children}
    </td>
  ),
};

/** `text` drawn as markdown; while `growing`, marks that are still open are closed for the eye. */
export const Markdown = memo(function Markdown({ text, growing = false, className }: { text: string; growing?: boolean; className?: string }) {
  const blocks = splitBlocks(markFormulas(text));
  return (
    <div className={cx("prose-chat", className)}>
      {blocks.map((block, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- blocks only ever grow at the end
        <Block key={index} text={growing && index === blocks.length - 1 ? remend(block, OPEN_MARKS) : block} />
      ))}
    </div>
  );
});

const Block = memo(function Block({ text }: { text: string }) {
  return (
    <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS}>
      {text}
    </ReactMarkdown>
  );
});

function CodeBlock({ children }: { children: ReactNode }) {
  const { t } = useTranslation("chat");
  const code = isValidElement<ComponentProps<"code">>(children) ? children.props : undefined;
  const text = textOf(code?.children);
  const language = /language-([\w+#-]+)/.exec(code?.className ?? "")?.[1];
  if (language === BLOCK_FORMULA) return <Formula tex={text.trim()} block />;
  return (
    <div className="my-3 overflow-hidden rounded-md border border-line bg-sunken">
      <div className="flex h-8 items-center justify-between border-b border-line ps-3 pe-1 text-xs text-muted">
        <span className="font-mono">{language}</span>
        <CopyButton text={text} label={t("copyCode")} size="icon-sm" />
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard */}
      <pre tabIndex={0} className="overflow-x-auto p-3 font-mono text-xs leading-5 -outline-offset-2">
        <code>
          {highlight(text, language).map(({ kind, text: piece }, index) =>
            // oxlint-disable-next-line react/no-array-index-key -- pieces have no identity but their order
            kind === "plain" ? piece : <span key={index} className={`code-${kind}`}>{piece}</span>,
          )}
        </code>
      </pre>
    </div>
  );
}

function textOf(node: ReactNode): string {
  if (typeof node === "string" || typeof node === "number") return String(node);
  if (Array.isArray(node)) return node.map(textOf).join("");
  return "";
}

/** A picture of our own is shown; one from elsewhere waits for a click, since its address may carry away what was said. */
function Picture({ src, alt }: { src: string; alt: string }) {
  const { t } = useTranslation("chat");
  const host = foreignHost(src);
  const [shown, setShown] = useState(host === undefined);
  if (shown) return <img src={src} alt={alt} loading="lazy" className="my-2 max-h-96 max-w-full rounded-md" />;
  return (
    <span className="my-2 flex flex-wrap items-center gap-2 rounded-md border border-line bg-sunken px-3 py-2 text-sm text-muted" title={t("imageWhy")}>
      <ImageOff aria-hidden className="size-4" />
      <span className="min-w-0 flex-1">
        {t("imageBlocked", { host })}
        {alt && `: ${alt}`}
      </span>
      <Button size="sm" onClick={() => setShown(true)}>
        {t("imageShow")}
      </Button>
    </span>
  );
}

/** The other server an address leads to; undefined for our own. */
function foreignHost(src: string): string | undefined {
  if (src.startsWith("/") && !src.startsWith("//")) return undefined;
  try {
    return new URL(src).host || src.slice(0, 40);
  } catch {
    return src.slice(0, 40);
  }
}
