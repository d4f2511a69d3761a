// Whether the server answers: one flag, raised by the client, shown by the shell.
import { create } from "zustand";

interface ConnectionState {
  reachable: boolean;
}

export const useConnection = create<ConnectionState>(() => ({ reachable: true }));

export function setReachable(reachable: boolean): void {
  if (useConnection.getState().reachable !== reachable) useConnection.setState({ reachable });
}
