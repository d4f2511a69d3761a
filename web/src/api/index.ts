// The page's own client, wired to the session and the connection state.
import { createClient } from "./client";
import { setReachable } from "./connection";
import { sessionLost, signedIn } from "./session";

export const api = createClient((...call) => fetch(...call), {
  onSessionRenewed: signedIn,
  onSessionLost: sessionLost,
  onReachable: setReachable,
});
