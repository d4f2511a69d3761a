// A port on a card. React Flow's own handle listens to the whole store, each of them: in a flow of 300 nodes that is a
// thousand listeners called at every move of the pointer. This one listens to nothing and starts a wire the same way.
import { Position, useConnection, useStoreApi } from "@xyflow/react";
import { isMouseEvent, XYHandle } from "@xyflow/system";
import { type CSSProperties, type MouseEvent, type TouchEvent, useEffect } from "react";
import { hueColor } from "~/design/categories";
import { cx } from "~/lib/cx";
import { checkWire } from "../model/connect";
import type { PortView } from "../model/view-graph";
import { useParts } from "./editor-context";

/** Everything that React Flow looks for at a socket from which and to which wires may lead. */
const HANDLE = "react-flow__handle nodrag nopan connectable connectablestart connectableend connectionindicator";

export function PortHandle({ nodeId, port, type, className, step = false }: { nodeId: string; port: PortView; type: "source" | "target"; className?: string; step?: boolean }) {
  const flow = useStoreApi();
  const { editor, panels } = useParts();
  const isTarget = type === "target";
  const start = (event: MouseEvent<HTMLElement> | TouchEvent<HTMLElement>) => {
    if (editor.getState().readOnly || (isMouseEvent(event.nativeEvent) && event.nativeEvent.button !== 0)) return;
    const { autoPanOnConnect, autoPanSpeed, connectionMode, connectionRadius, connectionDragThreshold, domNode, nodeLookup, lib, rfId, panBy, cancelConnection, onConnectStart, updateConnection } = flow.getState();
    XYHandle.onPointerDown(event.nativeEvent, {
      handleDomNode: event.currentTarget,
      handleId: port.id,
      nodeId,
      isTarget,
      autoPanOnConnect,
      ...(autoPanSpeed === undefined ? {} : { autoPanSpeed }),
      connectionMode,
      connectionRadius,
      dragThreshold: connectionDragThreshold,
      domNode,
      nodeLookup,
      lib,
      flowId: rfId,
      panBy,
      cancelConnection,
      onConnectStart,
      updateConnection,
      onConnect: (connection) => flow.getState().onConnect?.(connection),
      onConnectEnd: (...end) => flow.getState().onConnectEnd?.(...end),
      isValidConnection: (connection) => flow.getState().isValidConnection?.(connection) ?? true,
      getTransform: () => flow.getState().transform,
      getFromHandle: () => flow.getState().connection.fromHandle,
    });
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions, jsx-a11y/click-events-have-key-events -- for the pointer; by keyboard wires are laid in the dialog that C opens
    <div
      data-id={`${flow.getState().rfId}-${nodeId}-${port.id}-${type}`}
      data-handleid={port.id}
      data-nodeid={nodeId}
      data-handlepos={isTarget ? Position.Left : Position.Right}
      title={port.types.join(" | ") || undefined}
      data-list={port.list && !step}
      data-step={step}
      data-connected={port.connected}
      data-wanting={isTarget && !port.optional && !port.connected}
      style={{ "--port": step ? "var(--control)" : hueColor(port.hue) } as CSSProperties}
      className={cx(HANDLE, "port", type, isTarget ? "react-flow__handle-left" : "react-flow__handle-right", className)}
      onMouseDown={start}
      onTouchStart={start}
      // Where dragging is hard, a press tells where the wire may lead.
      onClick={() => !editor.getState().readOnly && panels.setState({ dialog: { name: "connect", nodeId, end: { nodeId, handle: port.id, side: type } } })}
    />
  );
}

/** While a wire is dragged: marks the sockets where it may end and those where it may not. One listener for all of them. */
export function FitMarks() {
  const { editor } = useParts();
  const flow = useStoreApi();
  const from = useConnection((state) => (state.inProgress ? state.fromHandle : null));
  useEffect(() => {
    const { domNode } = flow.getState();
    const end = from?.id;
    if (!domNode || !from || !end) return undefined;
    const { graph } = editor.getState();
    const marked = [...domNode.querySelectorAll<HTMLElement>(`.port.${from.type === "source" ? "target" : "source"}`)];
    for (const { dataset } of marked) {
      const [nodeId = "", handle = ""] = [dataset["nodeid"], dataset["handleid"]];
      const wire = from.type === "source" ? { source: from.nodeId, sourceHandle: end, target: nodeId, targetHandle: handle } : { source: nodeId, sourceHandle: handle, target: from.nodeId, targetHandle: end };
      dataset["fit"] = checkWire(graph, wire).ok ? "yes" : "no";
    }
    return () => {
      for (const { dataset } of marked) delete dataset["fit"];
    };
  }, [from, editor, flow]);
  return null;
}
