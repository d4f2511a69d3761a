// The server's answers, by hand until they are generated from the Rust types into `api/types/`.

export type FlowType = "CHATFLOW" | "MULTIAGENT" | "AGENTFLOW" | "ASSISTANT";

/** A flow as stored. The `…Config` texts are JSON inside JSON, as in every Flowise export. */
export interface Chatflow {
  id: string;
  name: string;
  /** The graph as JSON text; a list may leave it out. */
  flowData?: string | null;
  type?: FlowType | null;
  category?: string | null;
  isPublic?: boolean | null;
  deployed?: boolean | null;
  chatbotConfig?: string | null;
  createdDate: string;
  updatedDate: string;
  /** Names of the flow's nodes, when the list sends them instead of the graph. */
  nodeNames?: string[];
}

export interface Paged<T> {
  data: T[];
  total: number;
}

/** Answer of `auth/login` and `auth/refreshToken`. */
export interface SessionUser {
  id: string;
  name: string;
  email: string;
  isOrganizationAdmin?: boolean;
  permissions?: string[];
  activeWorkspace?: string;
}

/** A node's entry in the catalog (`GET /nodes`), as far as the page reads it. */
export interface CatalogNode {
  name: string;
  label: string;
  version: number;
  category: string;
  description?: string;
  icon?: string;
  baseClasses?: string[];
  deprecateMessage?: string;
  badge?: string;
  type?: string;
  tags?: string[];
  color?: string;
  /** Fields and sockets, as the catalog defines them. */
  inputs?: Record<string, unknown>[];
  outputs?: Record<string, unknown>[];
  credential?: Record<string, unknown>;
  hideInput?: boolean;
  hideOutput?: boolean;
  hint?: string;
  warning?: string;
  documentation?: string;
  filePath?: string;
  loadMethods?: unknown;
}

export interface UsedTool {
  tool: string;
  toolInput?: unknown;
  toolOutput?: unknown;
  error?: unknown;
}

export interface SourceDocument {
  pageContent: string;
  metadata?: Record<string, unknown>;
  id?: string;
}

/** A stored chat message (`GET /internal-chatmessage/:id`). */
export interface ChatMessageRow {
  id: string;
  role: "userMessage" | "apiMessage";
  content: string;
  chatId: string;
  sessionId?: string | null;
  createdDate: string;
  usedTools?: UsedTool[] | string | null;
  sourceDocuments?: SourceDocument[] | string | null;
  reasonContent?: unknown;
  fileUploads?: unknown;
}

/** The body of a prediction that was not streamed. */
export interface PredictionAnswer {
  text?: string;
  json?: unknown;
  chatId?: string;
  chatMessageId?: string;
  sessionId?: string;
  usedTools?: UsedTool[];
  sourceDocuments?: SourceDocument[];
}
