// `/chatflows`: find a flow and open it. Search, page and page size live in the address.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { SearchX, Upload, Workflow } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { allChatflowsQuery, chatflowsQuery } from "~/api/queries";
import { may, useSession } from "~/api/session";
import type { Chatflow } from "~/api/types";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { SearchField } from "~/ui/input";
import { Pager } from "~/ui/pager";
import { EmptyState, ErrorState, Hidden, useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { FlowCard, FlowCardSkeleton } from "./flow-card";
import { ImportError, importFlow } from "./import-flow";
import { matches } from "./summary";

const LIMITS = [12, 24, 48, 96] as const;
const DEFAULT_LIMIT = 24;
/** Time after the last key before the address follows the search box, in milliseconds. */
const TYPING_PAUSE = 250;

export function ChatflowsPage() {
  const { t } = useTranslation("flows");
  const search = useSearch({ from: "/signed-in/shell/chatflows" });
  const query = search.q ?? "";
  const { flows, total, isPending, error, refetch, page, limit, setPage } = useFlowList(query);
  const isEmpty = !isPending && !error && total === 0 && !query;
  useTitle(t("title"));
  return (
    <div className="mx-auto flex w-full max-w-7xl flex-col gap-5 px-4 py-6 sm:px-8 sm:py-8">
      <div className="flex flex-wrap items-end justify-between gap-4">
        <div>
          <h1 className="text-2xl font-semibold tracking-tight">{t("title")}</h1>
          <p className="mt-0.5 text-base text-muted">{t("lead")}</p>
        </div>
        <ImportButton />
      </div>
      {!isEmpty && (
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <FlowSearch query={query} />
          <p role="status" className="text-sm text-muted">
            {!isPending && !error && t(query ? "found" : "count", { count: total })}
          </p>
        </div>
      )}
      {error ? (
        <ErrorState error={error} onRetry={refetch} />
      ) : (
        <FlowGrid flows={flows} isPending={isPending} query={query} />
      )}
      {!error && total > Math.min(limit, LIMITS[0]) && <Pager page={page} limit={limit} total={total} limits={LIMITS} onChange={setPage} />}
    </div>
  );
}

/**
 * The flows to show. Unsearched, the server sends one page; it knows no search, so a search reads the
 * whole list once and pages through what matches.
 */
function useFlowList(query: string) {
  const search = useSearch({ from: "/signed-in/shell/chatflows" });
  const navigate = useNavigate({ from: "/chatflows" });
  const page = search.page ?? 1;
  const limit = search.limit ?? DEFAULT_LIMIT;
  const paged = useQuery({ ...chatflowsQuery(page, limit), enabled: !query });
  const all = useQuery(allChatflowsQuery(Boolean(query)));
  const setPage = (nextPage: number, nextLimit: number) =>
    void navigate({ search: { ...search, page: nextPage === 1 ? undefined : nextPage, limit: nextLimit === DEFAULT_LIMIT ? undefined : nextLimit } });

  const { data, error, isPending, refetch } = query ? all : paged;
  const found = query ? (data?.data ?? []).filter((flow) => matches(flow, query)) : (data?.data ?? []);
  const total = query ? found.length : (data?.total ?? 0);
  // A server that ignores paging sends everything, as a search does.
  const flows = found.length > limit ? found.slice((page - 1) * limit, page * limit) : found;
  return { flows, total, error, isPending, refetch: () => void refetch(), page, limit, setPage };
}

function FlowGrid({ flows, isPending, query }: { flows: Chatflow[]; isPending: boolean; query: string }) {
  const { t } = useTranslation("flows");
  const { t: common } = useTranslation();
  const navigate = useNavigate({ from: "/chatflows" });
  const grid = "grid grid-cols-[repeat(auto-fill,minmax(min(19rem,100%),1fr))] gap-4";
  if (isPending) {
    return (
      <div className={grid}>
        <Hidden>{common("loading")}</Hidden>
        {Array.from({ length: 6 }, (_, index) => (
          <FlowCardSkeleton key={index} />
        ))}
      </div>
    );
  }
  if (flows.length === 0 && query) {
    return (
      <EmptyState
        icon={<SearchX />}
        title={t("nothingFound.title", { query })}
        body={t("nothingFound.body")}
        action={<Button onClick={() => void navigate({ search: {} })}>{t("nothingFound.action")}</Button>}
      />
    );
  }
  if (flows.length === 0) return <EmptyState icon={<Workflow />} title={t("empty.title")} body={t("empty.body")} />;
  return (
    <ul className={grid}>
      {flows.map((flow) => (
        <li key={flow.id}>
          <FlowCard flow={flow} />
        </li>
      ))}
    </ul>
  );
}

function FlowSearch({ query }: { query: string }) {
  const { t } = useTranslation("flows");
  const navigate = useNavigate({ from: "/chatflows" });
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(query);
  const [before, setBefore] = useState(query);
  if (query !== before) {
    // The address changed by itself: a link, or going back.
    setBefore(query);
    setText(query);
  }
  useEffect(() => {
    if (text === query) return undefined;
    const timer = setTimeout(() => {
      void navigate({ search: (old) => ({ ...old, q: text || undefined, page: undefined }), replace: true });
    }, TYPING_PAUSE);
    return () => clearTimeout(timer);
  }, [text, query, navigate]);
  return <SearchField ref={field} value={text} onChange={setText} label={t("search")} clearLabel={t("clearSearch")} className="w-full sm:w-80" />;
}

function ImportButton() {
  const { t } = useTranslation("flows");
  const errorText = useErrorText();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const user = useSession((state) => state.user);
  const input = useRef<HTMLInputElement>(null);
  const load = useMutation({
    mutationFn: importFlow,
    onSuccess: async (flow) => {
      toast.success(t("import.done", { name: flow.name }));
      await queryClient.invalidateQueries({ queryKey: ["chatflows"] });
      await navigate({ to: "/canvas/$id", params: { id: flow.id } });
    },
    onError: (error, file) => {
      if (error instanceof ImportError) toast.error(t(`import.${error.reason}`, { file: file.name }));
      else toast.error(t("import.failed", { reason: errorText(error) }));
    },
  });
  if (!may(user, "chatflows:create")) return null;
  return (
    <>
      <input
        ref={input}
        type="file"
        accept="application/json,.json"
        tabIndex={-1}
        aria-hidden
        className="hidden"
        onChange={(event) => {
          const file = event.target.files?.[0];
          // Emptied, so that choosing the same file again counts as a change.
          event.target.value = "";
          if (file) load.mutate(file);
        }}
      />
      <Button variant="primary" busy={load.isPending} onClick={() => input.current?.click()}>
        {!load.isPending && <Upload aria-hidden />}
        {t(load.isPending ? "import.working" : "import.action")}
      </Button>
    </>
  );
}
