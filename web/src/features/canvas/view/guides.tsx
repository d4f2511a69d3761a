// While one node is dragged: it stays in line with others it comes close to, and lines show with which.
import { type NodeChange, useReactFlow, useStore, useStoreApi } from "@xyflow/react";
import { useCallback, useRef, useState } from "react";
import { createPortal } from "react-dom";
import type { Rect } from "../model/arrange";
import type { Point } from "../model/flow-data";
import { alignedWith, type Guide } from "../model/guides";
import type { CanvasNode } from "./node-card";

/** How near a node comes before it is put in line, in pixels of the screen. */
const REACH = 5;
const NONE: readonly Guide[] = [];

/** `off` while something else says where nodes stand, such as the grid. */
export function useGuides(off: boolean) {
  const flow = useReactFlow<CanvasNode>();
  const store = useStoreApi();
  const [guides, setGuides] = useState<readonly Guide[]>(NONE);
  const placed = useRef<{ id: string; at: Point } | undefined>(undefined);

  const known = useRef<{ moved: string; transform: unknown; rects: Rect[] } | undefined>(undefined);

  /** The outlines of what is in view, besides the node itself, what holds it and what it holds: the same throughout a drag, unless the view moves. */
  const around = useCallback(
    (moved: string, parent: string | undefined): Rect[] => {
      const { width, height, transform } = store.getState();
      if (known.current?.moved === moved && known.current.transform === transform) return known.current.rects;
      const [x, y, zoom] = transform;
      const rects = flow.getNodes().flatMap(({ id, type, parentId, measured }) => {
        const at = flow.getInternalNode(id)?.internals.positionAbsolute;
        if (id === moved || id === parent || parentId === moved || type === "group" || !at || !measured?.width || !measured.height) return [];
        const rect = { id, x: at.x, y: at.y, width: measured.width, height: measured.height };
        const isInView = (rect.x + rect.width) * zoom + x > 0 && rect.x * zoom + x < width && (rect.y + rect.height) * zoom + y > 0 && rect.y * zoom + y < height;
        return isInView ? [rect] : [];
      });
      known.current = { moved, transform, rects };
      return rects;
    },
    [flow, store],
  );

  /** `changes` with the one dragged node put in line. */
  const follow = useCallback(
    (changes: NodeChange<CanvasNode>[]): NodeChange<CanvasNode>[] => {
      const moves = changes.filter((change) => change.type === "position");
      const [move] = moves;
      if (!move?.position) return changes;
      const { id, position } = move;
      const put = (at: Point) => changes.map((change) => (change === move ? { ...move, position: at } : change));
      // Let go, it stays where it was shown last.
      if (!move.dragging) return placed.current?.id === id ? put(placed.current.at) : changes;
      const node = flow.getInternalNode(id);
      placed.current = undefined;
      if (off || moves.length > 1 || !node || node.type === "group") {
        setGuides(NONE);
        return changes;
      }
      const holder = node.parentId ? flow.getInternalNode(node.parentId)?.internals.positionAbsolute : undefined;
      const [left, top] = [holder?.x ?? 0, holder?.y ?? 0];
      const rect = { id, x: position.x + left, y: position.y + top, width: node.measured.width ?? 0, height: node.measured.height ?? 0 };
      const aligned = alignedWith(rect, around(id, node.parentId), REACH / flow.getZoom());
      setGuides(aligned.guides.length > 0 ? aligned.guides : NONE);
      const at = { x: Math.round(aligned.position.x - left), y: Math.round(aligned.position.y - top) };
      placed.current = aligned.guides.length > 0 ? { id, at } : undefined;
      return aligned.guides.length > 0 ? put(at) : changes;
    },
    [flow, off, around],
  );

  /** Ends the drag; gives the place of the node `id` where it was put in line. */
  const drop = useCallback((id: string): Point | undefined => {
    const at = placed.current?.id === id ? placed.current.at : undefined;
    placed.current = undefined;
    known.current = undefined;
    setGuides(NONE);
    return at;
  }, []);

  return { guides, follow, drop };
}

/** The layer of each canvas that moves with the view. React Flow's own portal looks for it among all elements at every step of a drag. */
const layers = new WeakMap<HTMLElement, Element>();

function layerOf(canvas: HTMLElement | null): Element | null {
  const known = canvas && layers.get(canvas);
  if (known?.isConnected) return known;
  const found = canvas?.querySelector(".react-flow__viewport-portal") ?? null;
  if (canvas && found) layers.set(canvas, found);
  return found;
}

export function GuideLines({ guides }: { guides: readonly Guide[] }) {
  const zoom = useStore((state) => state.transform[2]);
  const layer = layerOf(useStoreApi().getState().domNode);
  if (guides.length === 0 || !layer) return null;
  return createPortal(
    guides.map(({ axis, place, start, end }) => (
      <div
        key={axis}
        aria-hidden
        data-guide={axis}
        className="pointer-events-none absolute bg-primary"
        style={axis === "x" ? { left: place, top: start, width: 1 / zoom, height: end - start } : { left: start, top: place, width: end - start, height: 1 / zoom }}
      />
    )),
    layer,
  );
}
