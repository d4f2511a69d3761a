// The outermost frame, and the pages for what no route handles.
import { type ErrorComponentProps, Link, Outlet, useRouter, useRouterState } from "@tanstack/react-router";
import { Compass, Hourglass, LoaderCircle, ShieldX, TriangleAlert } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { isApiError } from "~/api/errors";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { FoldSummary } from "~/ui/fold";
import { EmptyState, ErrorState, Hidden } from "~/ui/states";

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
    <FullPage>
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
    </FullPage>
  );
}

/** The person lacks the permission. `inside` the shell the menu still leads elsewhere. */
export function ForbiddenPage({ inside = false }: { inside?: boolean }) {
  const { t } = useTranslation();
  useTitle(t("error.forbiddenTitle"));
  const state = (
    <EmptyState
      heading="h1"
      icon={<ShieldX />}
      title={t("error.forbiddenTitle")}
      body={t("error.forbiddenBody")}
      action={
        <Button asChild variant="primary">
          <Link to="/">{t("error.toStart")}</Link>
        </Button>
      }
    />
  );
  return inside ? <div className="flex min-h-full items-center justify-center">{state}</div> : <FullPage>{state}</FullPage>;
}

/** The server refused for a while; a proxy or the sign-in sends here. */
export function RateLimitedPage() {
  const { t } = useTranslation();
  const router = useRouter();
  useTitle(t("error.limitedTitle"));
  return (
    <FullPage>
      <EmptyState
        heading="h1"
        icon={<Hourglass />}
        title={t("error.limitedTitle")}
        body={t("error.limitedBody")}
        action={
          <Button variant="primary" onClick={() => router.history.back()}>
            {t("error.back")}
          </Button>
        }
      />
    </FullPage>
  );
}

/** Something threw while the page was drawn: say so, and offer what helps. */
export function CrashPage({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  const router = useRouter();
  useTitle(t("error.crashTitle"));
  const again = () => {
    reset();
    void router.invalidate();
  };
  // A refusal of the server is told like everywhere else, with the request's id.
  if (isApiError(error)) {
    return (
      <FullPage>
        <ErrorState heading="h1" error={error} onRetry={again} />
      </FullPage>
    );
  }
  const text = error instanceof Error ? error.message : String(error);
  const isMissingPart = /dynamically imported module|Importing a module script failed|preload/i.test(text);
  return (
    <FullPage>
      <EmptyState
        heading="h1"
        icon={<TriangleAlert />}
        title={t("error.crashTitle")}
        body={
          <>
            <p>{t(isMissingPart ? "error.crashChunk" : "error.crashBody")}</p>
            <details className="mt-3 text-start">
              <FoldSummary className="mx-auto w-fit rounded-md px-2 py-1 text-sm font-medium text-muted hover:text-ink">{t("error.details")}</FoldSummary>
              <p className="mt-2 rounded-md bg-sunken p-3 font-mono text-xs text-muted [overflow-wrap:anywhere]">{text}</p>
            </details>
          </>
        }
        action={
          <>
            {!isMissingPart && <Button onClick={again}>{t("retry")}</Button>}
            <Button variant="primary" onClick={() => window.location.reload()}>
              {t("error.reload")}
            </Button>
          </>
        }
      />
    </FullPage>
  );
}

function FullPage({ children }: { children: ReactNode }) {
  return (
    <main id="main" tabIndex={-1} className="flex min-h-dvh flex-1 items-center justify-center outline-none">
      {children}
    </main>
  );
}
