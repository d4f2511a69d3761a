/** @jsxImportSource preact */
// HTML that a page's owner allowed in answers: rebuilt from a list of harmless elements, never inserted as it came.
import { type ComponentChildren, h } from "preact";
import { safeAddress } from "./markdown";
import { Picture } from "./picture";

const ALLOWED = new Set("a b blockquote br code dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul".split(" "));
/** Attributes that may stay; everything that styles, runs or loads goes. */
const KEPT = new Set(["title", "colspan", "rowspan", "start", "open", "lang", "dir"]);
const DEEPEST = 40;

/** `text` as elements of the list; of others only what they hold is kept, and of scripts nothing. */
export function allowedHtml(text: string, host: string): ComponentChildren {
  // A document made this way runs nothing and loads nothing.
  const parsed = new DOMParser().parseFromString(text, "text/html");
  return rebuild(parsed.body, host, 0);
}

function rebuild(parent: Node, host: string, depth: number): ComponentChildren[] {
  if (depth > DEEPEST) return [parent.textContent];
  return [...parent.childNodes].map((node, key) => {
    if (node.nodeType === Node.TEXT_NODE) return node.textContent;
    if (!(node instanceof Element)) return null;
    const name = node.localName;
    if (["script", "style", "template", "iframe", "object", "svg", "math", "noscript"].includes(name)) return null;
    if (name === "img") return <Picture key={key} src={node.getAttribute("src") ?? ""} alt={node.getAttribute("alt") ?? ""} host={host} />;
    const inside = rebuild(node, host, depth + 1);
    if (!ALLOWED.has(name)) return inside;
    const props: Record<string, string | number> = { key };
    for (const { name: attribute, value } of node.attributes) if (KEPT.has(attribute)) props[attribute] = value;
    const address = name === "a" ? safeAddress(node.getAttribute("href")?.trim() ?? "") : undefined;
    if (address) Object.assign(props, { href: address, target: "_blank", rel: "noopener noreferrer nofollow" });
    return h(name, props, ...inside);
  });
}
