// What can be wrong with a server's form, and how its headers are sent.

/** Stands for a secret that the server keeps; sent back, it stays as it is. */
export const KEPT = "************";

/** Longest name of a server. */
export const LONGEST_NAME = 40;

export interface Header {
  name: string;
  value: string;
}

export function nameProblem(name: string): "missing" | "long" | null {
  if (name.trim() === "") return "missing";
  return name.trim().length > LONGEST_NAME ? "long" : null;
}

/** An address that holds the stars is the one the server keeps. */
export function addressProblem(address: string): "missing" | "wrong" | null {
  const text = address.trim();
  if (text === "") return "missing";
  try {
    const { protocol, host } = new URL(text);
    return (protocol === "http:" || protocol === "https:") && host !== "" ? null : "wrong";
  } catch {
    return "wrong";
  }
}

/** Headers by name; rows without a name say nothing. */
export function toHeaders(rows: readonly Header[]): Record<string, string> {
  return Object.fromEntries(rows.filter((row) => row.name.trim() !== "").map((row) => [row.name.trim(), row.value]));
}
