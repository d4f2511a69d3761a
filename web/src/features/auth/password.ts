// The password rules, as the server enforces them.

export const PASSWORD_RULES = [
  { name: "length", test: (password: string) => [...password].length >= 8 },
  { name: "lower", test: (password: string) => /\p{Lowercase}/u.test(password) },
  { name: "upper", test: (password: string) => /\p{Uppercase}/u.test(password) },
  { name: "digit", test: (password: string) => /\d/.test(password) },
  { name: "special", test: (password: string) => /[^\p{Alphabetic}\p{N}]/u.test(password) },
] as const;

export function isStrong(password: string): boolean {
  return PASSWORD_RULES.every((rule) => rule.test(password));
}

/** Good enough to catch a slip; whether the address exists nobody can tell from its spelling. */
export function looksLikeEmail(text: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(text.trim());
}
