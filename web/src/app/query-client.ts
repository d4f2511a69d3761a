// The cache of what the server said.
import { QueryClient } from "@tanstack/react-query";
import { isWorthRetrying } from "~/api/errors";
import { useSession } from "~/api/session";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      retry: (failures, error) => failures < 2 && isWorthRetrying(error),
      retryDelay: (attempt) => Math.min(4_000, 400 * 2 ** attempt),
      // Our own connection state decides; the browser's only knows about its network card.
      networkMode: "always",
    },
    mutations: { networkMode: "always" },
  },
});

/** Nothing of one person's answers may be left for the next. */
export function watchSignOut(): void {
  useSession.subscribe((state, before) => {
    if (before.user && state.user?.id !== before.user.id) queryClient.clear();
  });
}
