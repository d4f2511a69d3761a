// What every part of the open editor shares: the flow, its log, the catalog, and the panels that are open.
import { createContext, useContext, useMemo, useState } from "react";
import { useStore } from "zustand";
import type { StoreApi } from "zustand/vanilla";
import type { CatalogNode } from "~/api/types";
import type { JsonObject } from "~/lib/json";
import type { LooseEnd } from "../model/connect";
import type { Point } from "../model/flow-data";
import type { Saver } from "../model/saver";
import type { Editor, EditorState } from "../model/store";
import { flowProblems, type Problem } from "../model/validate";
import { emptyCache, type ViewGraph, viewOf } from "../model/view-graph";

/** `old` flows are Flowise's first agents: shown, not edited. */
export type FlowKind = "chat" | "agent" | "old";

/** What the picker adds a node for. */
export interface PickerFor {
  /** Where the node goes, in the flow's coordinates; undefined: where there is room in view. */
  at?: Point | undefined;
  /** A wire that hangs loose and wants a node. */
  end?: LooseEnd | undefined;
  /** A wire into which the node goes. */
  wire?: string | undefined;
}

export type LeftPanel = "nodes" | "outline" | "versions";
export type OpenDialog = { name: "shortcuts" } | { name: "picker"; for: PickerFor } | { name: "connect"; end?: LooseEnd | undefined; nodeId: string } | { name: "publish" } | { name: "upsert" } | { name: "generate" } | { name: "template" } | { name: "rename" } | { name: "rerun"; nodeId: string; visit?: number | undefined } | { name: "pin"; nodeId: string; output?: JsonObject | undefined };

export interface PanelState {
  left: LeftPanel | undefined;
  inspector: boolean;
  dialog: OpenDialog | undefined;
  finding: boolean;
  snap: boolean;
  /** Dragging on empty canvas selects instead of moving the view. */
  marquee: boolean;
  /** The field to focus once the inspector shows it. */
  focusField: { nodeId: string; name: string } | undefined;
  /** Problems that the server found at its last look. */
  server: Problem[];
}

export interface EditorParts {
  editor: Editor;
  saver: Saver;
  panels: StoreApi<PanelState>;
  kind: FlowKind;
  flowId: string | undefined;
  flowName: string;
  catalog: readonly CatalogNode[] | undefined;
  /** The server keeps drafts and versions. */
  drafts: boolean;
}

export const EditorContext = createContext<EditorParts | null>(null);

export function useParts(): EditorParts {
  const parts = useContext(EditorContext);
  if (!parts) throw new Error("This stands outside of an editor.");
  return parts;
}

export function useEditor<T>(select: (state: EditorState) => T): T {
  return useStore(useParts().editor, select);
}

export function usePanels<T>(select: (state: PanelState) => T): T {
  return useStore(useParts().panels, select);
}

/** The graph as drawn; what did not change keeps its identity. */
export function useViewGraph(): ViewGraph {
  const { catalog, kind } = useParts();
  const graph = useEditor((state) => state.graph);
  const server = usePanels((state) => state.server);
  const [cache] = useState(emptyCache);
  return useMemo(() => {
    const view = viewOf(graph, catalog, cache);
    const present = new Set(view.nodes.map((node) => node.id));
    const told = server.filter((problem) => problem.nodeId === undefined || present.has(problem.nodeId));
    return { ...view, problems: [...view.problems, ...flowProblems(graph, view.nodes, kind === "agent"), ...told] };
  }, [graph, catalog, kind, server, cache]);
}

export const GraphContext = createContext<ViewGraph>({ nodes: [], edges: [], problems: [] });

/** The drawn graph of the editor around. */
export function useGraph(): ViewGraph {
  return useContext(GraphContext);
}
