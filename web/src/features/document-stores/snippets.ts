// The texts that people copy to fill, refresh and search a store from a program. Pure, and held by snapshots.
import { pythonLiteral } from "~/lib/python";
import type { JsonObject } from "~/lib/json";

export const OPERATIONS = ["upsert", "upsertFile", "refresh", "query"] as const;
export type Operation = (typeof OPERATIONS)[number];

export const LANGUAGES = ["curl", "python", "javascript"] as const;
export type Language = (typeof LANGUAGES)[number];

export const KEY_PLACEHOLDER = "YOUR_API_KEY";
export const FILE_PLACEHOLDER = "report.pdf";

export interface StoreCall {
  origin: string;
  storeId: string;
  operation: Operation;
  /** The loader whose settings are taken; with `refresh`, "" stands for all. */
  loader: string;
  /** The loader is replaced; otherwise a new one is made beside it. */
  replace: boolean;
  /** Settings that are laid over those of the loader, by node as `overridesOf` gives them. */
  overrides: JsonObject;
  question: string;
}

export function addressOf({ origin, storeId, operation }: StoreCall): string {
  if (operation === "query") return `${origin}/api/v1/document-store/vectorstore/query`;
  return `${origin}/api/v1/document-store/${operation === "refresh" ? "refresh" : "upsert"}/${storeId}`;
}

/** What is sent: the body of JSON, or the fields of the form beside the file. */
export function bodyOf({ storeId, operation, loader, replace, overrides, question }: StoreCall): JsonObject {
  switch (operation) {
    case "query":
      return { storeId, query: question };
    case "refresh":
      return loader ? { items: [{ docId: loader, ...overrides }] } : {};
    case "upsert":
    case "upsertFile":
      return { ...(loader ? { docId: loader } : {}), replaceExisting: replace, ...overrides };
  }
}

export function snippet(language: Language, call: StoreCall): string {
  const isForm = call.operation === "upsertFile";
  switch (language) {
    case "curl":
      return isForm ? curlForm(call) : curl(call);
    case "python":
      return isForm ? pythonForm(call) : python(call);
    case "javascript":
      return isForm ? javascriptForm(call) : javascript(call);
  }
}

/** A field of a form: a text as it is, all else as JSON. */
function fieldText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function curl(call: StoreCall): string {
  return [
    `curl ${addressOf(call)} \\`,
    `  -H "Authorization: Bearer ${KEY_PLACEHOLDER}" \\`,
    '  -H "Content-Type: application/json" \\',
    `  -d ${shellQuoted(JSON.stringify(bodyOf(call), null, 2))}`,
    "",
  ].join("\n");
}

function curlForm(call: StoreCall): string {
  const fields = Object.entries(bodyOf(call)).map(([name, value]) => `  -F ${shellQuoted(`${name}=${fieldText(value)}`)} \\`);
  return [`curl ${addressOf(call)} \\`, `  -H "Authorization: Bearer ${KEY_PLACEHOLDER}" \\`, ...fields, `  -F files=@${FILE_PLACEHOLDER}`, ""].join("\n");
}

function pythonHead(call: StoreCall): string {
  return `import requests\n\nurl = ${pythonLiteral(addressOf(call))}\nheaders = {"Authorization": "Bearer ${KEY_PLACEHOLDER}"}\n`;
}

function python(call: StoreCall): string {
  return `${pythonHead(call)}body = ${pythonLiteral(bodyOf(call))}\n\nresponse = requests.post(url, json=body, headers=headers, timeout=600)\nresponse.raise_for_status()\nprint(response.json())\n`;
}

function pythonForm(call: StoreCall): string {
  const fields = Object.fromEntries(Object.entries(bodyOf(call)).map(([name, value]) => [name, fieldText(value)]));
  return `${pythonHead(call)}fields = ${pythonLiteral(fields)}\n\nwith open("${FILE_PLACEHOLDER}", "rb") as file:\n    response = requests.post(url, data=fields, files={"files": file}, headers=headers, timeout=600)\nresponse.raise_for_status()\nprint(response.json())\n`;
}

function javascript(call: StoreCall): string {
  const body = JSON.stringify(bodyOf(call), null, 2).replaceAll("\n", "\n  ");
  return `const response = await fetch(${JSON.stringify(addressOf(call))}, {
  method: "POST",
  headers: { Authorization: "Bearer ${KEY_PLACEHOLDER}", "Content-Type": "application/json" },
  body: JSON.stringify(${body}),
});
if (!response.ok) throw new Error(await response.text());
console.log(await response.json());
`;
}

function javascriptForm(call: StoreCall): string {
  const fields = Object.entries(bodyOf(call)).map(([name, value]) => `form.append(${JSON.stringify(name)}, ${JSON.stringify(fieldText(value))});\n`);
  return `import { openAsBlob } from "node:fs";

const form = new FormData();
${fields.join("")}form.append("files", await openAsBlob("${FILE_PLACEHOLDER}"), "${FILE_PLACEHOLDER}");
const response = await fetch(${JSON.stringify(addressOf(call))}, {
  method: "POST",
  headers: { Authorization: "Bearer ${KEY_PLACEHOLDER}" },
  body: form,
});
if (!response.ok) throw new Error(await response.text());
console.log(await response.json());
`;
}
