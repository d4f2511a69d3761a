// Which wires are legal, why others are not, and what would fit.
import type { CatalogNode } from "~/api/types";
import { asArray, asText } from "~/lib/json";
import type { FlowEdge, FlowGraph, FlowNode } from "./flow-data";
import { indexOf, reachable } from "./graph-index";
import { isAgentStep, isField } from "./make-node";
import { inputPortsOf, kindOf, labelOf, outputPortsOf, paramsOf, parentOf, type Port, portFromHandle } from "./node-data";

export interface Wire {
  source: string;
  sourceHandle: string;
  target: string;
  targetHandle: string;
}

/** Why a wire is refused; `gives` and `needs` are class names, `at` is what the socket is called. */
export type Refusal =
  | { code: "self" }
  | { code: "same" }
  | { code: "missing" }
  | { code: "cycle" }
  | { code: "loop" }
  | { code: "intoStart" }
  | { code: "fromEnd" }
  | { code: "acrossFrame" }
  | { code: "type"; gives: string; needs: string; at: string };

/** `replaces` is the wire that has to go, where the socket takes only one. */
export type WireCheck = { ok: true; replaces: FlowEdge | undefined } | { ok: false; refusal: Refusal };

export function isStep(node: FlowNode): boolean {
  return node.type === "agentFlow" || node.type === "iteration";
}

/** Fields that take a value from a wire as well as by hand. */
export function variablePortsOf(node: FlowNode): Port[] {
  if (isStep(node) || kindOf(node) !== "node") return [];
  return paramsOf(node)
    .filter((param) => param.definition["acceptVariable"] === true && param.definition["additionalParams"] !== true)
    .map((param) => ({ id: asText(param.definition["id"]) ?? `${node.id}-input-${param.name}-${param.type}`, name: param.name, label: param.label, types: [param.type], list: true, optional: true }));
}

export function findInput(node: FlowNode, handle: string): Port {
  return [...inputPortsOf(node), ...variablePortsOf(node)].find((port) => port.id === handle) ?? portFromHandle(node, handle, "input");
}

export function findOutput(node: FlowNode, handle: string): Port {
  return outputPortsOf(node).find((port) => port.id === handle) ?? portFromHandle(node, handle, "output");
}

export function checkWire(graph: FlowGraph, wire: Wire): WireCheck {
  const { nodes, incoming } = indexOf(graph);
  const source = nodes.get(wire.source);
  const target = nodes.get(wire.target);
  if (!source || !target) return refused({ code: "missing" });
  if (source === target) return refused({ code: "self" });
  const present = incoming.get(wire.target) ?? [];
  const isTwin = (edge: FlowEdge) => edge.source === wire.source && edge.sourceHandle === wire.sourceHandle && edge.targetHandle === wire.targetHandle;
  if (present.some(isTwin)) return refused({ code: "same" });
  return isStep(source) || isStep(target) ? checkStep(graph, source, target) : checkTyped(graph, source, target, wire, present);
}

function refused(refusal: Refusal): WireCheck {
  return { ok: false, refusal };
}

function checkStep(graph: FlowGraph, source: FlowNode, target: FlowNode): WireCheck {
  if (!isStep(source) || !isStep(target)) return refused({ code: "missing" });
  if (target.data["hideInput"] === true) return refused({ code: "intoStart" });
  if (source.data["hideOutput"] === true) return refused({ code: "fromEnd" });
  if (parentOf(source) !== parentOf(target)) return refused({ code: "acrossFrame" });
  if (reachable(graph, target.id).has(source.id)) return refused({ code: "loop" });
  return { ok: true, replaces: undefined };
}

function checkTyped(graph: FlowGraph, source: FlowNode, target: FlowNode, wire: Wire, present: readonly FlowEdge[]): WireCheck {
  const output = findOutput(source, wire.sourceHandle);
  const input = findInput(target, wire.targetHandle);
  if (!fits(output.types, input.types)) return refused({ code: "type", gives: output.label || (output.types[0] ?? "?"), needs: input.types.join(" / ") || input.label, at: input.label });
  if (reachable(graph, target.id).has(source.id)) return refused({ code: "cycle" });
  return { ok: true, replaces: input.list ? undefined : present.find((edge) => edge.targetHandle === wire.targetHandle) };
}

function fits(given: readonly string[], wanted: readonly string[]): boolean {
  return wanted.some((type) => given.includes(type));
}

export interface Candidate {
  wire: Wire;
  node: FlowNode;
  port: Port;
  /** The socket is taken already, and this wire would replace the one there. */
  replaces: boolean;
}

