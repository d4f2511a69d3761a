// The sketch of a graph: as a picture on a card, and large with names.
import { type CSSProperties, useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { nodeIconUrl } from "~/api/client";
import { hueColor, lookOf } from "~/design/categories";
import { graphOf } from "~/features/chatflows";
import { cx } from "~/lib/cx";
import { IconTile } from "~/ui/icon-tile";
import { BOX, type Sketch, sketchOf, TILE } from "./sketch";

function useSketch(flowData: string | null, box = BOX): Sketch | null {
  return useMemo(() => {
    const graph = graphOf(flowData);
    return graph && sketchOf(graph.nodes, graph.edges, box);
  }, [flowData, box]);
}

/** Air around the graph in a picture. */
const MARGIN = 40;

/** The picture of a graph, for the eye only. */
export function SketchPicture({ flowData, className }: { flowData: string | null; className?: string }) {
  const sketch = useSketch(flowData);
  if (!sketch || sketch.nodes.length === 0) return <div aria-hidden className={cx("bg-sunken", className)} />;
  const [width, height] = [sketch.width + 2 * MARGIN, sketch.height + 2 * MARGIN];
  // A short graph is not blown up beyond what a middling one looks like.
  const frame = Math.max(width, 900);
  return (
    <div aria-hidden className={cx("overflow-hidden bg-sunken", className)}>
      <svg viewBox={`${-MARGIN - (frame - width) / 2} ${-MARGIN} ${frame} ${height}`} preserveAspectRatio="xMidYMid meet" className="size-full">
        {sketch.wires.map((wire) => (
          <path key={wire.id} d={wire.path} fill="none" strokeWidth="5" className="stroke-line-strong" />
        ))}
        {sketch.nodes.map((node) => (
          <g key={node.id} style={{ color: hueColor(lookOf(node.category, node.name).hue) }}>
            <rect x={node.x} y={node.y} width={BOX.width} height={BOX.height} rx="12" strokeWidth="3" className="fill-surface stroke-line-strong" />
            <rect x={node.x + 11} y={node.y + 11} width="34" height="34" rx="8" fill="currentColor" />
            <rect x={node.x + 58} y={node.y + 17} width={Math.min(124, 24 + node.label.length * 6)} height="8" rx="4" className="fill-muted" opacity=".7" />
            <rect x={node.x + 58} y={node.y + 33} width="60" height="7" rx="3.5" className="fill-line-strong" />
          </g>
        ))}
      </svg>
    </div>
  );
}

/** The graph as wide as its frame, with names where they can be read and as icons where not; what is larger still scrolls. */
export function SketchView({ flowData }: { flowData: string | null }) {
  const { t } = useTranslation("templates");
  const named = useSketch(flowData);
  const tiles = useSketch(flowData, TILE);
  const [frame, room] = useWidth();
  if (!named || !tiles || named.nodes.length === 0) return <p className="p-6 text-base text-muted">{t("noGraph")}</p>;
  const fit = (of: Sketch) => Math.min(LARGEST, (room || of.width) / (of.width + 2 * AIR), TALLEST / (of.height + 2 * AIR));
  const hasNames = fit(named) >= SMALLEST;
  const [sketch, box] = hasNames ? [named, BOX] : [tiles, TILE];
  const scale = hasNames ? fit(named) : Math.max(SMALLEST_ICON, fit(tiles));
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <section ref={frame} tabIndex={0} aria-label={t("graph", { count: sketch.nodes.length })} className="flex min-h-44 overflow-auto lg:min-h-56" style={{ maxHeight: TALLEST }}>
      <div dir="ltr" className="relative m-auto shrink-0" style={{ width: (sketch.width + 2 * AIR) * scale, height: (sketch.height + 2 * AIR) * scale }}>
        <div className="absolute origin-top-left" style={{ left: AIR * scale, top: AIR * scale, transform: `scale(${scale})`, width: sketch.width, height: sketch.height }}>
          <svg aria-hidden width={sketch.width} height={sketch.height} className="absolute inset-0 overflow-visible">
            {sketch.wires.map((wire) => (
              <path key={wire.id} d={wire.path} fill="none" strokeWidth="2" className="stroke-line-strong" />
            ))}
          </svg>
          <ul>
            {sketch.nodes.map((node) => (
              <li
                key={node.id}
                title={hasNames ? undefined : node.label}
                style={{ left: node.x, top: node.y, ...box } as CSSProperties}
                className="absolute flex items-center gap-2.5 rounded-lg border border-line-strong bg-surface px-2.5 shadow-sm"
              >
                <IconTile look={lookOf(node.category, node.name)} icon={nodeIconUrl(node.name)} />
                <span className={hasNames ? "min-w-0" : "sr-only"}>
                  <span className="block truncate text-sm font-medium text-ink">{node.label}</span>
                  <span className="block truncate text-xs text-muted">{node.category ?? node.name}</span>
                </span>
              </li>
            ))}
          </ul>
        </div>
      </div>
    </section>
  );
}

/** Air around the graph. */
const AIR = 28;
/** Names drawn smaller than this cannot be read. */
const SMALLEST = 0.6;
/** Icons may be drawn smaller. */
const SMALLEST_ICON = 0.4;
/** A short graph grows to this and no further. */
const LARGEST = 1.25;
/** No frame is higher, in pixels. */
const TALLEST = 480;

/** How wide the element is, in pixels; follows its size. */
function useWidth() {
  const [width, setWidth] = useState(0);
  const frame = useCallback((element: HTMLElement | null) => {
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [frame, width] as const;
}
