// What a credential's form holds and sends: pure, so that every kind can be tested.
import { type CredentialInput, type CredentialKind, REDACTED } from "~/api/workbench";

export type Values = Record<string, unknown>;

/** Whether `input` holds a secret that is never shown. */
export function isSecret(input: CredentialInput): boolean {
  return input.type === "password";
}

/** Whether the kind asks for somebody's consent at a service. */
export function asksConsent(kind: CredentialKind): boolean {
  return kind.inputs.some((input) => input.name === "authorizationUrl");
}

/** The fields that a person fills in; hidden ones keep their defaults. */
export function shownInputs(kind: CredentialKind): CredentialInput[] {
  return kind.inputs.filter((input) => !input.hidden);
}

/** What a new form of `kind` begins with. */
export function initialValues(kind: CredentialKind): Values {
  return Object.fromEntries(kind.inputs.flatMap((input) => (input.default === undefined ? [] : [[input.name, input.default]])));
}

/** Whether `value` stands for a secret that the server keeps. */
export function isKept(value: unknown): boolean {
  return value === REDACTED;
}

/** The stored secret that a changed form may go back to, or undefined. */
export function keptValue(stored: Values | undefined, name: string): unknown {
  const value = stored?.[name];
  return isKept(value) ? value : undefined;
}

/** What is sent: nothing of fields that were left empty, so that the server's own defaults hold. */
export function sentValues(kind: CredentialKind, values: Values): Values {
  const known = new Set(kind.inputs.map((input) => input.name));
  const filled = kind.inputs.flatMap((input): [string, unknown][] => {
    const value = values[input.name];
    if (value === undefined || value === null || value === "") return [];
    return [[input.name, typeof value === "string" && !isSecret(input) ? value.trim() : value]];
  });
  // What an older version of the form left there stays.
  const others = Object.entries(values).filter(([name]) => !known.has(name));
  return Object.fromEntries([...others, ...filled]);
}

/** The names of fields that must be filled and are not. */
export function missingInputs(kind: CredentialKind, values: Values): string[] {
  return shownInputs(kind)
    .filter((input) => !input.optional && input.type !== "boolean" && input.default === undefined)
    .filter((input) => {
      const value = values[input.name];
      return value === undefined || value === null || (typeof value === "string" && value.trim() === "");
    })
    .map((input) => input.name);
}

/** A name nobody has yet, such as `OpenAI API 2`. */
export function freeName(label: string, taken: readonly string[]): string {
  if (!taken.includes(label)) return label;
  let number = 2;
  while (taken.includes(`${label} ${number}`)) number += 1;
  return `${label} ${number}`;
}

/** Kinds that match every word of `query` by label, name or description, best first. */
export function findKinds(kinds: readonly CredentialKind[], query: string): CredentialKind[] {
  const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const found = kinds.filter((kind) => {
    const text = `${kind.label} ${kind.name} ${kind.description ?? ""}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
  const rank = (kind: CredentialKind) => (words[0] && kind.label.toLocaleLowerCase().startsWith(words[0]) ? 0 : 1);
  return found.toSorted((a, b) => rank(a) - rank(b) || a.label.localeCompare(b.label));
}
