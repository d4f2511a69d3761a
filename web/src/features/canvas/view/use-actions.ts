// What can be done to the flow, for buttons, menus and keys alike.
import { useReactFlow } from "@xyflow/react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { CatalogNode } from "~/api/types";
import { WIDE } from "~/lib/use-media";
import { toast } from "~/ui/toast";
import { align, type Alignment, distribute, type Rect, tidy } from "../model/arrange";
import { copyText, fragmentIn, pasted, unknownIn } from "../model/clipboard";
import { checkWire, joinTo, outputFor } from "../model/connect";
import { type FlowGraph, type FlowNode, parseFlowData, type Point } from "../model/flow-data";
import { indexOf } from "../model/graph-index";
import { FRAME_SIZE, makeNode, makeNote } from "../model/make-node";
import { kindOf, labelOf, nameOf, parentOf } from "../model/node-data";
import { addNodes, connect, disconnect, moveNodes, removeNodes, setOutput } from "../model/operations";
import { edgeKeys } from "../model/store";
import { CARD_WIDTH } from "../model/view-graph";
import { announce } from "./announce";
import { type PickerFor, useParts } from "./editor-context";

export const GRID = 8;
/** Where a node goes beside the one it is joined to. */
const BESIDE = CARD_WIDTH + 96;
/** Air between nodes that place themselves. */
const GAP = 24;
/** Between a new node and the edge of what is in view; the tools at the foot take room of their own. */
const EDGE = 24;
const TOOLS = 56;

export type Actions = ReturnType<typeof useActions>;

/** The last fragment copied here, for browsers that keep the clipboard to themselves. */
let lastCopied = "";

