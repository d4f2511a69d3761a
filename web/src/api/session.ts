// Who is signed in, as far as this browser knows; the cookies that prove it are out of scripts' reach.
import { create } from "zustand";
import { asObject, parseJson } from "~/lib/json";
import { readStored, writeStored } from "~/lib/storage";
import type { SessionUser } from "./types";

const KEY = "flowstone.session";

/** What of the user is remembered between visits: no secret among it. */
export type KnownUser = Pick<SessionUser, "id" | "name" | "email" | "isOrganizationAdmin" | "permissions" | "activeWorkspace">;

interface SessionState {
  user: KnownUser | null;
  /** True from the moment the server ended the session until the next sign-in; the sign-in page then says why one is there. */
  expired: boolean;
}

function storedUser(): KnownUser | null {
  const value = asObject(parseJson(readStored(KEY) ?? ""));
  return value && typeof value["id"] === "string" && typeof value["email"] === "string" ? (value as unknown as KnownUser) : null;
}

export const useSession = create<SessionState>(() => ({ user: storedUser(), expired: false }));

export function signedIn(user: SessionUser): void {
  const { id, name, email, isOrganizationAdmin, permissions, activeWorkspace } = user;
  const known: KnownUser = { id, name, email, isOrganizationAdmin, permissions, activeWorkspace };
  writeStored(KEY, JSON.stringify(known));
  useSession.setState({ user: known, expired: false });
}

/** The person changed their own name or address. */
export function profileChanged(profile: Pick<KnownUser, "name" | "email">): void {
  const { user } = useSession.getState();
  if (!user) return;
  const known = { ...user, ...profile };
  writeStored(KEY, JSON.stringify(known));
  useSession.setState({ user: known });
}

export function signedOut(): void {
  writeStored(KEY, null);
  useSession.setState({ user: null, expired: false });
}

/** The server no longer knows us: forget the user and say so. */
export function sessionLost(): void {
  writeStored(KEY, null);
  useSession.setState((state) => ({ user: null, expired: state.user !== null || state.expired }));
}

/** Whether `user` may do `permission`, such as `chatflows:view`. The server decides; this only hides what it would refuse. */
export function may(user: KnownUser | null, permission: string): boolean {
  if (!user) return false;
  return user.isOrganizationAdmin === true || (user.permissions ?? []).includes(permission);
}

/** Signing in or out in one tab holds for all. */
export function watchSession(): void {
  window.addEventListener("storage", (event) => {
    if (event.key === KEY) useSession.setState({ user: storedUser(), expired: false });
  });
}

/** Asks `may` for whoever is signed in; follows the session. */
export function useMay(): (permission: string) => boolean {
  const user = useSession((state) => state.user);
  return (permission) => may(user, permission);
}
