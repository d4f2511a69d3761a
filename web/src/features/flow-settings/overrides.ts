// What callers may set: rows of nodes by the node's label, and variables. Switches of what is gone go too.
import type { ConfigRow } from "~/api/types/ConfigRow";
import type { Variable } from "~/api/types/Variable";
import { asArray, asObject, type JsonObject } from "~/lib/json";

export interface NodeRow {
  label: string;
  name: string;
  type: string;
  enabled: boolean;
}

export interface VariableRow {
  id: string;
  name: string;
  type: string;
  enabled: boolean;
}

export interface Overrides {
  status: boolean;
  nodes: Record<string, NodeRow[]>;
  variables: VariableRow[];
}

/** The stored switches laid over what the flow has now. */
export function readOverrides(api: JsonObject, rows: readonly ConfigRow[], variables: readonly Variable[]): Overrides {
  const stored = asObject(api["overrideConfig"]);
  const storedNodes = asObject(stored?.["nodes"]);
  const nodes: Record<string, NodeRow[]> = {};
  for (const { node, label, name, type } of rows) {
    const own = (nodes[node] ??= []);
    if (own.some((row) => row.name === name)) continue;
    const before = asArray(storedNodes?.[node]).map(asObject).find((row) => row?.["name"] === name);
    own.push({ label, name, type, enabled: before?.["enabled"] === true });
  }
  const storedVariables = asArray(stored?.["variables"]).map(asObject);
  return {
    status: stored?.["status"] === true,
    nodes,
    variables: variables.map(({ id, name, type }) => ({ id, name, type, enabled: storedVariables.find((row) => row?.["id"] === id)?.["enabled"] === true })),
  };
}

/** As it is stored: switched off, only that; the lists stay for when it is switched on again. */
export function withOverrides(api: JsonObject, overrides: Overrides): JsonObject {
  return { ...api, overrideConfig: { ...asObject(api["overrideConfig"]), status: overrides.status, nodes: overrides.nodes, variables: overrides.variables } };
}

/** How many switches are on. */
export function countEnabled(overrides: Overrides): number {
  return [...Object.values(overrides.nodes).flat(), ...overrides.variables].filter((row) => row.enabled).length;
}
