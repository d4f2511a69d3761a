// What the pages of one flow share: its name, the way back to its canvas, and the way from one to the other.
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useParams, useRouterState } from "@tanstack/react-router";
import { ArrowLeft, ContactRound, DatabaseZap, MessagesSquare, Plug, SlidersHorizontal, Zap } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { isApiError } from "~/api/errors";
import { chatflowQuery } from "~/api/queries";
import { Button } from "~/ui/button";
import { EmptyState, ErrorState, Skeleton } from "~/ui/states";

const PAGES = [
  { to: "/flow/$id/settings", label: "pages.settings", icon: SlidersHorizontal },
  { to: "/flow/$id/api", label: "pages.api", icon: Plug },
  { to: "/flow/$id/trigger", label: "pages.trigger", icon: Zap },
  { to: "/flow/$id/messages", label: "pages.messages", icon: MessagesSquare },
  { to: "/flow/$id/leads", label: "pages.leads", icon: ContactRound },
  { to: "/flow/$id/upserts", label: "pages.upserts", icon: DatabaseZap },
] as const;

export function FlowLayout() {
  const { t } = useTranslation("flowPages");
  const { id } = useParams({ from: "/signed-in/shell/flow/$id" });
  const query = useQuery(chatflowQuery(id));
  const path = useRouterState({ select: (state) => state.location.pathname });
  const tabs = useRef<HTMLElement>(null);
  // On a narrow screen the page one is on may be out of sight in the row.
  useEffect(() => {
    // What it gives in newer browsers is no clean-up.
    void tabs.current?.querySelector("[aria-current=page]")?.scrollIntoView({ inline: "nearest", block: "nearest" });
  }, [path, query.isSuccess]);
  if (isApiError(query.error) && (query.error.status === 404 || query.error.status === 400)) {
    return (
      <EmptyState
        heading="h1"
        icon={<MessagesSquare />}
        title={t("missing.title")}
        body={t("missing.body")}
        action={
          <Button asChild>
            <Link to="/chatflows">{t("missing.action")}</Link>
          </Button>
        }
      />
    );
  }
  if (query.error) return <ErrorState heading="h1" error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <div className="flex min-h-full flex-col">
      <div className="border-b border-line bg-surface">
        <div className="mx-auto w-full max-w-7xl px-4 pt-4 sm:px-8">
          <div className="flex items-center gap-1">
            <Button asChild variant="ghost" size="icon" className="-ms-2">
              <Link to="/canvas/$id" params={{ id }} aria-label={t("toCanvas")}>
                <ArrowLeft aria-hidden className="rtl:rotate-180" />
              </Link>
            </Button>
            {query.data ? <p className="min-w-0 truncate text-lg font-semibold tracking-tight">{query.data.name || t("untitled")}</p> : <Skeleton className="h-6 w-48" />}
          </div>
          <nav ref={tabs} aria-label={t("pages.label")} className="mt-2 -mb-px flex gap-1 scroll-strip overflow-x-auto">
            {PAGES.filter(({ to }) => to !== "/flow/$id/trigger" || query.data?.type === "AGENTFLOW").map(({ to, label, icon: Icon }) => (
              <Link
                key={to}
                to={to}
                params={{ id }}
                activeProps={{ className: "border-primary text-primary-ink", "aria-current": "page" }}
                inactiveProps={{ className: "border-transparent text-muted hover:text-ink" }}
                className="inline-flex h-10 shrink-0 items-center gap-2 border-b-2 px-3 text-base font-medium transition-colors duration-120 focus-visible:rounded-md focus-visible:-outline-offset-2 [&_svg]:size-4"
              >
                <Icon aria-hidden />
                {t(label)}
              </Link>
            ))}
          </nav>
        </div>
      </div>
      {query.data ? (
        <Outlet />
      ) : (
        <div className="mx-auto w-full max-w-7xl px-4 py-6 sm:px-8">
          <Skeleton className="h-64" />
        </div>
      )}
    </div>
  );
}
