// The frame of the pages before sign-in: mark, one card, the theme.
import type { ReactNode } from "react";
import { LanguageMenu, ThemeMenu } from "~/app/header-menus";
import { Card } from "~/ui/card";
import { Logo } from "~/ui/logo";

export function AuthFrame({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  return (
    <div className="relative isolate flex min-h-dvh flex-col overflow-hidden">
      <Strata />
      <header className="flex h-16 shrink-0 items-center justify-between px-5 sm:px-8">
        <Logo />
        <span className="flex items-center gap-1">
          <LanguageMenu />
          <ThemeMenu />
        </span>
      </header>
      <main id="main" tabIndex={-1} className="flex flex-1 items-start justify-center px-4 pt-[6vh] pb-16 outline-none sm:pt-[9vh] [@media(max-height:960px)]:pt-4">
        <Card className="w-full max-w-104 p-6 shadow-md sm:p-8">
          <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
          <p className="mt-1 mb-6 text-base text-muted">{lead}</p>
          {children}
        </Card>
      </main>
    </div>
  );
}

/** Sheets of stone at the foot of the page, the mark's own motif. */
function Strata() {
  return (
    <svg aria-hidden viewBox="0 0 1440 420" preserveAspectRatio="none" className="absolute inset-x-0 bottom-0 -z-10 h-[46vh] w-full text-primary">
      <path fill="currentColor" opacity=".05" d="M0 150c220-90 420-90 700 0s520 70 740-20v290H0z" />
      <path fill="currentColor" opacity=".05" d="M0 240c260-80 470-60 720 10s490 50 720-40v210H0z" />
      <path fill="currentColor" opacity=".06" d="M0 330c240-60 500-30 760 20s450 20 680-50v120H0z" />
    </svg>
  );
}
