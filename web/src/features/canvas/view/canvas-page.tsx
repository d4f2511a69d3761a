// `/canvas/:id`: one flow, its graph and the chat beside it; under each other as tabs where it is narrow.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { FileWarning, FileX2, Workflow } from "lucide-react";
import { type KeyboardEvent, useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { isApiError } from "~/api/errors";
import { chatflowQuery, nodesQuery } from "~/api/queries";
import type { CatalogNode, Chatflow } from "~/api/types";
import { LoadingPage } from "~/app/layouts/root";
import { ChatPanel } from "~/features/chat";
import { cx } from "~/lib/cx";
import { WIDE, useMedia } from "~/lib/use-media";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { Sheet } from "~/ui/dialog";
import { ResizeHandle } from "~/ui/resize-handle";
import { EmptyState, ErrorState } from "~/ui/states";
import { FlowDataError, type FlowGraph, parseFlowData } from "../model/flow-data";
import { viewOf, type ViewGraph } from "../model/view-graph";
import { CanvasHeader } from "./canvas-header";
import { FlowCanvas } from "./flow-canvas";
import { Inspector } from "./inspector";
import { CHAT_MAX, CHAT_MIN, useDock } from "./dock";
import { Outline } from "./outline";

const ROUTE = "/signed-in/canvas/$id";

export function CanvasPage() {
  const { id } = useParams({ from: ROUTE });
  const flow = useQuery(chatflowQuery(id));
  const catalog = useQuery(nodesQuery());
  useTitle(flow.data?.name);
  if (flow.isPending) return <LoadingPage />;
  if (flow.isError) return <FlowMissing error={flow.error} onRetry={() => void flow.refetch()} />;
  return (
    <ReactFlowProvider key={id}>
      <Editor flow={flow.data} catalog={catalog.data} />
    </ReactFlowProvider>
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

type Reading = { graph: FlowGraph } | { reason: string };

function read(flowData: string | null | undefined): Reading {
  try {
    return { graph: parseFlowData(flowData || '{"nodes":[],"edges":[]}') };
  } catch (error) {
    if (error instanceof FlowDataError) return { reason: error.message };
    throw error;
  }
}

function Editor({ flow, catalog }: { flow: Chatflow; catalog: CatalogNode[] | undefined }) {
  const { t } = useTranslation("canvas");
  const reading = useMemo(() => read(flow.flowData), [flow.flowData]);
  const view = useMemo(() => ("graph" in reading ? viewOf(reading.graph, catalog) : undefined), [reading, catalog]);
  const wide = useMedia(WIDE);
  const dock = useDock();
  const { view: shown = "graph" } = useSearch({ from: ROUTE });
  const { selected, select, reveal } = useSelection();
  const chatShown = wide ? dock.open : shown === "chat";
  const closeOnEscape = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.defaultPrevented && selected) select(undefined);
  };
  return (
    <>
      <CanvasHeader flow={flow} problems={view?.problems ?? []} onReveal={reveal} />
      <main id="main" tabIndex={-1} className={cx("flex min-h-0 flex-1 outline-none", !wide && "flex-col")}>
        {!wide && <ViewTabs shown={shown} />}
        {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- only listens for Escape, which works in all it holds */}
        <div onKeyDown={closeOnEscape} className={cx("relative flex min-h-0 min-w-0 flex-1", !wide && chatShown && "hidden")}>
          <div className="min-w-0 flex-1 overflow-y-auto">
            {!wide && shown === "outline" && view ? (
              <Outline graph={view} selected={selected} onSelect={select} />
            ) : (
              <GraphArea flow={flow} reading={reading} view={view} selected={selected} onSelect={select} />
            )}
          </div>
          {view && <NodeDetails graph={view} selected={selected} onSelect={select} docked={wide} />}
        </div>
        {/* One place in both layouts, hidden rather than gone: an answer goes on whatever is looked at. */}
        <div style={wide ? { width: dock.width } : undefined} className={cx(chatShown ? "flex" : "hidden", wide ? "shrink-0" : "min-h-0 flex-1")}>
          {wide && <ResizeHandle label={t("resizeChat")} width={dock.width} min={CHAT_MIN} max={CHAT_MAX} onResize={dock.resize} onReset={dock.reset} />}
          <div className="min-w-0 flex-1">
            <ChatPanel key={flow.id} flowId={flow.id} chatbotConfig={flow.chatbotConfig} flowData={flow.flowData} />
          </div>
        </div>
      </main>
    </>
  );
}

/** The chosen node lives in the address, so that it can be linked to. */
function useSelection() {
  const { node } = useSearch({ from: ROUTE });
  const navigate = useNavigate({ from: "/canvas/$id" });
  const { fitView } = useReactFlow();
  const select = useCallback(
    (id: string | undefined) => void navigate({ search: (before) => ({ ...before, node: id }), replace: true }),
    [navigate],
  );
  const reveal = useCallback(
    (id: string) => {
      select(id);
      void fitView({ nodes: [{ id }], maxZoom: 1, duration: 180 });
    },
    [select, fitView],
  );
  return { selected: node, select, reveal };
}

const VIEWS = ["graph", "outline", "chat"] as const;

/** Where there is no room side by side, one view at a time. */
function ViewTabs({ shown }: { shown: (typeof VIEWS)[number] }) {
  const { t } = useTranslation("canvas");
  const navigate = useNavigate({ from: "/canvas/$id" });
  return (
    <nav aria-label={t("views")} className="flex shrink-0 gap-1 border-b border-line bg-surface px-2">
      {VIEWS.map((name) => (
        <button
          key={name}
          type="button"
          aria-current={name === shown ? "true" : undefined}
          onClick={() => void navigate({ search: (before) => ({ ...before, view: name === "graph" ? undefined : name }), replace: true })}
          className="h-11 flex-1 border-b-2 border-transparent text-base font-medium text-muted -outline-offset-2 aria-[current=true]:border-primary aria-[current=true]:text-primary-ink"
        >
          {t(`view.${name}`)}
        </button>
      ))}
    </nav>
  );
}

interface NodeDetailsProps {
  graph: ViewGraph;
  selected: string | undefined;
  onSelect: (id: string | undefined) => void;
  docked: boolean;
}

/** The chosen node's inspector: docked beside the graph, or over it where that is too narrow. */
function NodeDetails({ graph, selected, onSelect, docked }: NodeDetailsProps) {
  const { t } = useTranslation("canvas");
  const chosen = graph.nodes.find((node) => node.id === selected);
  const close = () => onSelect(undefined);
  const inspector = chosen && <Inspector key={chosen.id} view={chosen} graph={graph} onSelect={onSelect} onClose={close} />;
  if (!docked) {
    return (
      <Sheet open={chosen !== undefined} onOpenChange={(open) => !open && close()} title={t("inspector.title")}>
        {inspector}
      </Sheet>
    );
  }
  if (!chosen) return null;
  return (
    <aside aria-label={t("inspector.title")} className="absolute inset-y-0 end-0 z-10 w-80 border-s border-line bg-surface shadow-lg xl:static xl:shrink-0 xl:shadow-none">
      {inspector}
    </aside>
  );
}

interface GraphAreaProps {
  flow: Chatflow;
  reading: Reading;
  view: ViewGraph | undefined;
  selected: string | undefined;
  onSelect: (id: string | undefined) => void;
}

/** The graph, or why there is none. */
function GraphArea({ flow, reading, view, selected, onSelect }: GraphAreaProps) {
  const { t } = useTranslation("canvas");
  if ("reason" in reading) {
    return (
      <div className="flex h-full items-center justify-center">
        <EmptyState
          icon={<FileWarning />}
          title={t("broken.title")}
          body={t("broken.body", { reason: reading.reason })}
          action={<Button onClick={() => download(flow)}>{t("broken.download")}</Button>}
        />
      </div>
    );
  }
  if (!view || view.nodes.length === 0) {
    return (
      <div className="flex h-full items-center justify-center">
        <EmptyState icon={<Workflow />} title={t("empty.title")} body={t("empty.body")} />
      </div>
    );
  }
  return <FlowCanvas name={flow.name} graph={view} selected={selected} onSelect={onSelect} />;
}

function download(flow: Chatflow): void {
  const address = URL.createObjectURL(new Blob([flow.flowData ?? ""], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `${flow.name || flow.id}.json`;
  link.click();
  URL.revokeObjectURL(address);
}