export function useActions() {
  const { editor, panels, catalog, kind } = useParts();
  const flow = useReactFlow();
  const { t } = useTranslation("canvas");
  return useMemo(() => {
    const state = () => editor.getState();
    const chosen = () => [...state().selection];
    const say = (key: "added" | "deleted" | "copied" | "connected", values: Record<string, unknown>) => announce(String(t(`say.${key}`, values as never)));

    function rects(ids: readonly string[]): Rect[] {
      const { nodes } = indexOf(state().graph);
      return ids.flatMap((id) => {
        const node = nodes.get(id);
        const drawn = flow.getInternalNode(id);
        if (!node) return [];
        const { x, y } = drawn?.position ?? node.position ?? { x: 0, y: 0 };
        return [{ id, x, y, width: drawn?.measured.width ?? CARD_WIDTH, height: drawn?.measured.height ?? 100 }];
      });
    }

    /** The free place nearest to the middle of what is in view. */
    function roomInView(): Point {
      const pane = document.querySelector(".react-flow")?.getBoundingClientRect();
      const middle = flow.screenToFlowPosition({ x: (pane?.left ?? 0) + (pane?.width ?? 800) / 2, y: (pane?.top ?? 0) + (pane?.height ?? 600) / 2 });
      const present = rects(state().graph.nodes.filter((node) => kindOf(node) !== "group").map((node) => node.id));
      const isFree = ({ x, y }: Point) => present.every((rect) => x + CARD_WIDTH + GAP <= rect.x || x >= rect.x + rect.width + GAP || y + 140 + GAP <= rect.y || y >= rect.y + rect.height + GAP);
      const steps = [0, 1, -1, 2, -2, 3, -3];
      const spots = steps.flatMap((row) => steps.map((column) => ({ x: middle.x - CARD_WIDTH / 2 + column * (CARD_WIDTH + 56), y: middle.y - 60 + row * 180 })));
      const near = spots.toSorted((a, b) => Math.hypot(a.x - middle.x, a.y - middle.y) - Math.hypot(b.x - middle.x, b.y - middle.y));
      return near.find(isFree) ?? { x: Math.max(...present.map((rect) => rect.x + rect.width)) + GAP, y: middle.y };
    }

    /** Moves the view just as far as it takes to see a new node whole, once the panels beside have taken their room. */
    function keepInView(id: string): void {
      requestAnimationFrame(() =>
        requestAnimationFrame(() => {
          const pane = document.querySelector(".react-flow")?.getBoundingClientRect();
          const drawn = flow.getInternalNode(id);
          if (!pane || !drawn) return;
          const { x, y } = flow.flowToScreenPosition(drawn.internals.positionAbsolute);
          const view = flow.getViewport();
          const [width, height] = [(drawn.measured.width ?? CARD_WIDTH) * view.zoom, (drawn.measured.height ?? 140) * view.zoom];
          const missing = (from: number, size: number, start: number, room: number) => Math.max(0, start + EDGE - from) - Math.max(0, from + size - (start + room - EDGE));
          const [dx, dy] = [missing(x, width, pane.left, pane.width), missing(y, height, pane.top, pane.height - TOOLS)];
          if (dx !== 0 || dy !== 0) void flow.setViewport({ ...view, x: view.x + dx, y: view.y + dy }, { duration: 180 });
        }),
      );
    }

    function besideEnd({ end }: PickerFor): Point | undefined {
      const holder = end && indexOf(state().graph).nodes.get(end.nodeId);
      if (!holder?.position) return undefined;
      const away = end?.side === "source" ? BESIDE : -BESIDE;
      const at = { x: holder.position.x + away, y: holder.position.y };
      const taken = (point: Point) => state().graph.nodes.some((node) => node.position && Math.abs(node.position.x - point.x) < CARD_WIDTH && Math.abs(node.position.y - point.y) < 120);
      while (taken(at)) at.y += 140;
      return at;
    }

    /** Adds a node of this kind, joined to the loose end or put into the wire that `why` names. */
    function add(entry: CatalogNode, why: PickerFor = {}): string | undefined {
      const { graph } = state();
      if (entry.name === "startAgentflow" && graph.nodes.some((node) => nameOf(node) === "startAgentflow")) {
        toast.error(t("refused.secondStart"));
        return undefined;
      }
      const wireAt = why.wire === undefined ? -1 : edgeKeys(graph).indexOf(why.wire);
      const into = graph.edges[wireAt];
      const at = why.at ?? besideEnd(why) ?? (into && between(graph, into.source, into.target)) ?? roomInView();
      const made = makeNode(entry, graph, at);
      editor.edit("add", (before) => {
        const holder = why.end && indexOf(before).nodes.get(why.end.nodeId);
        let next = addNodes(before, [holder ? inside(made, parentOf(holder)) : made]);
        const output = why.end && outputFor(entry, before, why.end);
        if (output) next = setOutput(next, made.id, output);
        const wire = why.end && joinTo(next, indexOf(next).nodes.get(made.id) ?? made, why.end);
        if (wire) next = connect(next, wire);
        if (into && why.wire !== undefined) next = putInto(next, made.id, why.wire);
        return next;
      });
      editor.select([made.id]);
      keepInView(made.id);
      say("added", { label: labelOf(made) });
      return made.id;
    }

    function putInto(graph: FlowGraph, id: string, key: string): FlowGraph {
      const edge = graph.edges[edgeKeys(graph).indexOf(key)];
      if (!edge?.sourceHandle || !edge.targetHandle) return graph;
      const open = disconnect(graph, new Set([key]));
      const node = indexOf(open).nodes.get(id);
      const first = node && joinTo(open, node, { nodeId: edge.source, handle: edge.sourceHandle, side: "source" });
      const second = node && joinTo(open, node, { nodeId: edge.target, handle: edge.targetHandle, side: "target" });
      return first && second ? connect(connect(open, first), second) : graph;
    }

    function addNote(frame: boolean, at?: Point): void {
      const entry = catalog?.find((one) => one.name === (kind === "agent" ? "stickyNoteAgentflow" : "stickyNote")) ?? catalog?.find((one) => one.name === "stickyNote");
      const around = frame ? rects(chosen().filter((id) => !parentOf(indexOf(state().graph).nodes.get(id) ?? EMPTY))) : [];
      const box = around.length > 0 ? boxAround(around) : undefined;
      const size = box ?? FRAME_SIZE;
      const made = makeNote(entry, state().graph, at ?? box ?? roomInView(), frame ? t("frame.untitled") : "", frame ? { width: size.width, height: size.height } : undefined);
      // A frame lies under what it is drawn around.
      editor.edit(frame ? "addFrame" : "addNote", (graph) => (frame ? { ...graph, nodes: [made, ...graph.nodes] } : addNodes(graph, [made])));
      editor.select([made.id]);
      say("added", { label: t(frame ? "frame.title" : "note.title") });
    }

    function remove(heal = true): void {
      const { selection, wires, graph } = state();
      if (selection.size + wires.size === 0) return;
      editor.edit("delete", (before) => removeNodes(disconnect(before, wires), selection, heal));
      say("deleted", { count: graph.nodes.length - state().graph.nodes.length + (selection.size === 0 ? wires.size : 0) });
      document.querySelector<HTMLElement>("[data-canvas]")?.focus();
    }

    async function copy(): Promise<boolean> {
      const ids = state().selection;
      if (ids.size === 0) return false;
      lastCopied = copyText(state().graph, ids);
      await navigator.clipboard?.writeText(lastCopied).catch(() => undefined);
      say("copied", { count: ids.size });
      return true;
    }

    /** `wired`: what led into the copied nodes leads into their copies too, where it is here and fits. */
    function pasteText(text: string, at?: Point, wired = false): boolean {
      const fragment = fragmentIn(text);
      if (!fragment || state().readOnly) return false;
      const result = pasted(state().graph, fragment, at ?? roomInView(), kind === "agent");
      editor.edit("paste", (graph) => {
        const added = addNodes(graph, result.nodes, result.edges);
        return wired ? result.incoming.reduce((next, wire) => (checkWire(next, wire).ok ? connect(next, wire) : next), added) : added;
      });
      editor.select(result.nodes.map((node) => node.id));
      if (result.leftOut.length > 0) toast.error(t("paste.leftOut", { labels: result.leftOut.join(", ") }));
      const unknown = catalog ? unknownIn(fragment, catalog) : [];
      if (unknown.length > 0) toast.error(t("paste.unknown", { labels: unknown.join(", ") }));
      if (result.nodes.length > 0) say("added", { label: t("nodes", { count: result.nodes.length }) });
      return true;
    }

    async function paste(at?: Point): Promise<void> {
      const text = (await navigator.clipboard?.readText().catch(() => "")) || lastCopied;
      if (!pasteText(text, at)) toast.error(t("paste.nothing"));
    }

    function duplicate(): void {
      const ids = state().selection;
      const first = rects([...ids])[0];
      if (first) pasteText(copyText(state().graph, ids), { x: Math.min(...rects([...ids]).map((rect) => rect.x)) + 40, y: Math.min(...rects([...ids]).map((rect) => rect.y)) + 40 });
    }

    function move(dx: number, dy: number): void {
      const places = new Map(rects(chosen()).map((rect) => [rect.id, { x: rect.x + dx, y: rect.y + dy }]));
      editor.edit("move", (graph) => moveNodes(graph, places), "arrows");
    }

    async function tidyUp(): Promise<void> {
      const ids = state().selection.size > 1 ? chosen() : state().graph.nodes.filter((node) => kindOf(node) === "node" || kindOf(node) === "frame").map((node) => node.id);
      const change = await tidy(state().graph, rects(ids));
      editor.edit("tidy", change);
      if (state().selection.size < 2) void flow.fitView({ padding: 0.12, maxZoom: 1, duration: 180 });
    }

    function reveal(id: string, field?: string): void {
      editor.select([id]);
      panels.setState({ inspector: true, ...(field ? { focusField: { nodeId: id, name: field } } : {}) });
      void flow.fitView({ nodes: [{ id }], maxZoom: 1, duration: 180, padding: 0.4 });
    }

    /** Brings a node into view; where its details do not cover everything else, it is selected too. */
    function show(id: string): void {
      if (matchMedia(WIDE).matches) editor.select([id]);
      void flow.fitView({ nodes: [{ id }], maxZoom: 1, duration: 180, padding: 0.4 });
    }

    return {
      add,
      addNote,
      show,
      remove,
      copy,
      cut: async () => (await copy()) && remove(false),
      paste,
      pasteText,
      duplicate,
      move,
      tidyUp,
      reveal,
      align: (how: Alignment) => editor.edit("align", (graph) => align(graph, rects(chosen()), how)),
      distribute: (axis: "x" | "y") => editor.edit("align", (graph) => distribute(graph, rects(chosen()), axis)),
      /** Puts a whole drawn flow in place of what is there, as one edit. */
      replaceAll: (flowData: string) => {
        const { nodes, edges, unread } = parseFlowData(flowData);
        editor.edit("generate", (graph) => ({ ...graph, nodes, edges, unread }));
        editor.select([]);
        say("added", { label: t("nodes", { count: nodes.length }) });
        requestAnimationFrame(() => requestAnimationFrame(() => void flow.fitView({ padding: 0.12, maxZoom: 1, duration: 180 })));
      },
      selectAll: () => editor.select(state().graph.nodes.map((node) => node.id)),
      undo: () => {
        const label = editor.undo();
        announce(label ? t("say.undone", { what: t(`edits.${label}` as never) }) : t("say.nothingToUndo"));
      },
      redo: () => {
        const label = editor.redo();
        announce(label ? t("say.redone", { what: t(`edits.${label}` as never) }) : t("say.nothingToRedo"));
      },
      openPicker: (why: PickerFor = {}) => panels.setState({ dialog: { name: "picker", for: why } }),
    };
  }, [editor, panels, catalog, kind, flow, t]);
}

const EMPTY: FlowNode = { id: "", type: undefined, position: null, data: {}, extra: {} };

function inside(node: FlowNode, parent: string | undefined): FlowNode {
  return parent ? { ...node, extra: { ...node.extra, parentNode: parent, extent: "parent" } } : node;
}

function between(graph: FlowGraph, a: string, b: string): Point | undefined {
  const { nodes } = indexOf(graph);
  const [from, to] = [nodes.get(a)?.position, nodes.get(b)?.position];
  return from && to ? { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 + 60 } : undefined;
}

/** A frame's place and size so that it holds `rects` with its title above them. */
function boxAround(rects: readonly Rect[]): { x: number; y: number; width: number; height: number } {
  const x = Math.min(...rects.map((rect) => rect.x)) - 24;
  const y = Math.min(...rects.map((rect) => rect.y)) - 56;
  return { x, y, width: Math.max(...rects.map((rect) => rect.x + rect.width)) + 24 - x, height: Math.max(...rects.map((rect) => rect.y + rect.height)) + 24 - y };
}
