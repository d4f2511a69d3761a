// The page's own client, wired to the session and the connection state.
import { createClient } from "./client";
import { setReachable } from "./connection";
import { sessionLost, signedIn } from "./session";

export const api = createClient((...call) => fetch(...call), {
  onSessionRenewed: signedIn,
  onSessionLost: sessionLost,
  onReachable: setReachable,
});

/** For pages that need no sign-in: nobody's session goes along. */
export const publicApi = createClient(
  (...call) => fetch(...call),
  { onSessionRenewed: () => undefined, onSessionLost: () => undefined, onReachable: () => undefined },
  { anonymous: true },
);
