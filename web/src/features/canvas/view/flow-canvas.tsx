// The graph on React Flow: look, move, wire, select. What changes the flow goes through the editor's log.
import "@xyflow/react/dist/base.css";
import "./canvas.css";
import {
  applyNodeChanges, Background, BackgroundVariant, type Connection, type Edge, type FinalConnectionState, MiniMap, type NodeChange, Panel, ReactFlow, SelectionMode, useReactFlow, useStore,
} from "@xyflow/react";
import type { TFunction } from "i18next";
import { type DragEvent, type MouseEvent as PointerMouseEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { hueColor } from "~/design/categories";
import { cx } from "~/lib/cx";
import { WIDE, useMedia } from "~/lib/use-media";
import { useSteady } from "~/lib/use-steady";
import { toast } from "~/ui/toast";
import { checkWire, type Wire } from "../model/connect";
import type { Point } from "../model/flow-data";
import { indexOf } from "../model/graph-index";
import { mayStandInside } from "../model/landing";
import { nameOf, noteTextOf } from "../model/node-data";
import { connect, disconnect, holding, moveNodes, setParent } from "../model/operations";
import { CARD_WIDTH, type EdgeView, type NodeView, type ViewGraph } from "../model/view-graph";
import { announce } from "./announce";
import { CanvasTools, ZoomTools } from "./canvas-tools";
import { EDGE_TYPES } from "./edge";
import { useEditor, useGraph, usePanels, useParts } from "./editor-context";
import { GuideLines, useGuides } from "./guides";
import { type CanvasNode, NODE_TYPES } from "./node-card";
import { FitMarks } from "./port-handle";
import { RefusalCard, type RefusedWire } from "./refusal-card";
import { useRunsPanel } from "./runs-panel";
import { SelectionBar } from "./selection-bar";
import { TrialBar } from "./trial-bar";
import { GRID, type Actions } from "./use-actions";
import { useCanvasKeys } from "./use-canvas-keys";
import { useKeptInView } from "./use-kept-in-view";

/** Never larger than life, and with air around. */
const FIT = { padding: 0.12, maxZoom: 1 };
/** What the palette drags. */
export const DRAGGED_NODE = "application/x-flowstone-node";
const SNAP: [number, number] = [GRID, GRID];
/** Under this zoom cards say their names only; under the second they are blocks of their colour. */
const NAMES_FROM = 0.5;
const BLOCKS_FROM = 0.22;
/** Larger flows do without the small picture of the whole. */
const MOST_IN_MINIMAP = 1000;

export function FlowCanvas({ name, actions }: { name: string; actions: Actions }) {
  const { t } = useTranslation("canvas");
  const { editor, catalog, kind } = useParts();
  const graph = useGraph();
  const selection = useEditor((state) => state.selection);
  const wires = useEditor((state) => state.wires);
  const readOnly = useEditor((state) => state.readOnly);
  const { snap, marquee } = usePanels((state) => state);
  const wide = useMedia(WIDE);
  // With the runs under it there is no room left for a picture of the whole.
  const runs = useRunsPanel();
  const { screenToFlowPosition, getIntersectingNodes } = useReactFlow();
  const { nodes, setNodes } = useCanvasNodes(graph, selection, t);
  const edges = useCanvasEdges(graph, wires, t);
  const [refused, setRefused] = useState<RefusedWire>();
  const dragged = useRef<{ frame: string; at: Point; held: ReadonlyMap<string, Point> } | undefined>(undefined);
  const keys = useCanvasKeys(actions);
  const far = useStore(({ transform: [, , zoom] }) => (zoom < BLOCKS_FROM ? "block" : zoom < NAMES_FROM ? "name" : undefined));
  const section = useKeptInView(FIT);
  const { guides, follow, drop } = useGuides(snap);

  const onNodesChange = useCallback(
    (changes: NodeChange<CanvasNode>[]) => {
      const picked = changes.filter((change) => change.type === "select");
      if (picked.length > 0) {
        const next = new Set(editor.getState().selection);
        for (const { id, selected } of picked) {
          if (selected) next.add(id);
          else next.delete(id);
        }
        editor.select(next, editor.getState().wires);
      }
      const rest = follow(changes.filter((change) => change.type === "position" || change.type === "dimensions"));
      if (rest.length > 0) setNodes((before) => withCarried(applyNodeChanges(rest, before), rest, dragged.current));
    },
    [editor, setNodes, follow],
  );

  // React Flow tells every node and wire of each handler that is another function than before; these stay the same all through a drag.
  const onNodeDragStart = useSteady((_: unknown, node: CanvasNode) => {
    if (node.type !== "group") return;
    // What lies inside a drawn frame moves with it.
    const held = getIntersectingNodes(node, false).filter((other) => !other.parentId && other.id !== node.id && !selection.has(other.id));
    dragged.current = { frame: node.id, at: node.position, held: new Map(held.map((other) => [other.id, other.position])) };
  });

  const onNodeDragStop = useSteady((_: unknown, node: CanvasNode, moved: CanvasNode[]) => {
    const carried = dragged.current;
    dragged.current = undefined;
    const places = new Map(moved.map((one) => [one.id, one.position]));
    const aligned = drop(node.id);
    if (aligned) places.set(node.id, aligned);
    if (carried?.frame === node.id) {
      const [dx, dy] = [node.position.x - carried.at.x, node.position.y - carried.at.y];
      for (const [id, at] of carried.held) places.set(id, { x: at.x + dx, y: at.y + dy });
    }
    const frame = moved.length === 1 && !node.parentId && node.type === "node" && kind === "agent" ? getIntersectingNodes(node, false).find((other) => other.type === "frame") : undefined;
    if (frame && !mayStandInside(nameOf(node.data.view.node))) {
      toast.error(t("refused.notInside", { label: node.data.view.label }));
      editor.edit("move", (before) => moveNodes(before, places));
      return;
    }
    if (frame) {
      const at = { x: Math.max(8, node.position.x - frame.position.x), y: Math.max(64, node.position.y - frame.position.y) };
      const box = { ...at, width: node.measured?.width ?? CARD_WIDTH, height: node.measured?.height ?? 60 };
      editor.edit("intoFrame", (before) => holding(setParent(before, node.id, frame.id, at), frame.id, box));
    }
    else editor.edit("move", (before) => moveNodes(before, places));
  });

  const lay = useCallback(
    (wire: Wire, point: Point) => {
      const before = editor.getState().graph;
      const check = checkWire(before, wire);
      if (check.ok) {
        editor.edit("connect", (now) => connect(now, wire));
        announce(t("say.connected", labelsAt(before, wire)));
        setRefused(undefined);
        return;
      }
      setRefused({ wire, refusal: check.refusal, point });
    },
    [editor, t],
  );

  const onConnectEnd = useSteady((event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
    const { fromNode, fromHandle, toNode, toHandle } = state;
    if (!fromNode || !fromHandle?.id || readOnly) return;
    const { clientX, clientY } = "changedTouches" in event ? (event.changedTouches[0] ?? { clientX: 0, clientY: 0 }) : event;
    const point = { x: clientX, y: clientY };
    const side = fromHandle.type === "source" ? "source" : "target";
    if (toNode && toHandle?.id && toHandle.type !== fromHandle.type) {
      if (state.isValid) return;
      const wire = side === "source" ? wireOf(fromNode.id, fromHandle.id, toNode.id, toHandle.id) : wireOf(toNode.id, toHandle.id, fromNode.id, fromHandle.id);
      lay(wire, point);
      return;
    }
    // Dropped on a card instead of a socket: the first socket that fits.
    const under = document.elementsFromPoint(clientX, clientY).map((element) => element.closest<HTMLElement>(".react-flow__node-node, .react-flow__node-frame")?.dataset["id"]).find((id) => id && id !== fromNode.id);
    const other = under === undefined ? undefined : graph.nodes.find((view) => view.id === under);
    if (other && other.kind === "node") {
      const wire = firstFit(graph, other, { nodeId: fromNode.id, handle: fromHandle.id, side }, editor.getState().graph);
      if (wire) lay(wire, point);
      return;
    }
    const at = screenToFlowPosition(point);
    actions.openPicker({ at: side === "source" ? { x: at.x, y: at.y - 32 } : { x: at.x - 264, y: at.y - 32 }, end: { nodeId: fromNode.id, handle: fromHandle.id, side } });
  });

  const onEdgeClick = useSteady((event: PointerMouseEvent, edge: Edge) => editor.select(event.shiftKey ? editor.getState().selection : [], event.shiftKey ? [...editor.getState().wires, edge.id] : [edge.id]));
  const onEdgeDoubleClick = useSteady((_: unknown, edge: Edge) => !readOnly && actions.openPicker({ wire: edge.id }));
  const onPaneClick = useSteady((event: PointerMouseEvent) => {
    setRefused(undefined);
    editor.select([]);
    if (event.detail === 2 && !readOnly) actions.openPicker({ at: screenToFlowPosition({ x: event.clientX, y: event.clientY }) });
  });
  const onConnect = useSteady((connection: Connection) => lay(toWire(connection), { x: 0, y: 0 }));
  const onReconnect = useSteady((old: Edge, connection: Connection) => {
    const wire = toWire(connection);
    editor.edit("connect", (before) => {
      const loose = disconnect(before, new Set([old.id]));
      return checkWire(loose, wire).ok ? connect(loose, wire) : before;
    });
  });
  const isValidConnection = useSteady((connection: Connection | Edge) => checkWire(editor.getState().graph, toWire(connection)).ok);
  const onSelectionDragStop = useSteady((_: unknown, moved: CanvasNode[]) => editor.edit("move", (before) => moveNodes(before, new Map(moved.map((one) => [one.id, one.position])))));

  const onDrop = (event: DragEvent) => {
    const entry = catalog?.find((one) => one.name === event.dataTransfer.getData(DRAGGED_NODE));
    if (!entry) return;
    event.preventDefault();
    const at = screenToFlowPosition({ x: event.clientX, y: event.clientY });
    actions.add(entry, { at: { x: at.x - 132, y: at.y - 32 } });
  };

  const count = graph.nodes.filter((view) => view.kind === "node" || view.kind === "frame").length;
  const problems = graph.problems.filter((problem) => problem.severity === "error").length;
  const nodeText = t("nodes", { count });
  const hasMap = wide && runs.run === undefined && count > 1 && count <= MOST_IN_MINIMAP;
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the keys of the canvas; each has a button or menu too
    <section
      ref={section}
      data-canvas
      data-far={far}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- receives the focus after a deletion, so that keys go on working
      tabIndex={-1}
      aria-label={t("region", { name, nodes: problems > 0 ? `${nodeText}, ${t("problems.button", { count: problems })}` : nodeText })}
      className="@container relative size-full outline-none"
      onKeyDown={keys}
      onDragOver={(event) => event.dataTransfer.types.includes(DRAGGED_NODE) && event.preventDefault()}
      onDrop={onDrop}
    >
      <svg aria-hidden className="absolute size-0">
        <defs>
          <marker id="step-arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse">
            <path d="M1 1.5 L9 5 L1 8.5" fill="none" stroke="var(--control)" strokeWidth="1.6" strokeLinecap="round" strokeLinejoin="round" />
          </marker>
        </defs>
      </svg>
      <ReactFlow<CanvasNode, Edge>
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onNodesChange={onNodesChange}
        onEdgeClick={onEdgeClick}
        onEdgeDoubleClick={onEdgeDoubleClick}
        onPaneClick={onPaneClick}
        onConnect={onConnect}
        onConnectEnd={onConnectEnd}
        onReconnect={onReconnect}
        isValidConnection={isValidConnection}
        onNodeDragStart={onNodeDragStart}
        onNodeDragStop={onNodeDragStop}
        onSelectionDragStop={onSelectionDragStop}
        nodesDraggable={!readOnly}
        nodesConnectable={!readOnly}
        edgesReconnectable={!readOnly}
        edgesFocusable={false}
        elevateNodesOnSelect={false}
        zoomOnDoubleClick={false}
        connectionRadius={32}
        deleteKeyCode={null}
        multiSelectionKeyCode={MULTI}
        selectionKeyCode="Shift"
        selectionOnDrag={marquee}
        selectionMode={SelectionMode.Partial}
        panOnDrag={marquee ? MIDDLE_BUTTON : true}
        snapToGrid={snap}
        snapGrid={SNAP}
        disableKeyboardA11y
        minZoom={0.08}
        maxZoom={2}
        fitView
        fitViewOptions={FIT}
      >
        <FitMarks />
        <GuideLines guides={guides} />
        <Background variant={BackgroundVariant.Dots} gap={20} size={1.2} />
        {hasMap && <MiniMap position="bottom-right" className="@max-[40rem]:hidden" pannable zoomable ariaLabel={t("minimap")} nodeColor={minimapColor} nodeStrokeWidth={0} style={MINIMAP_SIZE} />}
        {/* Side by side while there is room, else one over the other. */}
        <div className={cx("pointer-events-none absolute start-3.5 bottom-3.5 end-3.5 z-5 flex flex-wrap-reverse items-end gap-2 [&>*]:pointer-events-auto", hasMap && "@min-[40rem]:pe-44")}>
          <ZoomTools fit={FIT} />
          {!readOnly && (wide || runs.run === undefined) && <CanvasTools actions={actions} />}
        </div>
        {kind === "agent" && (
          <Panel position="top-left">
            <TrialBar />
          </Panel>
        )}
        {!readOnly && selection.size > 1 && (
          <Panel position="top-center">
            <SelectionBar actions={actions} />
          </Panel>
        )}
      </ReactFlow>
      {refused && <RefusalCard refused={refused} onClose={() => setRefused(undefined)} actions={actions} />}
    </section>
  );
}

