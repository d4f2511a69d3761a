// What can be done to the flow, for buttons, menus and keys alike.
import { useReactFlow } from "@xyflow/react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { CatalogNode } from "~/api/types";
import { WIDE } from "~/lib/use-media";
import { toast } from "~/ui/toast";
import { align, type Alignment, distribute, type Rect, tidy } from "../model/arrange";
import { copyText, fragmentIn, pasted, roomFor, unknownIn, withoutStart } from "../model/clipboard";
import { checkWire, joinTo, type LooseEnd, outputFor } from "../model/connect";
import { type FlowGraph, type FlowNode, parseFlowData, type Point } from "../model/flow-data";
import { indexOf, reachable } from "../model/graph-index";
import { landingOf, mayStandInside, placeBeside, placeNear, roomBetween } from "../model/landing";
import { FRAME_SIZE, ITERATION_SIZE, makeNode, makeNote } from "../model/make-node";
import { kindOf, labelOf, nameOf, parentOf } from "../model/node-data";
import { addNodes, connect, disconnect, holding, moveNodes, removeNodes, setOutput } from "../model/operations";
import { edgeKeys } from "../model/store";
import { CARD_WIDTH } from "../model/view-graph";
import { announce } from "./announce";
import { type PickerFor, useParts } from "./editor-context";

