// Where to go after signing in, taken from the address, hence not to be trusted.

/** `target` when it is a path of this page, else undefined: never another host. */
export function localPath(target: unknown): string | undefined {
  if (typeof target !== "string" || !target.startsWith("/")) return undefined;
  // "//host" and "/\host" are read as another host by browsers.
  return /^\/(?![/\\])/.test(target) ? target : undefined;
}