const MULTI = ["Meta", "Control", "Shift"];
const MIDDLE_BUTTON = [1, 2];
const MINIMAP_SIZE = { width: 150, height: 100 };

function minimapColor(node: CanvasNode): string {
  return node.type === "note" || node.type === "group" ? "var(--note-line)" : hueColor(node.data.view.look.hue);
}

function wireOf(source: string, sourceHandle: string, target: string, targetHandle: string): Wire {
  return { source, sourceHandle, target, targetHandle };
}

function toWire(connection: Connection | Edge): Wire {
  return wireOf(connection.source, connection.sourceHandle ?? "", connection.target, connection.targetHandle ?? "");
}

function labelsAt(graph: Parameters<typeof indexOf>[0], wire: Wire): { source: string; target: string } {
  const { nodes } = indexOf(graph);
  const label = (id: string) => String(nodes.get(id)?.data["label"] ?? id);
  return { source: label(wire.source), target: label(wire.target) };
}

/** The first legal wire to a card; when none is, the first pair, so that the refusal can say why. */
function firstFit(view: ViewGraph, card: NodeView, end: { nodeId: string; handle: string; side: "source" | "target" }, graph: Parameters<typeof checkWire>[0]): Wire | undefined {
  const ports = end.side === "source" ? card.inputs : card.outputs;
  const all = ports.map((port) => (end.side === "source" ? wireOf(end.nodeId, end.handle, card.id, port.id) : wireOf(card.id, port.id, end.nodeId, end.handle)));
  const legal = all.filter((wire) => checkWire(graph, wire).ok);
  const free = legal.find((wire) => !view.edges.some((edge) => edge.targetHandle === wire.targetHandle && edge.target === wire.target));
  return free ?? legal[0] ?? all[0];
}

