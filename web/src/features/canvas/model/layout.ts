// Places nodes that were saved without places: in layers from left to right along the wires.
import type { Point } from "./flow-data";

export interface Box {
  id: string;
  width: number;
  height: number;
}

const COLUMN_GAP = 96;
const ROW_GAP = 40;

/** A place for every box: sources left of targets, boxes of a layer below each other, layers centred. */
export function layered(boxes: readonly Box[], wires: readonly { source: string; target: string }[]): Map<string, Point> {
  const layers = layersOf(boxes, wires);
  const places = new Map<string, Point>();
  let x = 0;
  for (const layer of layers) {
    const height = layer.reduce((sum, box) => sum + box.height + ROW_GAP, -ROW_GAP);
    let y = -height / 2;
    for (const box of layer) {
      places.set(box.id, { x, y: Math.round(y) });
      y += box.height + ROW_GAP;
    }
    x += Math.max(...layer.map((box) => box.width)) + COLUMN_GAP;
  }
  return places;
}

/** The boxes by their longest way to an end, so that a node stands just left of what it feeds. */
function layersOf(boxes: readonly Box[], wires: readonly { source: string; target: string }[]): Box[][] {
  const targets = new Map<string, string[]>();
  for (const wire of wires) targets.set(wire.source, [...(targets.get(wire.source) ?? []), wire.target]);
  const known = new Set(boxes.map((box) => box.id));
  const distances = new Map<string, number>();
  const onPath = new Set<string>();
  const distance = (id: string): number => {
    const found = distances.get(id);
    if (found !== undefined) return found;
    // A cycle is cut where it closes.
    if (onPath.has(id)) return 0;
    onPath.add(id);
    const next = (targets.get(id) ?? []).filter((target) => known.has(target) && target !== id);
    const own = next.length === 0 ? 0 : 1 + Math.max(...next.map(distance));
    onPath.delete(id);
    distances.set(id, own);
    return own;
  };
  const last = Math.max(0, ...boxes.map((box) => distance(box.id)));
  const layers: Box[][] = Array.from({ length: last + 1 }, () => []);
  for (const box of boxes) layers[last - distance(box.id)]?.push(box);
  return layers;
}
