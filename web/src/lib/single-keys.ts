// Whether single letters and signs are commands: who dictates, or whose hands slip, can switch them off (WCAG 2.1.4).
import { readStored, writeStored } from "./storage";

const KEY = "flowstone.singleKeys";

export function areSingleKeysOn(): boolean {
  return readStored(KEY) !== "off";
}

export function switchSingleKeys(on: boolean): void {
  writeStored(KEY, on ? null : "off");
}

/** Whether `event` is such a key alone, and they are off. */
export function isSilenced({ key, ctrlKey, metaKey, altKey }: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): boolean {
  return key.length === 1 && key !== " " && !ctrlKey && !metaKey && !altKey && !areSingleKeysOn();
}