export const GRID = 8;
/** About what a new card measures before it is drawn. */
const CARD = { width: CARD_WIDTH, height: 116 };
/** Between a new node and the edge of what is in view; what lies over the foot of the canvas takes room of its own. */
const EDGE = 24;
const TOOLS = 56;
/** Between what was there and a flow that is put beside it. */
const BESIDE = 120;
const MINIMAP = { width: 180, height: 124 };

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
    const say = (key: "added" | "addedTo" | "deleted" | "copied" | "connected", values: Record<string, unknown>) => announce(String(t(`say.${key}`, values as never)));

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
    function roomInView(size: { width: number; height: number } = CARD): Point {
      const pane = document.querySelector(".react-flow")?.getBoundingClientRect();
      const middle = flow.screenToFlowPosition({ x: (pane?.left ?? 0) + (pane?.width ?? 800) / 2, y: (pane?.top ?? 0) + (pane?.height ?? 600) / 2 });
      return placeNear(middle, size, rects(drawnIn(undefined)));
    }

    /** What takes up room in the frame `parent`, or outside of all. */
    function drawnIn(parent: string | undefined): string[] {
      return state().graph.nodes.filter((node) => kindOf(node) !== "group" && parentOf(node) === parent).map((node) => node.id);
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
          const map = document.querySelector(".react-flow__minimap");
          const dx = missing(x, width, pane.left, pane.width);
          const isOverMap = map !== null && x + dx + width > pane.right - MINIMAP.width;
          const dy = missing(y, height, pane.top, pane.height - (isOverMap ? MINIMAP.height : TOOLS));
          if (dx !== 0 || dy !== 0) void flow.setViewport({ ...view, x: view.x + dx, y: view.y + dy }, { duration: 180 });
        }),
      );
    }

    function besideEnd(end: LooseEnd, size: { width: number; height: number }): Point | undefined {
      const holder = indexOf(state().graph).nodes.get(end.nodeId);
      const box = rects([end.nodeId])[0];
      return holder && box && placeBeside(box, size, end.side, rects(drawnIn(parentOf(holder))));
    }

    /**
     * Adds a node of this kind, joined to the loose end or put into the wire that `why` names. Where it names neither, nor a
     * place, the node joins what plainly waits for it, unless it shall stay `apart`.
     */
    function add(entry: CatalogNode, why: PickerFor = {}, apart = false): string | undefined {
      const { graph, selection } = state();
      if (entry.name === "startAgentflow" && graph.nodes.some((node) => nameOf(node) === "startAgentflow")) {
        toast.error(t("refused.secondStart"));
        return undefined;
      }
      const isFree = !apart && why.end === undefined && why.wire === undefined && why.at === undefined;
      const end = why.end ?? (isFree ? landingOf(entry, graph, selection) : undefined);
      const size = entry.name === "iterationAgentflow" ? ITERATION_SIZE : CARD;
      const wireAt = why.wire === undefined ? -1 : edgeKeys(graph).indexOf(why.wire);
      const into = graph.edges[wireAt];
      const gap = into && gapAt(into.source, into.target, size);
      const at = why.at ?? (end && besideEnd(end, size)) ?? gap?.at ?? roomInView(size);
      const made = makeNode(entry, graph, at);
      const holder = end && indexOf(graph).nodes.get(end.nodeId);
      const frame = why.at && why.wire === undefined ? frameUnder(why.at) : undefined;
      if (frame && !holder && !mayStandInside(entry.name)) {
        toast.error(t("refused.notInside", { label: entry.label }));
        return undefined;
      }
      editor.edit("add", (before) => {
        const parent = holder ? parentOf(holder) : frame?.id;
        // A pointer tells a place in the flow; in a frame, places are the frame's.
        const origin = why.at && parent ? rects([parent])[0] : undefined;
        const place = origin ? { x: Math.max(8, at.x - origin.x), y: Math.max(64, at.y - origin.y) } : at;
        const spread = gap ? moveNodes(before, gap.places) : before;
        let next = addNodes(spread, [inside({ ...made, position: { x: Math.round(place.x), y: Math.round(place.y) } }, parent)]);
        if (parent) next = holding(next, parent, { ...place, ...size });
        const output = end && outputFor(entry, before, end);
        if (output) next = setOutput(next, made.id, output);
        const wire = end && joinTo(next, indexOf(next).nodes.get(made.id) ?? made, end);
        if (wire) next = connect(next, wire);
        if (into && why.wire !== undefined) next = putInto(next, made.id, why.wire);
        return next;
      });
      editor.select([made.id]);
      keepInView(made.id);
      if (holder) say("addedTo", { label: labelOf(made), holder: labelOf(holder) });
      else say("added", { label: labelOf(made) });
      return made.id;
    }

    /** Room for a node between two that are wired: the place, and where what comes after it moves so that nothing is covered. */
    function gapAt(source: string, target: string, size: { width: number; height: number }): { at: Point; places: Map<string, Point> } | undefined {
      const { graph } = state();
      const [from, to] = [rects([source])[0], rects([target])[0]];
      if (!from || !to) return undefined;
      const room = roomBetween(from, to, size);
      const parent = parentOf(indexOf(graph).nodes.get(target) ?? EMPTY);
      const after = [target, ...reachable(graph, target)].filter((id) => id !== source && parentOf(indexOf(graph).nodes.get(id) ?? EMPTY) === parent);
      return { at: room.at, places: new Map(room.shift > 0 ? rects(after).map((rect) => [rect.id, { x: rect.x + room.shift, y: rect.y }]) : []) };
    }

    /** The iteration that lies at this place of the flow. */
    function frameUnder(at: Point): Rect | undefined {
      return rects(state().graph.nodes.filter((node) => kindOf(node) === "frame" && !parentOf(node)).map((node) => node.id)).findLast(
        (rect) => at.x + CARD.width / 2 >= rect.x && at.x + CARD.width / 2 <= rect.x + rect.width && at.y + 30 >= rect.y && at.y + 30 <= rect.y + rect.height,
      );
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
      put("paste", fragment, at ?? roomInView(roomFor(fragment)), wired);
      return true;
    }

    /** Puts a whole saved flow beside what is there, as one edit. */
    function insertFlow(flowData: string): void {
      const whole = fragmentIn(flowData);
      if (!whole || state().readOnly) return;
      const fragment = kind === "agent" ? withoutStart(whole, state().graph) : whole;
      const present = rects(drawnIn(undefined));
      const at = present.length > 0 ? { x: Math.max(...present.map((rect) => rect.x + rect.width)) + BESIDE, y: Math.min(...present.map((rect) => rect.y)) } : { x: 0, y: 0 };
      put("template", fragment, at, true);
      requestAnimationFrame(() => requestAnimationFrame(() => void flow.fitView({ padding: 0.12, maxZoom: 1, duration: 180 })));
    }

    function put(label: "paste" | "template", fragment: FlowGraph, at: Point, wired: boolean): void {
      const result = pasted(state().graph, fragment, at, kind === "agent");
      editor.edit(label, (graph) => {
        const added = addNodes(graph, result.nodes, result.edges);
        return wired ? result.incoming.reduce((next, wire) => (checkWire(next, wire).ok ? connect(next, wire) : next), added) : added;
      });
      editor.select(result.nodes.map((node) => node.id));
      if (result.leftOut.length > 0) toast.error(t("paste.leftOut", { labels: result.leftOut.join(", ") }));
      const unknown = catalog ? unknownIn(fragment, catalog) : [];
      if (unknown.length > 0) toast.error(t("paste.unknown", { labels: unknown.join(", ") }));
      if (result.nodes.length > 0) say("added", { label: t("nodes", { count: result.nodes.length }) });
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
      // Notes stay where somebody put them.
      const wanted = state().selection.size > 1 ? state().selection : undefined;
      const ids = state().graph.nodes.filter((node) => (kindOf(node) === "node" || kindOf(node) === "frame") && (wanted?.has(node.id) ?? true)).map((node) => node.id);
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
      insertFlow,
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

/** A frame's place and size so that it holds `rects` with its title above them. */
function boxAround(rects: readonly Rect[]): { x: number; y: number; width: number; height: number } {
  const x = Math.min(...rects.map((rect) => rect.x)) - 24;
  const y = Math.min(...rects.map((rect) => rect.y)) - 56;
  return { x, y, width: Math.max(...rects.map((rect) => rect.x + rect.width)) + 24 - x, height: Math.max(...rects.map((rect) => rect.y + rect.height)) + 24 - y };
}
