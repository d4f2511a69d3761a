// A flow that is open for editing: its log, its saver, and the way to the server.
import type { QueryClient } from "@tanstack/react-query";
import { createFlow, fetchDraft, type FlowDraft, saveDraft, saveLive } from "~/api/flow-drafts";
import { chatflowQuery } from "~/api/queries";
import type { Chatflow } from "~/api/types";
import { asObject, asText } from "~/lib/json";
import { forget, keep, kept } from "~/lib/keep";
import { type FlowGraph, parseFlowData } from "./flow-data";
import { historyFor, historyToKeep } from "./history";
import { createSaver, type Saver } from "./saver";
import { createEditor, type Editor } from "./store";

export interface Session {
  editor: Editor;
  saver: Saver;
  drafts: boolean;
  /** Undefined until the first save of a new flow. */
  flowId: string | undefined;
}

export interface SessionStart {
  flowId: string | undefined;
  type: string;
  name: string;
  graph: FlowGraph;
  draft: FlowDraft | null;
  readOnly: boolean;
  client: QueryClient;
  /** Told once, when a new flow has got its place on the server. */
  onCreated: (flow: Chatflow, session: Session) => void;
}

/** A flow without nodes, as it is saved. */
const NOTHING = '{"nodes":[],"edges":[]}';

export function openSession({ flowId, type, name, graph, draft, readOnly, client, onCreated }: SessionStart): Session {
  const editor = createEditor(graph, readOnly);
  const session: Session = { editor, saver: undefined as unknown as Saver, drafts: draft !== null, flowId };

  /** A new flow that has its place on the server, though not yet what was drawn. */
  let begun: Chatflow | undefined;

  async function put(flowData: string, revision: number): Promise<FlowDraft | null> {
    if (session.flowId === undefined) {
      // Nothing is live before somebody publishes it: what is drawn goes to the draft.
      begun = await createFlow(name, type, NOTHING);
      session.flowId = begun.id;
      client.setQueryData(chatflowQuery(begun.id).queryKey, begun);
    }
    if (begun) {
      const first = await fetchDraft(begun.id);
      session.drafts = first !== null;
      const saved = first ? await saveDraft(begun.id, flowData, first.revision) : await saveLive(begun.id, { flowData });
      const flow = "flowId" in saved ? begun : saved;
      begun = undefined;
      void forget(keyOf(undefined, type));
      client.setQueryData(chatflowQuery(flow.id).queryKey, flow);
      // After the saver has noted that it is saved.
      queueMicrotask(() => onCreated(flow, session));
      return "flowId" in saved ? saved : null;
    }
    if (session.drafts) return saveDraft(session.flowId, flowData, revision);
    const flow = await saveLive(session.flowId, { flowData });
    client.setQueryData(chatflowQuery(flow.id).queryKey, flow);
    return null;
  }

  session.saver = createSaver(
    editor,
    {
      put,
      theirs: async () => {
        const now = session.flowId === undefined ? null : await fetchDraft(session.flowId);
        return now && { draft: now, graph: parseFlowData(now.flowData) };
      },
      keep: (copy) => void (copy ? keep(keyOf(session.flowId, type), copy) : forget(keyOf(session.flowId, type))),
      later: (act, milliseconds) => {
        const timer = setTimeout(act, milliseconds);
        return () => clearTimeout(timer);
      },
    },
    draft,
  );
  if (!readOnly) rememberLog(session, graph);
  return session;
}

/** What was undone and may be done again outlives a reload, as long as the flow is the one that was left. */
function rememberLog(session: Session, opened: FlowGraph): void {
  const { editor, saver } = session;
  if (session.flowId !== undefined) {
    void kept(logKey(session.flowId)).then((value) => {
      const log = historyFor(opened, value);
      // Whoever began to edit meanwhile has a log of their own.
      if (log && editor.getState().graph === opened) editor.recall(log);
    });
  }
  saver.subscribe(({ status }, before) => {
    if (status === "saved" && before.status !== "saved" && session.flowId !== undefined) void keep(logKey(session.flowId), historyToKeep(editor.getState()));
  });
}

const logKey = (flowId: string) => `log:${flowId}`;

function keyOf(flowId: string | undefined, type: string): string {
  return `flow:${flowId ?? `new-${type}`}`;
}

export interface KeptCopy {
  flowData: string;
  revision: number;
}

/** What this browser kept of a flow because the server did not get it. */
export async function keptCopy(flowId: string | undefined, type: string): Promise<KeptCopy | undefined> {
  const copy = asObject(await kept(keyOf(flowId, type)));
  const flowData = asText(copy?.["flowData"]);
  return flowData === undefined ? undefined : { flowData, revision: Number(copy?.["revision"] ?? 0) };
}

export function forgetCopy(flowId: string | undefined, type: string): void {
  void forget(keyOf(flowId, type));
}
