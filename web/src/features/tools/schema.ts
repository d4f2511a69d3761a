// What a tool is called with: rows of a grid, stored as the text of a JSON list.
import { asArray, asObject, asText, parseJson } from "~/lib/json";

export const SCHEMA_TYPES = ["string", "number", "boolean", "date"] as const;
export type SchemaType = (typeof SCHEMA_TYPES)[number];

export interface SchemaRow {
  id: number;
  property: string;
  type: SchemaType;
  description: string;
  required: boolean;
}

function typeOf(value: unknown): SchemaType {
  if (value === "integer") return "number";
  return SCHEMA_TYPES.find((type) => type === value) ?? "string";
}

/** The rows in `text`, as tools store them; nothing where it cannot be read. */
export function parseSchema(text: string | null): SchemaRow[] {
  return asArray(parseJson(text ?? "")).flatMap((entry, index) => {
    const row = asObject(entry);
    if (!row) return [];
    return [{ id: index, property: asText(row["property"]) ?? "", type: typeOf(row["type"]), description: asText(row["description"]) ?? "", required: row["required"] === true || row["required"] === "true" }];
  });
}

/** What is stored; rows without a name are left out. */
export function schemaText(rows: readonly SchemaRow[]): string {
  return JSON.stringify(
    rows
      .filter((row) => row.property.trim())
      .map((row, id) => ({ id, property: row.property.trim(), description: row.description.trim(), type: row.type, required: row.required })),
  );
}

/** A row with the next free id. */
export function newRow(rows: readonly SchemaRow[]): SchemaRow {
  return { id: Math.max(-1, ...rows.map((row) => row.id)) + 1, property: "", type: "string", description: "", required: true };
}

/**
 * Rows out of what somebody pasted: a tool's stored list, a JSON schema, or an example of the arguments.
 * Null where it is none of them.
 */
export function rowsFromJson(text: string): SchemaRow[] | null {
  const value = parseJson(text);
  if (Array.isArray(value)) {
    const rows = parseSchema(text);
    return rows.length > 0 && rows.every((row) => row.property) ? rows : null;
  }
  const object = asObject(value);
  if (!object) return null;
  const properties = asObject(object["properties"]);
  return properties ? rowsFromSchema(properties, asArray(object["required"])) : rowsFromExample(object);
}

function rowsFromSchema(properties: Record<string, unknown>, required: readonly unknown[]): SchemaRow[] {
  return Object.entries(properties).map(([property, entry], id) => {
    const field = asObject(entry);
    const type = field?.["format"] === "date" || field?.["format"] === "date-time" ? "date" : typeOf(field?.["type"]);
    return { id, property, type, description: asText(field?.["description"]) ?? "", required: required.includes(property) };
  });
}

function rowsFromExample(example: Record<string, unknown>): SchemaRow[] | null {
  const entries = Object.entries(example);
  if (entries.length === 0) return null;
  return entries.map(([property, value], id) => ({ id, property, type: typeof value === "number" || typeof value === "boolean" ? typeOf(typeof value) : "string", description: "", required: true }));
}

export type RowProblem = "letters" | "twice";

/** What is wrong with each row, by id. */
export function rowProblems(rows: readonly SchemaRow[]): Map<number, RowProblem> {
  const problems = new Map<number, RowProblem>();
  const seen = new Set<string>();
  for (const row of rows) {
    const name = row.property.trim();
    if (!name) continue;
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) problems.set(row.id, "letters");
    else if (seen.has(name)) problems.set(row.id, "twice");
    seen.add(name);
  }
  return problems;
}

/** The arguments of a trial run: texts of a form, made what the schema says. */
export function argumentsOf(rows: readonly SchemaRow[], texts: Readonly<Record<string, string>>): { values: Record<string, unknown>; wrong: string[] } {
  const values: Record<string, unknown> = {};
  const wrong: string[] = [];
  for (const row of rows) {
    const name = row.property.trim();
    const text = texts[name] ?? "";
    if (!name) continue;
    if (row.type === "boolean") values[name] = text === "true";
    else if (text === "") {
      if (row.required) wrong.push(name);
    } else if (row.type === "number") {
      const number = Number(text);
      if (Number.isNaN(number)) wrong.push(name);
      else values[name] = number;
    } else values[name] = text;
  }
  return { values, wrong };
}
