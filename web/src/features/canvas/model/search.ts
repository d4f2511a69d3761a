// Finding a node by what a person calls it.
import type { CatalogNode } from "~/api/types";

/** Words people use, and the words our nodes use. */
const SYNONYMS: [RegExp, string][] = [
  [/^(gpt|chatgpt|o\d)/, "openai"],
  [/^claude/, "anthropic"],
  [/^(bard|palm|gemini)/, "google generative"],
  [/^(llm|model|ai)$/, "chat models llms"],
  [/^(local|offline|free)$/, "built-in ollama localai"],
  [/^(vector|vectors|vectordb|rag|index)$/, "vector stores retriever"],
  [/^(db|database|sql)$/, "sql vector stores postgres mysql sqlite"],
  [/^(if|else|branch|switch|router?|decision)$/, "condition if else"],
  [/^(loop|repeat|foreach|each|map)$/, "iteration loop"],
  [/^(js|javascript|script|function|code)$/, "custom function javascript code"],
  [/^(http|api|rest|webhook|request|fetch)$/, "http requests api"],
  [/^(history|remember|context)$/, "memory"],
  [/^(approve|approval|human|review|hitl)$/, "human input"],
  [/^(answer|respond|reply|output)$/, "direct reply"],
  [/^(file|files|pdf|docx?|word|csv|excel|upload)$/, "document loaders file pdf docx csv"],
  [/^(chunk|chunks|split|splitter)$/, "text splitters"],
  [/^(embed|embedding|vectorize)$/, "embeddings"],
  [/^(math|sum|calc)$/, "calculator"],
  [/^(web|internet|google|search)$/, "search serp tavily brave web"],
  [/^(json|schema|structured)$/, "output parsers structured json"],
  [/^(guard|guardrail|safety|filter)$/, "moderation"],
  [/^(comment|note|text|frame)$/, "sticky note"],
  [/^mcp$/, "mcp tools"],
];

/** How well `entry` answers `query`: higher is better, 0 means not at all. */
export function rank(entry: CatalogNode, query: string): number {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return 1;
  let total = 0;
  for (const word of words) {
    const own = rankWord(entry, word);
    const meant = SYNONYMS.filter(([pattern]) => pattern.test(word)).flatMap(([, means]) => means.split(" "));
    const best = Math.max(own, ...meant.map((other) => rankWord(entry, other) * 0.6), 0);
    if (best === 0) return 0;
    total += best;
  }
  return total / words.length - (entry.badge === "DEPRECATING" ? 5 : 0);
}

function rankWord(entry: CatalogNode, word: string): number {
  const label = entry.label.toLowerCase();
  const name = entry.name.toLowerCase();
  if (label === word || name === word) return 100;
  if (label.startsWith(word) || name.startsWith(word)) return 80;
  if (startsAWord(label, word)) return 65;
  if (label.includes(word) || name.includes(word)) return 50;
  if (startsAWord(entry.category.toLowerCase(), word)) return 40;
  if ((entry.tags ?? []).some((tag) => tag.toLowerCase().includes(word))) return 35;
  if (startsAWord((entry.description ?? "").toLowerCase(), word)) return 25;
  if ((entry.baseClasses ?? []).some((type) => type.toLowerCase().startsWith(word))) return 20;
  if (word.length < 4) return 0;
  if ((entry.description ?? "").toLowerCase().includes(word)) return 15;
  return label.split(/[\s/()-]+/).some((part) => isTypo(part, word)) ? 12 : 0;
}

function startsAWord(text: string, word: string): boolean {
  return text.split(/[\s/()_,.-]+/).some((part) => part.startsWith(word));
}

/** Whether one slip of a finger (a letter wrong, missing, doubled, or two swapped) makes `word` out of the start of `part`. */
export function isTypo(part: string, word: string): boolean {
  if (part[0] !== word[0]) return false;
  return [word.length - 1, word.length, word.length + 1].some((length) => oneSlip(part.slice(0, length), word));
}

function oneSlip(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  const [restA, restB] = [a.slice(start), b.slice(start)];
  if (restA.slice(1) === restB.slice(1) || restA === restB.slice(1) || restA.slice(1) === restB) return true;
  return restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2);
}

/** The entries that answer `query`, best first; all in catalog order when it is empty. */
export function found(catalog: readonly CatalogNode[], query: string): CatalogNode[] {
  if (!query.trim()) return [...catalog];
  return catalog
    .map((entry) => [entry, rank(entry, query)] as const)
    .filter(([, score]) => score > 0)
    .toSorted((a, b) => b[1] - a[1] || a[0].label.localeCompare(b[0].label))
    .map(([entry]) => entry);
}

const NOT_IN_CHATFLOWS = new Set(["Agent Flows", "Multi Agents", "Sequential Agents"]);

/** What the palette of a kind of flow offers; notes come by a button of their own. */
export function offered(catalog: readonly CatalogNode[], isAgentflow: boolean): CatalogNode[] {
  return catalog.filter((entry) => (isAgentflow ? entry.category === "Agent Flows" : !NOT_IN_CHATFLOWS.has(entry.category)) && !entry.name.startsWith("stickyNote"));
}