/** What a drawn frame holds goes along while it is dragged. */
function withCarried(nodes: CanvasNode[], changes: NodeChange<CanvasNode>[], dragged: { frame: string; at: Point; held: ReadonlyMap<string, Point> } | undefined): CanvasNode[] {
  const moved = dragged && changes.find((change) => change.type === "position" && change.id === dragged.frame);
  const now = moved && nodes.find((node) => node.id === dragged.frame)?.position;
  if (!dragged || !now) return nodes;
  return nodes.map((node) => {
    const at = dragged.held.get(node.id);
    return at ? { ...node, position: { x: at.x + now.x - dragged.at.x, y: at.y + now.y - dragged.at.y } } : node;
  });
}

/** The drawn nodes: each is a new object only when it itself changed, so that the others are not drawn again. */
function useCanvasNodes(graph: ViewGraph, selection: ReadonlySet<string>, t: TFunction<"canvas">) {
  const [nodes, setNodes] = useState<CanvasNode[]>(() => canvasNodes(graph, [], selection, t));
  const [drawn, setDrawn] = useState({ graph, selection });
  if (graph.nodes !== drawn.graph.nodes || selection !== drawn.selection) {
    setDrawn({ graph, selection });
    setNodes((before) => canvasNodes(graph, before, selection, t));
  }
  return { nodes, setNodes };
}

