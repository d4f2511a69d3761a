// The graph on React Flow, read-only: look, zoom, pick a node.
import "@xyflow/react/dist/base.css";
import "./canvas.css";
import { applyNodeChanges, Background, BackgroundVariant, type Edge, MiniMap, type NodeChange, Panel, ReactFlow, useReactFlow } from "@xyflow/react";
import type { TFunction } from "i18next";
import { Maximize, Minus, Plus } from "lucide-react";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { hueColor } from "~/design/categories";
import { WIDE, useMedia } from "~/lib/use-media";
import { Button } from "~/ui/button";
import { Tip } from "~/ui/tooltip";
import { noteTextOf } from "../model/node-data";
import type { NodeView, ViewGraph } from "../model/view-graph";
import { type CanvasNode, NODE_TYPES } from "./node-card";

export interface FlowCanvasProps {
  name: string;
  graph: ViewGraph;
  selected: string | undefined;
  onSelect: (id: string | undefined) => void;
}

/** Never larger than life, and with air around. */
const FIT = { padding: 0.12, maxZoom: 1 };

export function FlowCanvas({ name, graph, selected, onSelect }: FlowCanvasProps) {
  const { t } = useTranslation("canvas");
  const wide = useMedia(WIDE);
  const [nodes, setNodes] = useState<CanvasNode[]>(() => canvasNodes(graph, [], t));
  const [drawn, setDrawn] = useState(graph);
  if (graph !== drawn) {
    setDrawn(graph);
    setNodes((before) => canvasNodes(graph, before, t));
  }
  const shown = useMemo(() => nodes.map((node) => (node.selected === (node.id === selected) ? node : { ...node, selected: node.id === selected })), [nodes, selected]);
  const edges = useMemo(() => canvasEdges(graph, t), [graph, t]);

  const onNodesChange = useCallback(
    (changes: NodeChange<CanvasNode>[]) => {
      // The selection lives in the address; React Flow only reports what was clicked or entered.
      const picked = changes.find((change) => change.type === "select" && change.selected);
      if (picked && "id" in picked) onSelect(picked.id);
      const rest = changes.filter((change) => change.type !== "select");
      if (rest.length > 0) setNodes((before) => applyNodeChanges(rest, before));
    },
    [onSelect],
  );

  const count = graph.nodes.filter((view) => view.kind !== "note").length;
  return (
    <section aria-label={t("region", { name, nodes: t("nodes", { count }) })} className="relative size-full">
      {nodes.length > 0 && (
        <ReactFlow<CanvasNode, Edge>
          nodes={shown}
          edges={edges}
          nodeTypes={NODE_TYPES}
          onNodesChange={onNodesChange}
          onPaneClick={() => onSelect(undefined)}
          nodesDraggable={false}
          nodesConnectable={false}
          elevateNodesOnSelect={false}
          deleteKeyCode={null}
          multiSelectionKeyCode={null}
          selectionKeyCode={null}
          minZoom={0.1}
          maxZoom={2}
          fitView
          fitViewOptions={FIT}
          panOnScroll={false}
        >
          <Background variant={BackgroundVariant.Dots} gap={20} size={1.2} />
          {wide && <MiniMap position="bottom-right" pannable zoomable ariaLabel={t("minimap")} nodeColor={minimapColor} nodeStrokeWidth={0} style={MINIMAP_SIZE} />}
          <Panel position="bottom-left">
            <ZoomButtons />
          </Panel>
        </ReactFlow>
      )}
    </section>
  );
}

const MINIMAP_SIZE = { width: 150, height: 100 };

function minimapColor(node: CanvasNode): string {
  return node.data.view.kind === "note" ? "var(--note-line)" : hueColor(node.data.view.look.hue);
}

/** The nodes of `graph`; what was measured of them `before` is kept, so that nothing flickers. */
function canvasNodes(graph: ViewGraph, before: readonly CanvasNode[], t: TFunction<"canvas">): CanvasNode[] {
  const measured = new Map(before.map((node) => [node.id, node.measured]));
  return graph.nodes.map((view) => {
    const size = measured.get(view.id);
    return size ? { ...canvasNode(view, t), measured: size } : canvasNode(view, t);
  });
}

function canvasNode(view: NodeView, t: TFunction<"canvas">): CanvasNode {
  const ariaLabel =
    view.kind === "note" ? t("node.note", { text: noteTextOf(view.node) }) : t("node.name", { label: view.label, type: view.unknown ? t("node.unknown") : view.typeLabel });
  return {
    id: view.id,
    type: view.kind,
    position: view.position,
    data: { view },
    ariaLabel,
    ...(view.parentId ? { parentId: view.parentId } : {}),
    ...(view.kind === "frame" ? { zIndex: -1 } : {}),
  };
}

function canvasEdges(graph: ViewGraph, t: TFunction<"canvas">): Edge[] {
  const labels = new Map(graph.nodes.map((view) => [view.id, view.label]));
  return graph.edges.map(({ hue, ...edge }) => ({
    ...edge,
    style: { stroke: hueColor(hue) },
    ariaLabel: t("edge", { source: labels.get(edge.source) ?? edge.source, target: labels.get(edge.target) ?? edge.target }),
  }));
}

function ZoomButtons() {
  const { t } = useTranslation("canvas");
  const { zoomIn, zoomOut, fitView } = useReactFlow();
  return (
    <div className="flex rounded-md border border-line bg-surface p-0.5 shadow-sm">
      <ZoomButton label={t("zoomOut")} onClick={() => void zoomOut({ duration: 120 })}>
        <Minus aria-hidden />
      </ZoomButton>
      <ZoomButton label={t("zoomIn")} onClick={() => void zoomIn({ duration: 120 })}>
        <Plus aria-hidden />
      </ZoomButton>
      <ZoomButton label={t("fit")} onClick={() => void fitView({ ...FIT, duration: 180 })}>
        <Maximize aria-hidden />
      </ZoomButton>
    </div>
  );
}

function ZoomButton({ label, onClick, children }: { label: string; onClick: () => void; children: ReactNode }) {
  return (
    <Tip text={label}>
      <Button variant="ghost" size="icon" aria-label={label} onClick={onClick}>
        {children}
      </Button>
    </Tip>
  );
}
