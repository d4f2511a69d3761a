// A graph drawn small: its nodes in columns and rows by where they stand, close together. Pure: no React, no DOM.
import { asObject, asText, type JsonObject } from "~/lib/json";

export interface SketchNode {
  id: string;
  name: string;
  label: string;
  category: string | undefined;
  x: number;
  y: number;
}

export interface Sketch {
  nodes: SketchNode[];
  /** Curves from a node's end to the next one's start. */
  wires: { id: string; path: string }[];
  width: number;
  height: number;
}

/** The size of a node, in the units of the sketch. */
export const BOX = { width: 200, height: 56 };
/** A node that shows its icon alone. */
export const TILE = { width: 56, height: 56 };
const GAP = { x: 72, y: 20 };
/** Nodes whose saved places differ by less than this stand in one column. */
const SAME_COLUMN = 140;

export function sketchOf(nodes: readonly JsonObject[], edges: readonly JsonObject[], box = BOX): Sketch {
  const spots = spotsOf(nodes);
  // Between icons less room is enough.
  const step = box.width + Math.min(GAP.x, box.width);
  const columns: (typeof spots)[] = [];
  let begin = Number.NEGATIVE_INFINITY;
  for (const spot of spots.toSorted((a, b) => a.x - b.x)) {
    if (spot.x - begin > SAME_COLUMN) {
      columns.push([]);
      begin = spot.x;
    }
    columns.at(-1)?.push(spot);
  }
  const tallest = Math.max(1, ...columns.map((column) => column.length));
  const height = tallest * (box.height + GAP.y) - GAP.y;
  const placed = columns.flatMap((column, index) => {
    const top = (height - (column.length * (box.height + GAP.y) - GAP.y)) / 2;
    return column.toSorted((a, b) => a.y - b.y).map((spot, row) => ({ ...spot, x: index * step, y: top + row * (box.height + GAP.y) }));
  });
  const byId = new Map(placed.map((node) => [node.id, node]));
  const wires = edges.flatMap((edge, index) => {
    const [from, to] = [byId.get(String(edge["source"])), byId.get(String(edge["target"]))];
    return from && to ? [{ id: `${index}`, path: curve(from, to, box) }] : [];
  });
  return { nodes: placed, wires, width: Math.max(box.width, (columns.length - 1) * step + box.width), height: Math.max(box.height, height) };
}

/** Where the nodes were saved; those in a frame are placed from its corner. Notes are left out. */
function spotsOf(nodes: readonly JsonObject[]): SketchNode[] {
  const corners = new Map(nodes.map((node) => [String(node["id"]), node]));
  return nodes.flatMap((node) => {
    const data = asObject(node["data"]);
    const name = asText(data?.["name"]);
    const id = asText(node["id"]);
    if (!data || !name || !id || name.startsWith("stickyNote")) return [];
    const parent = corners.get(asText(node["parentNode"]) ?? asText(node["parentId"]) ?? "");
    const [own, base] = [pointOf(node), parent ? pointOf(parent) : { x: 0, y: 0 }];
    return [{ id, name, label: asText(data["label"]) ?? name, category: asText(data["category"]), x: own.x + base.x, y: own.y + base.y }];
  });
}

function pointOf(node: JsonObject): { x: number; y: number } {
  const point = asObject(node["position"]);
  const [x, y] = [Number(point?.["x"]), Number(point?.["y"])];
  return { x: Number.isFinite(x) ? x : 0, y: Number.isFinite(y) ? y : 0 };
}

function curve(from: SketchNode, to: SketchNode, box: typeof BOX): string {
  const [startX, startY] = [from.x + box.width, from.y + box.height / 2];
  const [endX, endY] = [to.x, to.y + box.height / 2];
  const bend = Math.max(28, Math.abs(endX - startX) / 2);
  return `M${startX} ${startY}C${startX + bend} ${startY} ${endX - bend} ${endY} ${endX} ${endY}`;
}
