// Signing in, out, and the first account.
import { api } from ".";
import { profileChanged, signedIn, signedOut } from "./session";
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

export interface OldLogin {
  oldUser: string;
  oldPassword: string;
}

/** Whether setting up asks for the user name and password from before there were accounts. */
export async function asksOldLogin(): Promise<boolean> {
  const answer = await api.request<{ isUsernamePasswordSet?: boolean }>("/account/basic-auth");
  return answer?.isUsernamePasswordSet === true;
}

/** Gives them; the server then lets this browser make the first account. */
export async function giveOldLogin({ oldUser, oldPassword }: OldLogin): Promise<void> {
  await api.request("/account/basic-auth", { method: "POST", body: { username: oldUser, password: oldPassword } });
}

/** Asks for a link by mail. The answer is the same whether or not the address has an account. */
export async function askForLink(email: string): Promise<void> {
  await api.request("/account/forgot-password", { method: "POST", body: { user: { email } } });
}

/** Sets a new password by the token of such a link; every session of the account ends. */
export async function resetPassword(token: string, password: string): Promise<void> {
  await api.request("/account/reset-password", { method: "POST", body: { user: { tempToken: token, password } } });
  signedOut();
}

export interface ProfileChange {
  name?: string;
  email?: string;
  /** Needed for a new address or password. */
  oldPassword?: string;
  newPassword?: string;
}

/** Changes one's own account; with a new address or password, every other session of it ends. */
export async function changeProfile(change: ProfileChange): Promise<void> {
  const { name, email } = await api.request<{ name: string; email: string }>("/user", { method: "PUT", body: change });
  profileChanged({ name, email });
}

/** Ends the session here even when the server cannot be told. */
export async function signOut(): Promise<void> {
  try {
    await api.request("/account/logout", { method: "POST", body: {} });
  } finally {
    signedOut();
  }
}
