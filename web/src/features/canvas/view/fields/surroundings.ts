// What fields ask of what is around them: the other nodes, and the catalog. The canvas answers with its editor, a page without one with nothing.
import { createContext, useContext } from "react";
import { useStore } from "zustand";
import { createStore, type StoreApi } from "zustand/vanilla";
import type { CatalogNode } from "~/api/types";
import type { FlowGraph } from "../../model/flow-data";
import { EditorContext } from "../editor-context";

interface Surroundings {
  editor: Pick<StoreApi<{ graph: FlowGraph }>, "getState" | "getInitialState" | "subscribe">;
  catalog: readonly CatalogNode[] | undefined;
}

/** For forms outside of a canvas: the catalog, if it is here already. */
export const LoneFormContext = createContext<{ catalog: readonly CatalogNode[] | undefined } | null>(null);

const ALONE = createStore<{ graph: FlowGraph }>(() => ({ graph: { nodes: [], edges: [], unread: [], extra: {} } }));

export function useSurroundings(): Surroundings {
  const lone = useContext(LoneFormContext);
  const parts = useContext(EditorContext);
  if (lone) return { editor: ALONE, catalog: lone.catalog };
  if (!parts) throw new Error("This form stands neither in an editor nor alone.");
  return parts;
}

/** Something of the graph around. */
export function useGraphAround<T>(select: (graph: FlowGraph) => T): T {
  return useStore(useSurroundings().editor, (state) => select(state.graph));
}