function canvasNodes(graph: ViewGraph, before: readonly CanvasNode[], selection: ReadonlySet<string>, t: TFunction<"canvas">): CanvasNode[] {
  const known = new Map(before.map((node) => [node.id, node]));
  // One node takes the tabulator key; arrows lead on from there.
  const tabStop = graph.nodes.find((view) => selection.has(view.id))?.id ?? graph.nodes.find((view) => view.kind === "node")?.id ?? graph.nodes[0]?.id;
  return graph.nodes.map((view) => {
    const old = known.get(view.id);
    const selected = selection.has(view.id);
    const stop = view.id === tabStop;
    if (old?.data.view === view && old.selected === selected && old.domAttributes?.tabIndex === (stop ? 0 : -1)) {
      return old.position.x === view.position.x && old.position.y === view.position.y ? old : { ...old, position: view.position };
    }
    const made = canvasNode(view, selected, stop, old?.data.view === view ? old.data : undefined, t);
    return old?.measured ? { ...made, measured: old.measured } : made;
  });
}

function canvasNode(view: NodeView, selected: boolean, tabStop: boolean, data: CanvasNode["data"] | undefined, t: TFunction<"canvas">): CanvasNode {
  return {
    id: view.id,
    type: view.kind,
    position: view.position,
    data: data ?? { view },
    selected,
    ariaLabel: nameFor(view, t),
    domAttributes: { tabIndex: tabStop ? 0 : -1 } as NonNullable<CanvasNode["domAttributes"]>,
    ...(view.parentId ? { parentId: view.parentId, extent: "parent" as const } : {}),
    ...(view.kind === "frame" || view.kind === "group" ? { zIndex: view.kind === "group" ? -2 : -1, dragHandle: ".frame-grip" } : {}),
  };
}

