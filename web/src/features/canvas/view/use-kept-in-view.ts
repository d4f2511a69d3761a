// Keeps the whole graph in view where it was: when it first becomes visible, and when what opens beside it takes room away.
import { useReactFlow, type FitViewOptions } from "@xyflow/react";
import { type RefObject, useEffect, useRef } from "react";
import { useParts } from "./editor-context";

interface Size {
  width: number;
  height: number;
}

/** How far a graph may stand out of view and still count as whole, in pixels: rounding, and borders. */
const TOLERANCE = 2;

/** For the element that the graph fills. Hidden, it has no size, and React Flow assumes one; so its own size is looked at. */
export function useKeptInView(fit: FitViewOptions): RefObject<HTMLElement | null> {
  const section = useRef<HTMLElement>(null);
  const flow = useReactFlow();
  const { editor } = useParts();
  useEffect(() => {
    const element = section.current;
    if (!element) return undefined;
    let known: Size | undefined;
    let wasHidden = false;
    const isWhole = ({ width, height }: Size) => {
      const { x, y, zoom } = flow.getViewport();
      const bounds = flow.getNodesBounds(flow.getNodes());
      const [left, top] = [bounds.x * zoom + x, bounds.y * zoom + y];
      return left >= -TOLERANCE && top >= -TOLERANCE && left + bounds.width * zoom <= width + TOLERANCE && top + bounds.height * zoom <= height + TOLERANCE;
    };
    // React Flow takes notice of the new size, and of nodes that had none before, in the frames that follow.
    const fitSoon = () => requestAnimationFrame(() => requestAnimationFrame(() => void flow.fitView(fit)));
    const observer = new ResizeObserver(([entry]) => {
      const { width = 0, height = 0 } = entry?.contentRect ?? {};
      if (width === 0 || height === 0) {
        wasHidden ||= known === undefined;
        return;
      }
      const before = known;
      known = { width, height };
      if (before === undefined) {
        if (wasHidden) fitSoon();
        return;
      }
      // Whoever looks at one node keeps looking at it.
      const smaller = width < before.width || height < before.height;
      if (smaller && editor.getState().selection.size === 0 && flow.getNodes().length > 0 && isWhole(before) && !isWhole(known)) fitSoon();
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [flow, editor, fit]);
  return section;
}
