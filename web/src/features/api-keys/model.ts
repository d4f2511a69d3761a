// Permissions of a key as a tree of areas.
import type { Permission } from "~/api/workbench";

export type PermissionTree = Record<string, Permission[]>;
export type AreaState = boolean | "indeterminate";

export function allOf(tree: PermissionTree): string[] {
  return Object.values(tree).flatMap((area) => area.map((permission) => permission.key));
}

/** Permissions that change nothing. */
export function readingOf(tree: PermissionTree): string[] {
  return allOf(tree).filter((key) => key.endsWith(":view"));
}

/** Whether all, some or none of `area` is chosen. */
export function areaState(area: readonly Permission[], chosen: ReadonlySet<string>): AreaState {
  const count = area.filter((permission) => chosen.has(permission.key)).length;
  if (count === 0) return false;
  return count === area.length ? true : "indeterminate";
}

/** `chosen` with or without `keys`. */
export function withKeys(chosen: ReadonlySet<string>, keys: readonly string[], on: boolean): Set<string> {
  const next = new Set(chosen);
  for (const key of keys) {
    if (on) next.add(key);
    else next.delete(key);
  }
  return next;
}

/** `documentStores` as people read it: “Document stores”. */
export function areaName(area: string): string {
  if (area === "apikeys") return "API keys";
  const words = area.replaceAll(/([a-z])([A-Z])/g, "$1 $2").replaceAll(/[-_]/g, " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
