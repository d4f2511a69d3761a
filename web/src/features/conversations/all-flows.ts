// The conversations of all flows as one list. The server tells them flow by flow; what is shown is in order all the same.
import { infiniteQueryOptions } from "@tanstack/react-query";
import { type MessageFilter, type MessageRow, messagesPage } from "~/api/conversations";
import { inTurns } from "~/lib/pool";
import { type Session, sessionsOf } from "./sessions";

/** Conversations of one flow on a page, and flows that are asked at the same time. */
const A_FLOW = 10;
const AT_ONCE = 6;

export interface FlowName {
  id: string;
  name: string;
}

/** What one flow gave of a page. */
export interface Part {
  flow: FlowName;
  rows: MessageRow[];
  /** There are older ones. */
  more: boolean;
  /** Why it gave nothing. */
  error?: unknown;
}

export function allFlowsQuery(flows: readonly FlowName[], filter: MessageFilter) {
  return infiniteQueryOptions({
    queryKey: ["messages", "all", flows.map((flow) => flow.id), filter],
    queryFn: async ({ pageParam: { page, ids }, signal }) => {
      const asked = flows.filter((flow) => ids === null || ids.includes(flow.id));
      const parts = await inTurns(asked, AT_ONCE, async (flow): Promise<Part> => {
        try {
          const rows = await messagesPage(flow.id, filter, page, A_FLOW, signal);
          return { flow, rows, more: sessionsOf(rows).length >= A_FLOW };
        } catch (error) {
          if (signal.aborted) throw error;
          return { flow, rows: [], more: false, error };
        }
      });
      // One flow that cannot be read is told beside the others; where none can, that is the answer.
      if (parts.length > 0 && parts.every((part) => part.error !== undefined)) throw parts[0]?.error;
      return parts;
    },
    initialPageParam: { page: 1, ids: null as string[] | null },
    getNextPageParam: (last: Part[], _all, { page }) => {
      const ids = last.filter((part) => part.more).map((part) => part.flow.id);
      return ids.length > 0 ? { page: page + 1, ids } : undefined;
    },
  });
}

/** The conversations in `pages`, newest first; those that an unread one of another flow may come before are left for later. */
export function merged(pages: readonly (readonly Part[])[]): Session[] {
  const byFlow = new Map<string, { flow: FlowName; rows: MessageRow[]; more: boolean }>();
  for (const part of pages.flat()) {
    const before = byFlow.get(part.flow.id);
    byFlow.set(part.flow.id, { flow: part.flow, rows: [...(before?.rows ?? []), ...part.rows], more: part.more });
  }
  const lists = [...byFlow.values()].map(({ flow, rows, more }) => ({ more, sessions: sessionsOf(rows).map((session) => ({ ...session, key: `${flow.id}|${session.key}`, flow })) }));
  const horizon = lists.reduce((latest, { more, sessions }) => {
    const oldest = more ? (sessions.at(-1)?.last ?? "") : "";
    return oldest > latest ? oldest : latest;
  }, "");
  return lists
    .flatMap(({ sessions }) => sessions)
    .filter((session) => session.last >= horizon)
    .toSorted((a, b) => b.last.localeCompare(a.last));
}

/** The flows that could not be read. */
export function unread(pages: readonly (readonly Part[])[]): FlowName[] {
  return pages.flat().flatMap((part) => (part.error === undefined ? [] : [part.flow]));
}
