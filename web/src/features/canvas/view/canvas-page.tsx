// `/canvas/:id` and its like: reads the flow and its draft, then opens the editor on it.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useRouter, useRouterState } from "@tanstack/react-router";
import { ReactFlowProvider } from "@xyflow/react";
import { ArrowLeft, FileWarning, FileX2 } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { isApiError } from "~/api/errors";
import { fetchDraft, type FlowDraft } from "~/api/flow-drafts";
import { chatflowQuery, nodesQuery } from "~/api/queries";
import { may, useSession } from "~/api/session";
import type { CatalogNode, Chatflow } from "~/api/types";
import { LoadingPage } from "~/app/layouts/root";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { EmptyState, ErrorState, Skeleton } from "~/ui/states";
import { toast } from "~/ui/toast";
import { FlowDataError, type FlowGraph, parseFlowData } from "../model/flow-data";
import { makeNode } from "../model/make-node";
import { forgetCopy, keptCopy, openSession, type Session } from "../model/session";
import { byName, placed } from "../model/view-graph";
import { EditorScreen } from "./editor-screen";
import type { FlowKind } from "./editor-context";

const ChatPanel = lazy(() => import("~/features/chat").then((chat) => ({ default: chat.ChatPanel })));

const EMPTY: FlowGraph = { nodes: [], edges: [], unread: [], extra: {} };

/** All canvas addresses lead here, so that a new flow stays open while it gets its own. */
export function CanvasPage() {
  const { id } = useParams({ strict: false });
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [adopted, setAdopted] = useState<{ id: string; key: string; type: NewType; arrived: boolean }>();
  const type: NewType = path.startsWith("/v2/") ? "AGENTFLOW" : "CHATFLOW";
  const adopt = useCallback((flowId: string, key: string, made: NewType) => setAdopted({ id: flowId, key, type: made, arrived: false }), []);
  // Until the address has changed the new flow is still the one under the address of new flows.
  if (adopted && !adopted.arrived && adopted.id === id) setAdopted({ ...adopted, arrived: true });
  if (id === undefined) {
    const key = adopted && !adopted.arrived ? adopted.key : `new-${type}-${adopted?.id ?? ""}`;
    return <NewFlow key={key} type={type} flowId={undefined} onCreated={(flowId) => adopt(flowId, key, type)} />;
  }
  if (adopted?.id === id) return <NewFlow key={adopted.key} type={adopted.type} flowId={id} onCreated={() => undefined} />;
  return <StoredFlow key={id} id={id} />;
}

type NewType = "CHATFLOW" | "AGENTFLOW";

function StoredFlow({ id }: { id: string }) {
  const flow = useQuery(chatflowQuery(id));
  const draft = useQuery({ queryKey: ["draft", id], queryFn: ({ signal }) => fetchDraft(id, signal), staleTime: 0, gcTime: 0, refetchOnWindowFocus: false, refetchOnReconnect: false });
  const catalog = useQuery(nodesQuery());
  useTitle(flow.data?.name);
  if (flow.isPending || draft.isPending || catalog.isPending) return <Opening />;
  const failed = [flow, draft].find((query) => query.isError);
  if (failed || !flow.data) return <FlowMissing error={failed?.error} onRetry={() => void Promise.all([flow.refetch(), draft.refetch()])} />;
  return <OpenFlow flow={flow.data} draft={draft.data ?? null} catalog={catalog.data} />;
}

/** While the flow is on its way: the way back is there already, and where everything will stand. */
function Opening() {
  const { t } = useTranslation("canvas");
  return (
    <>
      <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line bg-surface px-2 sm:px-3">
        <Button asChild variant="ghost" size="icon" aria-label={t("back")}>
          <Link to="/chatflows">
            <ArrowLeft aria-hidden className="rtl:rotate-180" />
          </Link>
        </Button>
        <h1 className="sr-only">{t("opening")}</h1>
        <Skeleton className="h-5 w-40" />
      </header>
      <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 outline-none">
        <LoadingPage />
      </main>
    </>
  );
}

