// One look per node category: a hue and a glyph, so that colour never speaks alone.
import {
  Bot,
  Braces,
  Code,
  Database,
  FileText,
  GitBranch,
  Globe,
  Hand,
  History,
  Link,
  type LucideIcon,
  MessageSquareText,
  Play,
  Repeat,
  RefreshCw,
  Scissors,
  Search,
  ShieldAlert,
  Sparkles,
  StickyNote,
  Waypoints,
  Workflow,
  Wrench,
} from "lucide-react";

/** A family of nodes that share a hue; each is a token `--cat-NAME`. */
export type Hue =
  | "start"
  | "model"
  | "agent"
  | "tool"
  | "logic"
  | "vector"
  | "document"
  | "memory"
  | "prompt"
  | "parser"
  | "chain"
  | "http"
  | "code"
  | "human"
  | "utility"
  | "moderation"
  | "note";

export interface Look {
  hue: Hue;
  icon: LucideIcon;
}

const BY_CATEGORY: Record<string, Look> = {
  "Chat Models": { hue: "model", icon: Sparkles },
  LLMs: { hue: "model", icon: Sparkles },
  Agents: { hue: "agent", icon: Bot },
  "Multi Agents": { hue: "agent", icon: Bot },
  "Sequential Agents": { hue: "agent", icon: Waypoints },
  Tools: { hue: "tool", icon: Wrench },
  "Tools (MCP)": { hue: "tool", icon: Wrench },
  "Agent Flows": { hue: "logic", icon: GitBranch },
  Embeddings: { hue: "vector", icon: Waypoints },
  "Vector Stores": { hue: "vector", icon: Database },
  Retrievers: { hue: "vector", icon: Search },
  "Document Loaders": { hue: "document", icon: FileText },
  "Text Splitters": { hue: "document", icon: Scissors },
  Memory: { hue: "memory", icon: History },
  Cache: { hue: "memory", icon: History },
  "Record Manager": { hue: "memory", icon: History },
  Prompts: { hue: "prompt", icon: MessageSquareText },
  "Output Parsers": { hue: "parser", icon: Braces },
  "Response Synthesizer": { hue: "parser", icon: Braces },
  Chains: { hue: "chain", icon: Link },
  Engine: { hue: "chain", icon: Link },
  Graph: { hue: "chain", icon: Waypoints },
  Utilities: { hue: "utility", icon: Workflow },
  Moderation: { hue: "moderation", icon: ShieldAlert },
};

/** Nodes that stand out of their category. */
const BY_NAME: Record<string, Look> = {
  startAgentflow: { hue: "start", icon: Play },
  humanInputAgentflow: { hue: "human", icon: Hand },
  httpAgentflow: { hue: "http", icon: Globe },
  loopAgentflow: { hue: "logic", icon: Repeat },
  iterationAgentflow: { hue: "logic", icon: RefreshCw },
  executeFlowAgentflow: { hue: "logic", icon: Workflow },
  conditionAgentflow: { hue: "logic", icon: GitBranch },
  conditionAgentAgentflow: { hue: "logic", icon: GitBranch },
  llmAgentflow: { hue: "model", icon: Sparkles },
  agentAgentflow: { hue: "agent", icon: Bot },
  toolAgentflow: { hue: "tool", icon: Wrench },
  retrieverAgentflow: { hue: "vector", icon: Search },
  directReplyAgentflow: { hue: "chain", icon: MessageSquareText },
  customFunctionAgentflow: { hue: "code", icon: Code },
  customFunction: { hue: "code", icon: Code },
  ifElseFunction: { hue: "logic", icon: GitBranch },
  stickyNote: { hue: "note", icon: StickyNote },
  stickyNoteAgentflow: { hue: "note", icon: StickyNote },
};

const OTHER: Look = { hue: "utility", icon: Workflow };

/** How a node of this category and name looks. */
export function lookOf(category: string | undefined, name?: string): Look {
  return BY_NAME[name ?? ""] ?? BY_CATEGORY[category ?? ""] ?? OTHER;
}

/** The hue of what travels on a wire, named after the category that makes it. First match counts. */
const BY_TYPE: [RegExp, Hue][] = [
  [/ChatModel|LanguageModel|LLM$/, "model"],
  [/Embeddings/, "vector"],
  [/Retriever|VectorStore/, "vector"],
  [/Memory|Cache|RecordManager/, "memory"],
  [/PromptTemplate/, "prompt"],
  [/OutputParser|Synthesizer/, "parser"],
  [/Document|TextSplitter/, "document"],
  [/Moderation/, "moderation"],
  [/Tool/, "tool"],
  [/Agent/, "agent"],
  [/Chain|Engine/, "chain"],
];

/** The hue of a port that gives or takes `types`. */
export function hueOfTypes(types: readonly string[]): Hue {
  for (const [pattern, hue] of BY_TYPE) {
    if (types.some((type) => pattern.test(type))) return hue;
  }
  return "utility";
}

/** The CSS value of a hue. */
export function hueColor(hue: Hue): string {
  return `var(--cat-${hue})`;
}
