// The variables a node may use, with the stored ones of the workspace.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { may, useSession } from "~/api/session";
import { variablesQuery } from "~/api/workbench";
import type { FlowGraph } from "../../model/flow-data";
import { type Variable, variablesFor } from "../../model/variables";
import { useGraphAround } from "./surroundings";

const whole = (graph: FlowGraph) => graph;

export function useVariables(nodeId: string): Variable[] {
  const user = useSession((state) => state.user);
  const stored = useQuery({ ...variablesQuery(), enabled: may(user, "variables:view") });
  const graph = useGraphAround(whole);
  return useMemo(() => variablesFor(graph, nodeId, (stored.data ?? []).map((variable) => variable.name)), [graph, nodeId, stored.data]);
}
