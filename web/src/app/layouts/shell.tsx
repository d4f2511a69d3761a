// Navigation and header around the list pages.
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { Menu as MenuIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { flowQuery } from "~/api/flow-record";
import { versionQuery } from "~/api/queries";
import { useSession } from "~/api/session";
import { openDialog, useAppDialog } from "~/app/dialogs";
import { PaletteButton, ThemeMenu, UserMenu } from "~/app/header-menus";
import { ForbiddenPage } from "~/app/layouts/root";
import { maySee, navigationFor, sectionOf } from "~/app/navigation";
import { Button } from "~/ui/button";
import { Sheet } from "~/ui/dialog";
import { Logo } from "~/ui/logo";

export function ShellLayout() {
  const { t } = useTranslation();
  const [navOpen, setNavOpen] = useState(false);
  const user = useSession((state) => state.user);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useHelpKey();
  return (
    <div className="flex min-h-0 flex-1">
      <a href="#main" className="sr-only z-60 rounded-md bg-primary px-3 py-2 text-on-primary focus:not-sr-only focus:fixed focus:start-3 focus:top-3">
        {t("skipToContent")}
      </a>
      <aside className="hidden w-56 shrink-0 flex-col border-e border-line bg-surface lg:flex">
        <Navigation onNavigate={() => undefined} />
      </aside>
      <Sheet open={navOpen} onOpenChange={setNavOpen} title={t("nav.main")} side="start">
        <Navigation onNavigate={() => setNavOpen(false)} />
      </Sheet>
      <div className="flex min-w-0 flex-1 flex-col">
        <Header onOpenNav={() => setNavOpen(true)} />
        <main id="main" tabIndex={-1} className="min-h-0 flex-1 overflow-y-auto outline-none">
          {maySee(user, path) ? <Outlet /> : <ForbiddenPage inside />}
        </main>
      </div>
    </div>
  );
}

/** "?" shows the keys, unless somebody writes it. */
function useHelpKey(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target;
      const writes = target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
      if (event.key === "?" && !writes && !event.ctrlKey && !event.metaKey && useAppDialog.getState().dialog === null) openDialog({ kind: "shortcuts" });
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}

function Header({ onOpenNav }: { onOpenNav: () => void }) {
  const { t } = useTranslation();
  const workspace = useSession((state) => state.user?.activeWorkspace);
  return (
    <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line bg-surface px-3 sm:px-8">
      <Button variant="ghost" size="icon" aria-label={t("nav.open")} className="lg:hidden" onClick={onOpenNav}>
        <MenuIcon aria-hidden />
      </Button>
      <Link to="/" className="rounded-md lg:hidden">
        <Logo />
      </Link>
      {workspace && <span className="hidden truncate text-sm text-muted lg:block">{workspace}</span>}
      <div className="ms-auto flex items-center gap-1">
        <PaletteButton />
        <ThemeMenu />
        <UserMenu />
      </div>
    </header>
  );
}

function Navigation({ onNavigate }: { onNavigate: () => void }) {
  const { t } = useTranslation();
  const user = useSession((state) => state.user);
  const version = useQuery(versionQuery());
  const groups = navigationFor(user);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const flowId = /^\/flow\/([^/]+)/.exec(path)?.[1];
  // The page itself asks for the flow; here its answer is only read along.
  const flow = useQuery({ ...flowQuery(flowId ?? ""), enabled: false });
  const section = sectionOf(path, flow.data?.type);
  return (
    <>
      <div className="flex h-14 shrink-0 items-center px-4">
        <Link to="/" className="rounded-md">
          <Logo />
        </Link>
      </div>
      <nav aria-label={t("nav.main")} className="flex-1 overflow-y-auto px-3 py-3">
        {groups.map((group) => (
            <div key={group.label} className="mb-5">
              <h2 className="px-2.5 pb-1.5 text-xs font-medium text-faint">{t(group.label)}</h2>
              <ul className="flex flex-col gap-0.5">
                {group.items.map((item) => (
                  <li key={item.to}>
                    <Link
                      to={item.to}
                      onClick={onNavigate}
                      {...(item.to === section && { "aria-current": "true" as const })}
                      className="flex h-9 items-center gap-2.5 rounded-md px-2.5 text-base font-medium text-muted transition-colors duration-120 hover:bg-hover hover:text-ink aria-[current]:bg-primary-soft aria-[current]:text-primary-ink"
                    >
                      <item.icon aria-hidden className="size-4" />
                      {t(item.label)}
                    </Link>
                  </li>
                ))}
              </ul>
            </div>
          ))}
      </nav>
      <p className="flex justify-between gap-2 px-5.5 py-4 text-xs text-faint">
        {version.data && t("user.version", { version: version.data.version })}
        <a href="/api-docs" className="rounded-sm hover:text-ink hover:underline">
          {t("nav.api")}
        </a>
      </p>
    </>
  );
}
