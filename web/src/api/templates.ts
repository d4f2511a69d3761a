// Templates: ours, and those saved in the workspace, in one shape.
import { queryOptions } from "@tanstack/react-query";
import { api } from ".";
import { createFlow } from "./flows";
import type { FlowType } from "./types";
import type { CustomTemplate } from "./types/CustomTemplate";
import type { Template as OwnTemplate } from "./types/Template";

export type TemplateKind = "Chatflow" | "AgentflowV2" | "Agentflow" | "Tool";

export interface Template {
  id: string;
  /** Saved in this workspace, not one of ours. */
  custom: boolean;
  name: string;
  description: string;
  kind: TemplateKind;
  badges: string[];
  frameworks: string[];
  usecases: string[];
  /** The groups of the palette that its nodes are of. */
  categories: string[];
  /** The graph; a tool has none. */
  flowData: string | null;
  /** What makes up a tool. */
  tool: { iconSrc?: unknown; schema?: unknown; func?: unknown } | null;
  updatedDate: string | null;
}

export function templatesQuery() {
  return queryOptions({
    queryKey: ["templates", "ours"],
    queryFn: async ({ signal }) => (await api.request<OwnTemplate[]>("/marketplaces/templates", { signal })).map(ofOurs),
    staleTime: Infinity,
  });
}

export function customTemplatesQuery() {
  return queryOptions({
    queryKey: ["templates", "custom"],
    queryFn: async ({ signal }) => (await api.request<CustomTemplate[]>("/marketplaces/custom", { signal })).map(ofWorkspace),
  });
}

function ofOurs(row: OwnTemplate): Template {
  return {
    id: row.id,
    custom: false,
    name: row.templateName,
    description: row.description ?? "",
    kind: kindOf(row.type),
    badges: words(row.badge),
    frameworks: row.framework ?? [],
    usecases: row.usecases ?? [],
    categories: row.categories ?? [],
    flowData: row.flowData,
    tool: null,
    updatedDate: null,
  };
}

function ofWorkspace(row: CustomTemplate): Template {
  const isTool = row.type === "Tool";
  return {
    id: row.id,
    custom: true,
    name: row.name,
    description: row.description ?? "",
    kind: kindOf(row.type),
    badges: words(row.badge),
    frameworks: words(row.framework),
    usecases: Array.isArray(row.usecases) ? row.usecases : words(row.usecases),
    categories: row.categories ?? [],
    flowData: isTool ? null : (row.flowData ?? null),
    tool: isTool ? { iconSrc: row.iconSrc, schema: row.schema, func: row.func } : null,
    updatedDate: row.updatedDate,
  };
}

function kindOf(type: string | null): TemplateKind {
  return type === "AgentflowV2" || type === "Agentflow" || type === "Tool" ? type : "Chatflow";
}

function words(text: string | null | undefined): string[] {
  return (text ?? "")
    .split(";")
    .map((word) => word.trim())
    .filter(Boolean);
}

export interface NewTemplate {
  name: string;
  description: string;
  badge: string;
  usecases: readonly string[];
  chatflowId: string;
}

export function saveTemplate(template: NewTemplate): Promise<unknown> {
  return api.request("/marketplaces/custom", { method: "POST", body: template });
}

export function deleteTemplate(id: string): Promise<unknown> {
  return api.request(`/marketplaces/custom/${encodeURIComponent(id)}`, { method: "DELETE" });
}

const FLOW_TYPES: Record<Exclude<TemplateKind, "Tool">, FlowType> = { Chatflow: "CHATFLOW", AgentflowV2: "AGENTFLOW", Agentflow: "MULTIAGENT" };

/** Makes of a template what it is one of: a flow, whose id and type come back, or a tool. */
export async function applyTemplate(template: Template): Promise<{ id: string; type: FlowType } | null> {
  if (template.kind === "Tool") {
    const tool = { name: template.name, description: template.description, color: "#92400e", ...template.tool };
    await api.request("/tools", { method: "POST", body: tool });
    return null;
  }
  const type = FLOW_TYPES[template.kind];
  const { id } = await createFlow({ name: template.name, flowData: template.flowData ?? "{}", type });
  return { id, type };
}
