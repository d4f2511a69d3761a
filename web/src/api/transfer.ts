// A workspace as a file: written, planned, read.
import { api } from ".";
import type { Imported } from "./types/Imported";
import type { ImportPlan } from "./types/ImportPlan";

/** The words that ask for the parts of a workspace. */
export const EXPORT_PARTS = [
  "chatflow",
  "agentflowv2",
  "agentflow",
  "assistantCustom",
  "assistantOpenAI",
  "assistantAzure",
  "tool",
  "variable",
  "custom_template",
  "document_store",
  "execution",
  "chat_message",
  "chat_feedback",
] as const;
export type ExportPart = (typeof EXPORT_PARTS)[number];

export type WorkspaceFile = Record<string, unknown>;

export function exportWorkspace(parts: readonly ExportPart[]): Promise<WorkspaceFile> {
  return api.request("/export-import/export", { method: "POST", body: Object.fromEntries(parts.map((part) => [part, true])) });
}

/** What a file would meet here; nothing is written. */
export function planImport(file: WorkspaceFile): Promise<ImportPlan> {
  return api.request("/export-import/plan", { method: "POST", body: file });
}

/** Reads a file in: all of it, or nothing. */
export function importWorkspace(file: WorkspaceFile, conflictResolutions: readonly unknown[]): Promise<Imported> {
  return api.request("/export-import/import", { method: "POST", body: { ...file, conflictResolutions } });
}
