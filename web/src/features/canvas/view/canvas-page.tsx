// `/canvas/:id`: one flow, its graph and the chat beside it; under each other as tabs where it is narrow.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ReactFlowProvider, useReactFlow } from "@xyflow/react";
import { FileWarning, FileX2, Workflow } from "lucide-react";
import { type ReactNode, useCallback, useMemo } from "react";
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
  const reading = useMemo(() => read(flow.flowData), [flow.flowData]);
  const view = useMemo(() => ("graph" in reading ? viewOf(reading.graph, catalog) : undefined), [reading, catalog]);
  const wide = useMedia(WIDE);
  const { selected, select, reveal } = useSelection();
  return (
    <>
      <CanvasHeader flow={flow} problems={view?.problems ?? []} onReveal={reveal} />
      {wide ? (
        <WideBody flow={flow} reading={reading} view={view} selected={selected} onSelect={select} />
      ) : (
        <NarrowBody flow={flow} reading={reading} view={view} selected={selected} onSelect={select} />
      )}
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

interface BodyProps {
  flow: Chatflow;
  reading: Reading;
  view: ViewGraph | undefined;
  selected: string | undefined;
  onSelect: (id: string | undefined) => void;
}

function WideBody(props: BodyProps) {
  const { flow, view, selected, onSelect } = props;
  const { t } = useTranslation("canvas");
  const dock = useDock();
  const chosen = view?.nodes.find((node) => node.id === selected);
  return (
    <div className="flex min-h-0 flex-1">
      <main id="main" tabIndex={-1} className="relative flex min-w-0 flex-1 outline-none">
        <div className="min-w-0 flex-1">
          <GraphArea {...props} />
        </div>
        {view && chosen && (
          <aside
            aria-label={t("inspector.title")}
            className="absolute inset-y-0 end-0 z-10 w-80 border-s border-line bg-surface shadow-lg xl:static xl:shrink-0 xl:shadow-none"
          >
            <Inspector key={chosen.id} view={chosen} graph={view} onSelect={onSelect} onClose={() => onSelect(undefined)} />
          </aside>
        )}
      </main>
      {/* Hidden, not gone: an answer goes on while its panel is closed. */}
      <aside aria-label={t("chatPanel")} style={{ width: dock.width }} className={cx("shrink-0", dock.open ? "flex" : "hidden")}>
        <ResizeHandle label={t("resizeChat")} width={dock.width} min={CHAT_MIN} max={CHAT_MAX} onResize={dock.resize} onReset={dock.reset} />
        <div className="min-w-0 flex-1">
          <ChatPanel key={flow.id} flowId={flow.id} chatbotConfig={flow.chatbotConfig} />
        </div>
      </aside>
    </div>
  );
}

const VIEWS = ["graph", "outline", "chat"] as const;

function NarrowBody(props: BodyProps) {
  const { flow, view, selected, onSelect } = props;
  const { t } = useTranslation("canvas");
  const { view: shown = "graph" } = useSearch({ from: ROUTE });
  const navigate = useNavigate({ from: "/canvas/$id" });
  const chosen = view?.nodes.find((node) => node.id === selected);
  const panes: Record<(typeof VIEWS)[number], ReactNode> = {
    graph: <GraphArea {...props} />,
    outline: view ? <Outline graph={view} selected={selected} onSelect={onSelect} /> : <GraphArea {...props} />,
    chat: <ChatPanel key={flow.id} flowId={flow.id} chatbotConfig={flow.chatbotConfig} />,
  };
  return (
    <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
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
      {VIEWS.map((name) => (
        // The chat stays mounted: an answer goes on while the graph is looked at.
        <div key={name} className={cx("min-h-0 flex-1", name === "outline" && "overflow-y-auto", name !== shown && "hidden")}>
          {(name === shown || name === "chat") && panes[name]}
        </div>
      ))}
      <Sheet open={chosen !== undefined} onOpenChange={(open) => !open && onSelect(undefined)} title={t("inspector.title")}>
        {view && chosen && <Inspector key={chosen.id} view={chosen} graph={view} onSelect={onSelect} onClose={() => onSelect(undefined)} />}
      </Sheet>
    </main>
  );
}

/** The graph, or why there is none. */
function GraphArea({ flow, reading, view, selected, onSelect }: BodyProps) {
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
