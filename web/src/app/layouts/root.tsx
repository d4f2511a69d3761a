// The outermost frame, and the pages for what no route handles.
import { type ErrorComponentProps, Link, Outlet, useRouterState } from "@tanstack/react-router";
import { Compass, LoaderCircle, TriangleAlert } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { EmptyState, Hidden } from "~/ui/states";

export function RootLayout() {
  useFocusOnNavigation();
  return <Outlet />;
}

/** A new page starts at its own content, for keyboards and screen readers too. */
function useFocusOnNavigation(): void {
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  const before = useRef<string | undefined>(undefined);
  useEffect(() => {
    if (before.current !== undefined && before.current !== path && document.activeElement === document.body) {
      document.getElementById("main")?.focus({ preventScroll: true });
    }
    before.current = path;
  }, [path]);
}

export function LoadingPage() {
  const { t } = useTranslation();
  return (
    <div role="status" className="flex min-h-64 flex-1 items-center justify-center text-faint">
      <LoaderCircle aria-hidden className="size-6 animate-spin" />
      <Hidden>{t("loading")}</Hidden>
    </div>
  );
}

export function NotFoundPage() {
  const { t } = useTranslation();
  useTitle(t("error.notFoundTitle"));
  return (
    <main id="main" tabIndex={-1} className="flex min-h-dvh items-center justify-center outline-none">
      <EmptyState
        heading="h1"
        icon={<Compass />}
        title={t("error.notFoundTitle")}
        body={t("error.notFoundBody")}
        action={
          <Button asChild variant="primary">
            <Link to="/">{t("error.toStart")}</Link>
          </Button>
        }
      />
    </main>
  );
}

/** An error of the page's own code: say so, and offer the one thing that helps. */
export function CrashPage({ error }: ErrorComponentProps) {
  const { t } = useTranslation();
  return (
    <main id="main" tabIndex={-1} className="flex min-h-dvh items-center justify-center outline-none">
      <EmptyState
        heading="h1"
        icon={<TriangleAlert />}
        title={t("error.crashTitle")}
        body={
          <>
            <p>{t("error.crashBody")}</p>
            <p className="mt-2 font-mono text-xs text-faint">{error instanceof Error ? error.message : String(error)}</p>
          </>
        }
        action={
          <Button variant="primary" onClick={() => window.location.reload()}>
            {t("error.reload")}
          </Button>
        }
      />
    </main>
  );
}
