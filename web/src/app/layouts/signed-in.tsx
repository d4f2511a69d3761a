// The frame of everything behind sign-in: sends away who has no session, tells when the server is gone, and holds palette and dialogs.
import { useQueryClient } from "@tanstack/react-query";
import { Navigate, Outlet, useRouter } from "@tanstack/react-router";
import { CloudOff, RotateCw } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api";
import { useConnection } from "~/api/connection";
import { useSession } from "~/api/session";
import { AppDialogs } from "~/app/app-dialogs";
import { useAppDialog } from "~/app/dialogs";
import { openPalette, useCommandState } from "~/lib/commands";
import { Button } from "~/ui/button";

const Palette = lazy(() => import("~/app/palette/palette"));

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
      <AppDialogs />
      <PaletteHost />
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

/** Ctrl or ⌘ K opens the palette wherever one is; it loads when it is first wanted. */
function PaletteHost() {
  const open = useCommandState((state) => state.open);
  const [wanted, setWanted] = useState(false);
  if (open && !wanted) setWanted(true);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.defaultPrevented) return;
      event.preventDefault();
      // A dialog with half-made work stays in front.
      if (useAppDialog.getState().dialog === null) openPalette();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return wanted ? (
    <Suspense fallback={null}>
      <Palette />
    </Suspense>
  ) : null;
}

function OfflineBanner() {
  const { t } = useTranslation();
  const reachable = useConnection((state) => state.reachable);
  const queryClient = useQueryClient();
  const ask = useCallback(
    () =>
      api
        .request("/ping")
        .then(() => queryClient.refetchQueries({ type: "active", predicate: (query) => query.state.status === "error" }))
        .catch(() => undefined),
    [queryClient],
  );
  useEffect(() => {
    if (reachable) return undefined;
    const timer = setInterval(() => void ask(), PING_EVERY);
    return () => clearInterval(timer);
  }, [reachable, ask]);
  return (
    <div role="status">
      {!reachable && (
        <div className="flex items-center gap-x-3 bg-warning-soft px-4 py-1.5 text-sm text-warning sm:justify-center">
          <CloudOff aria-hidden className="size-4 shrink-0" />
          <span className="min-w-0 max-sm:flex-1">
            <strong className="font-semibold">{t("offline.title")}</strong> {t("offline.body")}
          </span>
          <Button variant="ghost" size="sm" className="shrink-0 text-warning hover:text-warning" onClick={() => void ask()}>
            <RotateCw aria-hidden />
            {t("offline.retry")}
          </Button>
        </div>
      )}
    </div>
  );
}
