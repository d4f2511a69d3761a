// Calls of the API in the languages that people copy them in. Pure.
import type { JsonObject } from "./json";
import { pythonLiteral } from "./python";

export const LANGUAGES = ["curl", "python", "javascript"] as const;
export type Language = (typeof LANGUAGES)[number];

/** What stands where the caller puts a key. */
export const KEY_PLACEHOLDER = "YOUR_API_KEY";

export interface ApiCall {
  address: string;
  body: JsonObject;
  /** The name of a file that is sent along; the body is then a form. */
  file?: string | undefined;
}

/** A POST of `call`, with a key in its head. */
export function callSnippet(language: Language, call: ApiCall): string {
  const { file } = call;
  switch (language) {
    case "curl":
      return file ? curlForm(call, file) : curl(call);
    case "python":
      return file ? pythonForm(call, file) : python(call);
    case "javascript":
      return file ? javascriptForm(call, file) : javascript(call);
  }
}

/** A field of a form: a text as it is, all else as JSON. */
function fieldText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function curl(call: ApiCall): string {
  return [
    `curl ${call.address} \\`,
    `  -H "Authorization: Bearer ${KEY_PLACEHOLDER}" \\`,
    '  -H "Content-Type: application/json" \\',
    `  -d ${shellQuoted(JSON.stringify(call.body, null, 2))}`,
    "",
  ].join("\n");
}

function curlForm(call: ApiCall, file: string): string {
  const fields = Object.entries(call.body).map(([name, value]) => `  -F ${shellQuoted(`${name}=${fieldText(value)}`)} \\`);
  return [`curl ${call.address} \\`, `  -H "Authorization: Bearer ${KEY_PLACEHOLDER}" \\`, ...fields, `  -F files=@${file}`, ""].join("\n");
}

function pythonHead(call: ApiCall): string {
  return `import requests\n\nurl = ${pythonLiteral(call.address)}\nheaders = {"Authorization": "Bearer ${KEY_PLACEHOLDER}"}\n`;
}

function python(call: ApiCall): string {
  return `${pythonHead(call)}body = ${pythonLiteral(call.body)}\n\nresponse = requests.post(url, json=body, headers=headers, timeout=600)\nresponse.raise_for_status()\nprint(response.json())\n`;
}

function pythonForm(call: ApiCall, file: string): string {
  const fields = Object.fromEntries(Object.entries(call.body).map(([name, value]) => [name, fieldText(value)]));
  return `${pythonHead(call)}fields = ${pythonLiteral(fields)}\n\nwith open("${file}", "rb") as file:\n    response = requests.post(url, data=fields, files={"files": file}, headers=headers, timeout=600)\nresponse.raise_for_status()\nprint(response.json())\n`;
}

function javascript(call: ApiCall): string {
  const body = JSON.stringify(call.body, null, 2).replaceAll("\n", "\n  ");
  return `const response = await fetch(${JSON.stringify(call.address)}, {
  method: "POST",
  headers: { Authorization: "Bearer ${KEY_PLACEHOLDER}", "Content-Type": "application/json" },
  body: JSON.stringify(${body}),
});
if (!response.ok) throw new Error(await response.text());
console.log(await response.json());
`;
}

function javascriptForm(call: ApiCall, file: string): string {
  const fields = Object.entries(call.body).map(([name, value]) => `form.append(${JSON.stringify(name)}, ${JSON.stringify(fieldText(value))});\n`);
  return `import { openAsBlob } from "node:fs";

const form = new FormData();
${fields.join("")}form.append("files", await openAsBlob("${file}"), "${file}");
const response = await fetch(${JSON.stringify(call.address)}, {
  method: "POST",
  headers: { Authorization: "Bearer ${KEY_PLACEHOLDER}" },
  body: form,
});
if (!response.ok) throw new Error(await response.text());
console.log(await response.json());
`;
}
