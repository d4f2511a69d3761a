// Signing in, out, and the first account.
import { api } from ".";
import { signedIn, signedOut } from "./session";
import type { SessionUser } from "./types";

export interface NewAccount {
  name: string;
  email: string;
  password: string;
}

/** Where somebody without a session belongs: `/organization-setup` before the first account, else `/signin`. */
export async function resolveEntry(): Promise<"/organization-setup" | "/signin"> {
  const answer = await api.request<{ redirectUrl?: string }>("/auth/resolve", { method: "POST", body: {} });
  return answer?.redirectUrl === "/organization-setup" ? "/organization-setup" : "/signin";
}

export async function signIn(email: string, password: string): Promise<void> {
  signedIn(await api.request<SessionUser>("/auth/login", { method: "POST", body: { email, password } }));
}

/** Makes the first account; signing in is a step of its own. */
export async function registerAccount(account: NewAccount): Promise<void> {
  const user = { name: account.name, email: account.email, credential: account.password };
  await api.request("/account/register", { method: "POST", body: { user } });
}

/** Ends the session here even when the server cannot be told. */
export async function signOut(): Promise<void> {
  try {
    await api.request("/account/logout", { method: "POST", body: {} });
  } finally {
    signedOut();
  }
}
