// What the workbench pages read and change: credentials, variables, keys, tools.
import { queryOptions } from "@tanstack/react-query";
import { api } from ".";
import type { ApiKeyRow } from "./types/ApiKeyRow";
import type { Credential } from "./types/Credential";
import type { CustomTool } from "./types/CustomTool";
import type { OpenCredential } from "./types/OpenCredential";
import type { Variable } from "./types/Variable";

export type { ApiKeyRow, Credential, CustomTool, OpenCredential, Variable };

/** What the server sends for a secret; sent back, it leaves the secret as it is. */
export const REDACTED = "_FLOWISE_BLANK_07167752-1a71-43b1-bf8f-4f32252165db";

/** A field of a credential's form. */
export interface CredentialInput {
  label: string;
  name: string;
  type: string;
  default?: unknown;
  optional?: boolean;
  placeholder?: string;
  description?: string;
  rows?: number;
  hidden?: boolean;
  options?: { label: string; name: string; description?: string }[];
}

/** A kind of credential: its form. */
export interface CredentialKind {
  label: string;
  name: string;
  version: number;
  description?: string;
  inputs: CredentialInput[];
  icon?: string;
}

/** Where the server keeps the icon of the kind `name`. */
export function credentialIconUrl(name: string): string {
  return `/api/v1/components-credentials-icon/${encodeURIComponent(name)}`;
}

export function credentialKindsQuery() {
  return queryOptions({
    queryKey: ["credential-kinds"],
    queryFn: ({ signal }) => api.request<CredentialKind[]>("/components-credentials", { signal }),
    staleTime: Infinity,
  });
}

/** Stored credentials, of one kind or all. */
export function credentialsQuery(kind?: string) {
  return queryOptions({
    queryKey: ["credentials", kind ?? "all"],
    queryFn: ({ signal }) => api.request<Credential[]>("/credentials", { query: { credentialName: kind }, signal }),
  });
}

export function credentialQuery(id: string) {
  return queryOptions({
    queryKey: ["credential", id],
    queryFn: ({ signal }) => api.request<OpenCredential>(`/credentials/${encodeURIComponent(id)}`, { signal }),
    staleTime: 0,
    gcTime: 0,
  });
}

export interface CredentialForm {
  name: string;
  credentialName: string;
  plainDataObj: Record<string, unknown>;
}

/** Makes a credential, or changes the one with `id`. */
export function saveCredential(form: CredentialForm, id?: string): Promise<Credential> {
  return id
    ? api.request(`/credentials/${encodeURIComponent(id)}`, { method: "PUT", body: form })
    : api.request("/credentials", { method: "POST", body: form });
}

export function deleteCredential(id: string): Promise<unknown> {
  return api.request(`/credentials/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** Asks the service of an OAuth2 credential for consent: the address to open. */
export async function authorizeCredential(id: string): Promise<string> {
  const answer = await api.request<{ authorizationUrl: string }>(`/oauth2-credential/authorize/${encodeURIComponent(id)}`, { method: "POST", body: {} });
  return answer.authorizationUrl;
}

export function variablesQuery() {
  return queryOptions({
    queryKey: ["variables"],
    queryFn: ({ signal }) => api.request<Variable[]>("/variables", { signal }),
  });
}

export interface VariableForm {
  name: string;
  value: string;
  type: "static" | "runtime";
}

export function saveVariable(form: VariableForm, id?: string): Promise<Variable> {
  return id ? api.request(`/variables/${encodeURIComponent(id)}`, { method: "PUT", body: form }) : api.request("/variables", { method: "POST", body: form });
}

export function deleteVariable(id: string): Promise<unknown> {
  return api.request(`/variables/${encodeURIComponent(id)}`, { method: "DELETE" });
}

export function apiKeysQuery() {
  return queryOptions({
    queryKey: ["api-keys"],
    queryFn: ({ signal }) => api.request<ApiKeyRow[]>("/apikey", { signal }),
  });
}

export interface Permission {
  key: string;
  value: string;
}

/** Permissions that a key may hold, by area. */
export function keyPermissionsQuery() {
  return queryOptions({
    queryKey: ["key-permissions"],
    queryFn: ({ signal }) => api.request<Record<string, Permission[]>>("/auth/permissions/API_KEY", { signal }),
    staleTime: Infinity,
  });
}

export interface KeyForm {
  keyName: string;
  permissions: string[];
}

/** All keys; the new one's `apiKey` is whole in this answer and never again. */
export function createKey(form: KeyForm): Promise<ApiKeyRow[]> {
  return api.request("/apikey", { method: "POST", body: form });
}

export function changeKey(id: string, form: KeyForm): Promise<ApiKeyRow[]> {
  return api.request(`/apikey/${encodeURIComponent(id)}`, { method: "PUT", body: form });
}

export function deleteKey(id: string): Promise<unknown> {
  return api.request(`/apikey/${encodeURIComponent(id)}`, { method: "DELETE" });
}

export function toolsQuery() {
  return queryOptions({
    queryKey: ["tools"],
    queryFn: ({ signal }) => api.request<CustomTool[]>("/tools", { signal }),
  });
}

export function toolQuery(id: string) {
  return queryOptions({
    queryKey: ["tool", id],
    queryFn: ({ signal }) => api.request<CustomTool>(`/tools/${encodeURIComponent(id)}`, { signal }),
  });
}

export type ToolForm = Pick<CustomTool, "name" | "description" | "color" | "iconSrc" | "schema" | "func">;

export function saveTool(form: ToolForm, id?: string): Promise<CustomTool> {
  return id ? api.request(`/tools/${encodeURIComponent(id)}`, { method: "PUT", body: form }) : api.request("/tools", { method: "POST", body: form });
}

export function deleteTool(id: string): Promise<unknown> {
  return api.request(`/tools/${encodeURIComponent(id)}`, { method: "DELETE" });
}

/** Runs `code` with `values` as `$name`; gives what it returned. */
export function runFunction(code: string, values: Record<string, unknown>, signal?: AbortSignal): Promise<unknown> {
  return api.request("/node-custom-function", { method: "POST", body: { javascriptFunction: code, functionInputVariables: values }, signal });
}

export interface ToolTemplate {
  name: string;
  description: string;
  usecases: string[];
  badge: string;
  tool: { iconSrc: string | null; schema: string | null; func: string | null };
}

export function saveToolTemplate(template: ToolTemplate): Promise<unknown> {
  return api.request("/marketplaces/custom", { method: "POST", body: { ...template, usecases: template.usecases, type: "Tool" } });
}

export interface CredentialTest {
  /** False where there is no test for this kind. */
  tested: boolean;
  ok: boolean | null;
  message: string;
  milliseconds: number;
}

/** Tries a stored credential at its service. */
export function testCredential(id: string): Promise<CredentialTest> {
  return api.request(`/credentials/${encodeURIComponent(id)}/test`, { method: "POST", body: {} });
}
