// The token of a link to choose a new password, taken from the address.

/** The token behind `#token=` (which never leaves the browser) or, as older links have it, in `?token=`. */
export function tokenIn(address: { hash: string; search: string }): string | undefined {
  const inHash = new URLSearchParams(address.hash.replace(/^#/, "")).get("token");
  const token = inHash ?? new URLSearchParams(address.search).get("token");
  return token?.trim() || undefined;
}