function FlowMissing({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation("canvas");
  const back = (
    <Button asChild>
      <Link to="/chatflows">{t("notFound.action")}</Link>
    </Button>
  );
  const isGone = isApiError(error) && (error.status === 404 || error.status === 400);
  return (
    <main id="main" tabIndex={-1} className="flex flex-1 flex-col items-center justify-center outline-none">
      {isGone ? (
        <EmptyState heading="h1" icon={<FileX2 />} title={t("notFound.title")} body={t("notFound.body")} action={back} />
      ) : (
        <>
          <ErrorState heading="h1" error={error} onRetry={onRetry} className="pb-4" />
          {back}
        </>
      )}
    </main>
  );
}

export function kindOfFlow(type: string | null | undefined): FlowKind {
  if (type === "AGENTFLOW") return "agent";
  return type === "MULTIAGENT" ? "old" : "chat";
}

type Reading = { graph: FlowGraph } | { reason: string };

function read(flowData: string | null | undefined): Reading {
  try {
    return { graph: parseFlowData(flowData || '{"nodes":[],"edges":[]}') };
  } catch (error) {
    if (error instanceof FlowDataError) return { reason: error.message };
    throw error;
  }
}

function OpenFlow({ flow, draft, catalog }: { flow: Chatflow; draft: FlowDraft | null; catalog: CatalogNode[] | undefined }) {
  const client = useQueryClient();
  const user = useSession((state) => state.user);
  const kind = kindOfFlow(flow.type);
  const flowData = draft?.flowData ?? flow.flowData;
  // What was open stays open while the same flow is read again in the background.
  const [opened] = useState((): { session: Session; wasPlaced: boolean } | { reason: string } => {
    const reading = read(flowData);
    if ("reason" in reading) return reading;
    const mayEdit = may(user, kind === "chat" ? "chatflows:update" : "agentflows:update");
    const { graph, wasPlaced } = placed(reading.graph);
    const session = openSession({ flowId: flow.id, type: flow.type ?? "CHATFLOW", name: flow.name, graph, draft, readOnly: kind === "old" || !mayEdit, client, onCreated: () => undefined });
    return { session, wasPlaced };
  });
  useKeptCopy("session" in opened ? opened.session : undefined, flow.id, flow.type ?? "CHATFLOW", flowData ?? "");
  if ("reason" in opened) return <Broken flow={flow} flowData={flowData ?? ""} reason={opened.reason} />;
  return (
    <ReactFlowProvider>
      <EditorScreen session={opened.session} flow={flow} kind={kind} catalog={catalog} wasPlaced={opened.wasPlaced} />
    </ReactFlowProvider>
  );
}

/** Work that the server did not get last time comes back, as an edit that can be undone. */
function useKeptCopy(session: Session | undefined, flowId: string | undefined, type: string, flowData: string): void {
  const { t } = useTranslation("canvas");
  useEffect(() => {
    if (!session || session.editor.getState().readOnly) return;
    void keptCopy(flowId, type).then((copy) => {
      if (!copy) return;
      const reading = read(copy.flowData);
      if (copy.flowData === flowData || "reason" in reading) return forgetCopy(flowId, type);
      const restore = () => session.editor.edit("kept", () => reading.graph);
      if (copy.revision === session.saver.getState().revision) {
        restore();
        toast.info(t("kept.restored"), { action: { label: t("tools.undo"), run: () => session.editor.undo() } });
      } else {
        toast.info(t("kept.older"), { action: { label: t("kept.restore"), run: restore }, duration: 60_000, onGone: () => forgetCopy(flowId, type) });
      }
    });
    // oxlint-disable-next-line react/exhaustive-deps -- once, when the flow is opened
  }, [session]);
}

interface NewFlowProps {
  type: NewType;
  /** What it became once it was saved. */
  flowId: string | undefined;
  onCreated: (flowId: string) => void;
}

function NewFlow(props: NewFlowProps) {
  const { type } = props;
  const { t } = useTranslation("canvas");
  const catalog = useQuery(nodesQuery());
  useTitle(t(type === "CHATFLOW" ? "new.chatflow" : "new.agentflow"));
  if (catalog.isPending) return <LoadingPage />;
  return <OpenNew {...props} catalog={catalog.data} />;
}

function OpenNew({ type, flowId, onCreated, catalog }: NewFlowProps & { catalog: CatalogNode[] | undefined }) {
  const { t } = useTranslation("canvas");
  const client = useQueryClient();
  const navigate = useNavigate();
  const router = useRouter();
  const [session] = useState(() => {
    const start = type === "AGENTFLOW" && catalog ? byName(catalog).get("startAgentflow") : undefined;
    const graph = start ? { ...EMPTY, nodes: [makeNode(start, EMPTY, { x: 100, y: 100 })] } : EMPTY;
    return openSession({
      flowId: undefined,
      type,
      name: t(type === "CHATFLOW" ? "new.chatflow" : "new.agentflow"),
      graph,
      draft: null,
      readOnly: false,
      client,
      onCreated: (flow) => {
        // Whoever went elsewhere meanwhile stays there.
        if (!/^\/(canvas|v2\/agentcanvas)\/?$/.test(router.state.location.pathname)) return;
        onCreated(flow.id);
        void navigate({ to: type === "CHATFLOW" ? "/canvas/$id" : "/v2/agentcanvas/$id", params: { id: flow.id }, search: (before) => before, replace: true });
      },
    });
  });
  useKeptCopy(session, undefined, type, "");
  const blank = useMemo((): Chatflow => ({ id: "", name: "", type, createdDate: "", updatedDate: "" }), [type]);
  const stored = useQuery({ ...chatflowQuery(flowId ?? ""), enabled: flowId !== undefined });
  const flow = stored.data ?? blank;
  return (
    <ReactFlowProvider>
      <EditorScreen session={session} flow={flow} kind={kindOfFlow(type)} catalog={catalog} wasPlaced={false} />
    </ReactFlowProvider>
  );
}

function Broken({ flow, flowData, reason }: { flow: Chatflow; flowData: string; reason: string }) {
  const { t } = useTranslation("canvas");
  return (
    <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 outline-none max-[959px]:flex-col">
      <EmptyState
        heading="h1"
        className="flex-1"
        icon={<FileWarning />}
        title={t("broken.title")}
        body={t("broken.body", { reason })}
        action={
          <>
            <Button onClick={() => download(flow, flowData)}>{t("broken.download")}</Button>
            <Button asChild>
              <Link to="/chatflows">{t("notFound.action")}</Link>
            </Button>
          </>
        }
      />
      <div className="flex min-h-0 flex-1 flex-col border-line *:min-h-0 *:flex-1 min-[960px]:max-w-md min-[960px]:border-s">
        <Suspense fallback={<LoadingPage />}>
          <ChatPanel key={flow.id} flowId={flow.id} chatbotConfig={flow.chatbotConfig} />
        </Suspense>
      </div>
    </main>
  );
}

function download(flow: Chatflow, flowData: string): void {
  const address = URL.createObjectURL(new Blob([flowData], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${flow.name || flow.id}.json`;
  link.click();
  URL.revokeObjectURL(address);
}