export function nameFor(view: NodeView, t: TFunction<"canvas">): string {
  if (view.kind === "note") return t("node.note", { text: noteTextOf(view.node) });
  if (view.kind === "group") return t("node.group", { text: noteTextOf(view.node) });
  const name = t("node.name", { label: view.label, type: view.unknown ? t("node.unknown") : view.typeLabel });
  const errors = view.problems.filter((problem) => problem.severity !== "info").length;
  return errors > 0 ? `${name}, ${t("problems.button", { count: errors })}` : name;
}

/** Drawn wires keep their identity the same way. */
function useCanvasEdges(graph: ViewGraph, selected: ReadonlySet<string>, t: TFunction<"canvas">): Edge[] {
  const [cache] = useState(() => new Map<string, { view: EdgeView; edge: Edge }>());
  useEffect(() => {
    const ids = new Set(graph.edges.map((edge) => edge.id));
    for (const id of cache.keys()) if (!ids.has(id)) cache.delete(id);
  }, [graph.edges, cache]);
  return useMemo(() => {
    const labels = new Map(graph.nodes.map((view) => [view.id, view.label]));
    return graph.edges.map((view) => {
      const ariaLabel = t("edge", { source: labels.get(view.source) ?? view.source, target: labels.get(view.target) ?? view.target });
      const before = cache.get(view.id);
      const isSelected = selected.has(view.id);
      if (before?.view === view && before.edge.ariaLabel === ariaLabel && before.edge.selected === isSelected) return before.edge;
      const { hue, step, label, ...ends } = view;
      const edge: Edge = { ...ends, type: "wire", selected: isSelected, data: { label, step }, style: { stroke: step ? "var(--control)" : hueColor(hue) }, ariaLabel, ...(step ? { markerEnd: "url(#step-arrow)" } : {}) };
      cache.set(view.id, { view, edge });
      return edge;
    });
  }, [graph, selected, t, cache]);
}
