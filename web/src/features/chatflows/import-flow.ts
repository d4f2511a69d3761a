// Taking in a flow exported as a JSON file.
import { api } from "~/api";
import type { Chatflow } from "~/api/types";
import { asArray, asObject, asText, parseJson } from "~/lib/json";

const LARGEST_FILE = 20 * 1024 * 1024;

/** Why a file is no flow; `reason` names the text that says so. */
export class ImportError extends Error {
  override readonly name = "ImportError";
  readonly reason: "notJson" | "notFlow" | "tooBig";

  constructor(reason: ImportError["reason"]) {
    super(reason);
    this.reason = reason;
  }
}

export interface NewFlow {
  name: string;
  flowData: string;
  type: "CHATFLOW";
}

/** The flow that the export `text` holds, named in it or after its file. Everything in it is kept. */
export function flowOfExport(text: string, fileName: string): NewFlow {
  const value = parseJson(text);
  if (value === undefined) throw new ImportError("notJson");
  const outer = asObject(value);
  // Some exports hold the whole record, with the graph as text inside.
  const inner = typeof outer?.["flowData"] === "string" ? asObject(parseJson(outer["flowData"])) : outer;
  if (!inner || !Array.isArray(inner["nodes"])) throw new ImportError("notFlow");
  const graph = { ...inner, edges: asArray(inner["edges"]) };
  return { name: asText(outer?.["name"]) ?? nameOfFile(fileName), flowData: JSON.stringify(graph), type: "CHATFLOW" };
}

export async function importFlow(file: File): Promise<Chatflow> {
  if (file.size > LARGEST_FILE) throw new ImportError("tooBig");
  return api.request<Chatflow>("/chatflows", { method: "POST", body: flowOfExport(await file.text(), file.name) });
}

/** "Support%20Bot Chatflow (2).json" becomes "Support Bot". */
function nameOfFile(fileName: string): string {
  const bare = fileName.replace(/\.json$/i, "").replace(/\s*\(\d+\)$/, "").replace(/[\s_-]*chatflow$/i, "").replace(/%20/g, " ").trim();
  return bare || "Imported flow";
}
