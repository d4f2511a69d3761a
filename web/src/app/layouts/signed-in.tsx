// The frame of everything behind sign-in: sends away who has no session, and tells when the server is gone.
import { useQueryClient } from "@tanstack/react-query";
import { Navigate, Outlet, useRouter } from "@tanstack/react-router";
import { CloudOff } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api";
import { useConnection } from "~/api/connection";
import { useSession } from "~/api/session";

/** How often a server that is gone is asked again, in milliseconds. */
const PING_EVERY = 3_000;

export function SignedInLayout() {
  const user = useSession((state) => state.user);
  if (!user) return <Leave />;
  return (
    <div className="flex h-dvh flex-col">
      <OfflineBanner />
      <div className="flex min-h-0 flex-1 flex-col">
        <Outlet />
      </div>
    </div>
  );
}

/** To the sign-in: after signing out the next person starts afresh, after an expired session the same one comes back here. */
function Leave() {
  const router = useRouter();
  // Taken once: the address changes under this component while the next page loads.
  const [search] = useState(() => (useSession.getState().expired ? { redirect: router.state.location.href } : {}));
  return <Navigate to="/signin" search={search} replace />;
}

function OfflineBanner() {
  const { t } = useTranslation();
  const reachable = useConnection((state) => state.reachable);
  const queryClient = useQueryClient();
  useEffect(() => {
    if (reachable) return undefined;
    const timer = setInterval(() => {
      api
        .request("/ping")
        .then(() => queryClient.refetchQueries({ type: "active", predicate: (query) => query.state.status === "error" }))
        .catch(() => undefined);
    }, PING_EVERY);
    return () => clearInterval(timer);
  }, [reachable, queryClient]);
  return (
    <div role="status">
      {!reachable && (
        <div className="flex items-center justify-center gap-2 bg-warning-soft px-4 py-2 text-sm text-warning">
          <CloudOff aria-hidden className="size-4 shrink-0" />
          <span>
            <strong className="font-semibold">{t("offline.title")}</strong> {t("offline.body")}
          </span>
        </div>
      )}
    </div>
  );
}
