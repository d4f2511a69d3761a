// What the fields of a form share: their props, and how values are read.
import type { ComponentType } from "react";
import { asArray, asObject, asText, type JsonObject } from "~/lib/json";
import { isUnset, listOf, plainText } from "../../model/fields";
import type { Param } from "../../model/node-data";

/** What a form belongs to. */
export interface FormScope {
  nodeId: string;
  /** The catalog's name of what is set up here: the node, or a part chosen inside it. */
  component: string;
  /** What paths in rules start from. */
  root: JsonObject;
  /** The place in the list around. */
  index?: number | undefined;
  /** Ids of fields are made of this, so that a problem leads to its field. */
  path: string;
  readOnly: boolean;
  /** Draws a form inside a field: handed down, since fields and forms contain each other. */
  form: ComponentType<FieldFormProps>;
  pins?: { names: readonly string[]; toggle: (name: string) => void } | undefined;
  /** Sentences for fields that are wrong, by name. */
  errors?: ReadonlyMap<string, string> | undefined;
  /** Only fields that are named so are shown, in small letters; all where it is left out. */
  wanted?: string | undefined;
  /** How many bytes chosen files may have in all; what a flow bears where it is left out. */
  mostBytes?: number | undefined;
}

export interface FieldFormProps {
  params: readonly Param[];
  values: JsonObject;
  scope: FormScope;
  onChange: (values: JsonObject) => void;
}

/** Ids of fields, so that others can lead to them. */
export function fieldId(nodeId: string, path: string, name: string): string {
  return `field-${nodeId}-${path}${name}`;
}

export interface ControlProps {
  id: string;
  labelId: string;
  param: Param;
  value: unknown;
  /** The neighbours' values too, for fields that depend on them. */
  values: JsonObject;
  scope: FormScope;
  onChange: (value: unknown) => void;
  onChangeAll: (values: JsonObject) => void;
  describedBy: string | undefined;
  invalid: boolean;
}

export function asShownText(value: unknown): string {
  if (isUnset(value)) return "";
  if (typeof value === "string") return plainText(value);
  return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}

/** A number once it is one; what is only begun, or holds a variable, stays text. */
export function asNumber(text: string): unknown {
  const trimmed = text.trim();
  return trimmed !== "" && String(Number(trimmed)) === trimmed ? Number(trimmed) : text;
}

export interface PlainOption {
  value: string;
  label: string;
  detail: string | undefined;
}

export function optionsOf(definition: JsonObject): PlainOption[] {
  return asArray(definition["options"]).flatMap((entry) => {
    const option = asObject(entry);
    const value = asText(option?.["name"]);
    return option && value !== undefined ? [{ value, label: asText(option["label"]) ?? value, detail: asText(option["description"]) }] : [];
  });
}

/** A list kept as JSON text, as Flowise keeps choices of several. */
export function chosenOf(value: unknown): string[] {
  if (isUnset(value)) return [];
  return listOf(value).filter((entry) => typeof entry === "string" && entry !== "") as string[];
}

/** Whether a text is written in the large editor. */
export function isLong({ type, definition }: Param): boolean {
  return type === "string" && (Number(definition["rows"] ?? 0) > 1 || definition["acceptVariable"] === true);
}
