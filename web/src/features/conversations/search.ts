// What of the messages page stands in its address.

/** Where questions come from, as the server keeps it with them. */
export const SOURCES = ["INTERNAL", "EXTERNAL", "WEBHOOK", "SCHEDULED", "MCP", "EVALUATION"] as const;

export type Source = (typeof SOURCES)[number];

export function asSource(type: unknown): Source | undefined {
  return SOURCES.find((source) => source === type);
}

export interface MessagesSearch {
  /** Whose messages, on the page over all flows. */
  flow?: string | undefined;
  q?: string | undefined;
  type?: Source | undefined;
  /** Of which kind of flow, on the page over all flows. */
  kind?: "chat" | "agent" | undefined;
  feedback?: "THUMBS_UP" | "THUMBS_DOWN" | undefined;
  from?: string | undefined;
  to?: string | undefined;
  /** The conversation that is open. */
  session?: string | undefined;
}

export function messagesSearch(raw: Record<string, unknown>): MessagesSearch {
  const text = (key: string) => (typeof raw[key] === "string" && raw[key] ? raw[key] : typeof raw[key] === "number" ? String(raw[key]) : undefined);
  const day = (key: string) => (/^\d{4}-\d{2}-\d{2}$/.test(text(key) ?? "") ? text(key) : undefined);
  const { type, feedback, kind } = raw;
  return {
    flow: text("flow"),
    q: text("q"),
    type: asSource(type),
    kind: kind === "chat" || kind === "agent" ? kind : undefined,
    feedback: feedback === "THUMBS_UP" || feedback === "THUMBS_DOWN" ? feedback : undefined,
    from: day("from"),
    to: day("to"),
    session: text("session"),
  };
}
