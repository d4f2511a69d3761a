// A tool as a file, as every export of one looks.
import type { CustomTool, ToolForm } from "~/api/workbench";
import { asObject, asText, parseJson } from "~/lib/json";
import { rowsFromJson } from "./schema";

/** The text of a tool's file: nothing that belongs to this server. */
export function toolFile(tool: Pick<CustomTool, "name" | "description" | "color" | "iconSrc" | "schema" | "func">): string {
  const { name, description, color, iconSrc, schema, func } = tool;
  return JSON.stringify({ name, description, color, iconSrc, schema, func }, null, 2);
}

/** The tool in `text`, or what is missing in it. */
export function readToolFile(text: string): ToolForm | "notJson" | "notTool" {
  const value = parseJson(text);
  if (value === undefined) return "notJson";
  const file = asObject(value);
  const name = asText(file?.["name"]);
  const schema = asText(file?.["schema"]) ?? null;
  if (!file || !name || file["nodes"] !== undefined) return "notTool";
  if (schema !== null && schema !== "[]" && rowsFromJson(schema) === null) return "notTool";
  return {
    name,
    description: asText(file["description"]) ?? "",
    color: asText(file["color"]) ?? DEFAULT_COLOR,
    iconSrc: asText(file["iconSrc"]) ?? null,
    schema,
    func: asText(file["func"]) ?? null,
  };
}

/** Every tool has a colour; ours do not show it, other clients do. */
export const DEFAULT_COLOR = "linear-gradient(rgb(79,70,229), rgb(14,116,144))";

/** What is wrong with a tool's name, or null. Models take only such names. */
export function nameProblem(name: string): "missing" | "letters" | "long" | null {
  if (!name.trim()) return "missing";
  if (name.trim().length > 64) return "long";
  return /^[a-z][a-z0-9_]*$/.test(name.trim()) ? null : "letters";
}
