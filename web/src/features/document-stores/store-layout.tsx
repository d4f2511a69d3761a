// What the pages of one store share: its name, how it stands, the work that goes on, and the way from one page to the other.
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useParams, useRouterState } from "@tanstack/react-router";
import { ArrowLeft, DatabaseZap, FileStack, History, Library, Plug, Rows3, Search } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { ALL_LOADERS, storeQuery } from "~/api/document-stores";
import { isApiError } from "~/api/errors";
import { useMay } from "~/api/session";
import { Button } from "~/ui/button";
import { EmptyState, ErrorState, Skeleton } from "~/ui/states";
import { JobNotice } from "./job-notice";
import { useJob } from "./jobs";
import { statusNow } from "./model";
import { StatusBadge } from "./parts";

const TAB =
  "inline-flex h-10 shrink-0 items-center gap-2 border-b-2 px-3 text-base font-medium transition-colors duration-120 focus-visible:rounded-md focus-visible:-outline-offset-2 [&_svg]:size-4";
const ACTIVE = { className: "border-primary text-primary-ink", "aria-current": "page" } as const;
const INACTIVE = { className: "border-transparent text-muted hover:text-ink" } as const;

export function StoreLayout() {
  const { t } = useTranslation("documentStores");
  const { storeId = "" } = useParams({ strict: false });
  const may = useMay();
  const query = useQuery(storeQuery(storeId));
  const job = useJob(storeId);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const tabs = useRef<HTMLElement>(null);
  // On a narrow screen the page one is on may be out of sight in the row.
  useEffect(() => {
    // What it gives in newer browsers is no clean-up.
    void tabs.current?.querySelector("[aria-current=page]")?.scrollIntoView({ inline: "nearest", block: "nearest" });
  }, [path, query.isSuccess]);
  if (isApiError(query.error) && query.error.status === 404) {
    return (
      <EmptyState
        heading="h1"
        icon={<Library />}
        title={t("missing.title")}
        body={t("missing.body")}
        action={
          <Button asChild>
            <Link to="/document-stores">{t("missing.action")}</Link>
          </Button>
        }
      />
    );
  }
  if (query.error && !query.data) return <ErrorState heading="h1" error={query.error} onRetry={() => void query.refetch()} />;
  const store = query.data;
  const tab = { className: TAB, activeProps: ACTIVE, inactiveProps: INACTIVE, activeOptions: { includeSearch: false } };
  return (
    <div className="flex min-h-full flex-col">
      <div className="border-b border-line bg-surface">
        <div className="mx-auto w-full max-w-7xl px-4 pt-4 sm:px-8">
          <div className="flex min-h-8 items-center gap-1">
            <Button asChild variant="ghost" size="icon" className="-ms-2">
              <Link to="/document-stores" aria-label={t("back")}>
                <ArrowLeft aria-hidden className="rtl:rotate-180" />
              </Link>
            </Button>
            {store ? (
              <>
                <p className="min-w-0 truncate text-lg font-semibold tracking-tight">{store.name}</p>
                <StatusBadge status={job?.state === "running" && !store.progress ? (job.kind === "upsert" ? "UPSERTING" : "SYNCING") : statusNow(store)} className="ms-2" />
              </>
            ) : (
              <Skeleton className="h-6 w-48" />
            )}
          </div>
          <nav ref={tabs} aria-label={t("pages.label")} className="mt-2 -mb-px flex gap-1 scroll-strip overflow-x-auto">
            <Link to="/document-stores/$storeId" params={{ storeId }} {...tab}>
              <FileStack aria-hidden />
              {t("pages.loaders")}
            </Link>
            <Link to="/document-stores/chunks/$storeId/$fileId" params={{ storeId, fileId: ALL_LOADERS }} {...tab}>
              <Rows3 aria-hidden />
              {t("pages.chunks")}
            </Link>
            {may("documentStores:upsert-config") && (
              <Link to="/document-stores/vector/$storeId" params={{ storeId }} {...tab}>
                <DatabaseZap aria-hidden />
                {t("pages.vectors")}
              </Link>
            )}
            <Link to="/document-stores/query/$storeId" params={{ storeId }} {...tab}>
              <Search aria-hidden />
              {t("pages.query")}
            </Link>
            <Link to="/document-stores/history/$storeId" params={{ storeId }} {...tab}>
              <History aria-hidden />
              {t("pages.history")}
            </Link>
            <Link to="/document-stores/api/$storeId" params={{ storeId }} {...tab}>
              <Plug aria-hidden />
              {t("pages.api")}
            </Link>
          </nav>
        </div>
      </div>
      {store && <JobNotice store={store} />}
      {store ? (
        <Outlet />
      ) : (
        <div className="mx-auto w-full max-w-7xl px-4 py-6 sm:px-8">
          <Skeleton className="h-64" />
        </div>
      )}
    </div>
  );
}