/** Every legal other end for a wire from (`source`) or to (`target`) the port `handle` of `node`, nearest first. */
export function candidates(graph: FlowGraph, node: FlowNode, handle: string, side: "source" | "target"): Candidate[] {
  const from = node.position ?? { x: 0, y: 0 };
  const distance = (other: FlowNode) => Math.hypot((other.position?.x ?? 0) - from.x, (other.position?.y ?? 0) - from.y);
  return graph.nodes
    .filter((other) => other.id !== node.id && kindOf(other) !== "note" && kindOf(other) !== "group")
    .flatMap((other) => {
      const ports = side === "source" ? [...inputPortsOf(other), ...variablePortsOf(other)] : outputPortsOf(other);
      return ports.flatMap((port) => {
        const wire =
          side === "source"
            ? { source: node.id, sourceHandle: handle, target: other.id, targetHandle: port.id }
            : { source: other.id, sourceHandle: port.id, target: node.id, targetHandle: handle };
        const check = checkWire(graph, wire);
        return check.ok ? [{ wire, node: other, port, replaces: check.replaces !== undefined }] : [];
      });
    })
    .toSorted((a, b) => Number(a.replaces) - Number(b.replaces) || distance(a.node) - distance(b.node));
}

/** What hangs on a wire that was dropped where nothing is. */
export interface LooseEnd {
  nodeId: string;
  handle: string;
  /** The end that is fixed. */
  side: "source" | "target";
}

/** Whether a new `entry` could be joined to `end`. */
export function couldJoin(entry: CatalogNode, graph: FlowGraph, end: LooseEnd): boolean {
  const node = indexOf(graph).nodes.get(end.nodeId);
  if (!node) return false;
  if (isStep(node)) return isAgentStep(entry) && (end.side === "source" ? entry.hideInput !== true : entry.hideOutput !== true) && !entry.name.startsWith("stickyNote");
  if (end.side === "source") return takes(entry, findOutput(node, end.handle).types);
  return gives(entry, findInput(node, end.handle).types);
}

/** The port of the new `node` that a wire from `end` leads to. */
export function joinTo(graph: FlowGraph, node: FlowNode, end: LooseEnd): Wire | undefined {
  const ports = end.side === "source" ? [...inputPortsOf(node), ...variablePortsOf(node)] : outputPortsOf(node);
  const wires = ports.map((port) =>
    end.side === "source"
      ? { source: end.nodeId, sourceHandle: end.handle, target: node.id, targetHandle: port.id }
      : { source: node.id, sourceHandle: port.id, target: end.nodeId, targetHandle: end.handle },
  );
  return wires.find((wire) => checkWire(graph, wire).ok);
}

/** The output of `node` that must be chosen first so that it joins `end`, where it offers several. */
export function outputFor(entry: CatalogNode, graph: FlowGraph, end: LooseEnd): string | undefined {
  const holder = indexOf(graph).nodes.get(end.nodeId);
  if (!holder || end.side !== "target") return undefined;
  const wanted = findInput(holder, end.handle).types;
  const output = (entry.outputs ?? []).find((candidate) => fits(classesOf(candidate["baseClasses"]), wanted));
  return output && asText(output["name"]);
}

/** Nodes that take what `gives` has and give what `needs` wants: they go between two ports that do not fit. */
export function converters(catalog: readonly CatalogNode[], given: readonly string[], needed: readonly string[]): CatalogNode[] {
  return catalog.filter((entry) => entry.badge !== "DEPRECATING" && takes(entry, given) && gives(entry, needed)).slice(0, 5);
}

function takes(entry: CatalogNode, types: readonly string[]): boolean {
  return (entry.inputs ?? []).some((input) => {
    const type = String(input["type"]);
    if (isField(type)) return input["acceptVariable"] === true && input["additionalParams"] !== true && types.includes(type);
    return fits(types, type.split("|").map((one) => one.trim()));
  });
}

function gives(entry: CatalogNode, types: readonly string[]): boolean {
  const outputs = entry.outputs ?? [];
  if (outputs.length > 0) return outputs.some((output) => fits(classesOf(output["baseClasses"]), types));
  return fits(entry.baseClasses ?? [], types);
}

function classesOf(value: unknown): string[] {
  return asArray(value).filter((entry) => typeof entry === "string");
}

/** The name of a port for a person: "Chat model of Agent". */
export function endText(node: FlowNode, port: Port): { node: string; port: string } {
  return { node: labelOf(node), port: port.label };
}
