// The list of conversations beside the one that is open; on a phone one after the other.
import { ArrowLeft, MessagesSquare, SearchX, ThumbsDown, ThumbsUp } from "lucide-react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { relativeTime } from "~/lib/time";
import { Button } from "~/ui/button";
import { Chip } from "~/ui/card";
import { EmptyState, ErrorState, Hidden, Skeleton } from "~/ui/states";
import { isFiltered } from "./filters";
import { asSource, type MessagesSearch } from "./search";
import type { Session, SessionHead } from "./sessions";
import { Thread } from "./thread";

export interface BrowserProps {
  query: { isPending: boolean; error: unknown; refetch: () => unknown; hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
  /** With the search applied. On a wide screen the frame ends with the window: `--above` says how much of the height is taken. */
  sessions: readonly (Session | SessionHead)[];
  search: MessagesSearch;
  onSearch: (more: MessagesSearch, replace: boolean) => void;
  /** Whose conversations these are, where they do not say so themselves. */
  flowId?: string;
  emptyBody: string;
}

export function ConversationBrowser({ query, sessions, search, onSearch, flowId, emptyBody }: BrowserProps) {
  const { t } = useTranslation("conversations");
  const open = sessions.find((session) => session.key === search.session);
  // On a wide screen something is always open; on a phone the list comes first.
  const shown = open ?? sessions[0];
  const isNarrowed = isFiltered(search) || Boolean(search.q);
  const isHere = !query.isPending && !query.error;
  const clear = () => onSearch({ q: undefined, type: undefined, kind: undefined, feedback: undefined, from: undefined, to: undefined, session: undefined }, false);
  const older = query.hasNextPage && (
    <Button variant="ghost" className="m-2" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
      {t("more")}
    </Button>
  );
  return (
    <>
      {Boolean(query.error) && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && (
        <div role="status">
          <Hidden>{t("loading")}</Hidden>
          <div className="flex flex-col gap-2">
            {[0, 1, 2, 3, 4, 5].map((row) => (
              <Skeleton key={row} className="h-16" />
            ))}
          </div>
        </div>
      )}
      {isHere && sessions.length === 0 && isNarrowed && (
        <EmptyState
          icon={<SearchX />}
          title={t("nothing.title")}
          body={t("nothing.body")}
          action={
            <>
              <Button onClick={clear}>{t("nothing.action")}</Button>
              {older}
            </>
          }
        />
      )}
      {isHere && sessions.length === 0 && !isNarrowed && <EmptyState icon={<MessagesSquare />} title={t("empty.title")} body={emptyBody} />}
      {shown && (
        <div className="grid min-h-96 overflow-hidden rounded-lg border border-line bg-surface shadow-sm lg:h-[calc(100dvh-var(--above))] lg:grid-cols-[20rem_minmax(0,1fr)]">
          <div className={cx("flex min-h-0 flex-col border-line lg:border-e", open && "max-lg:hidden")}>
            <ul aria-label={t("list")} className="min-h-0 flex-1 divide-y divide-line overflow-y-auto">
              {sessions.map((session) => (
                <li key={session.key}>
                  <SessionButton session={session} current={session === shown} onOpen={() => onSearch({ session: session.key }, false)} />
                </li>
              ))}
            </ul>
            {older}
          </div>
          <div className={cx("flex min-h-0 min-w-0 flex-col", !open && "max-lg:hidden")}>
            <Button variant="ghost" className="m-2 self-start lg:hidden" onClick={() => onSearch({ session: undefined }, false)}>
              <ArrowLeft aria-hidden className="rtl:rotate-180" />
              {t("toList")}
            </Button>
            <Thread key={shown.key} flowId={shown.flow?.id ?? flowId ?? ""} session={shown} onDeleted={() => onSearch({ session: undefined }, true)} />
          </div>
        </div>
      )}
    </>
  );
}

function SessionButton({ session, current, onOpen }: { session: SessionHead; current: boolean; onOpen: () => void }) {
  const { t, i18n } = useTranslation("conversations");
  return (
    <button
      type="button"
      aria-current={current || undefined}
      onClick={onOpen}
      className={cx("flex w-full flex-col gap-1 px-4 py-3 text-start -outline-offset-2 transition-colors duration-120 hover:bg-hover", current && "lg:bg-primary-soft")}
    >
      <span className="flex items-start gap-3">
        <span className="line-clamp-2 min-w-0 flex-1 text-sm font-medium text-ink [overflow-wrap:anywhere]">{session.title || t("untitled")}</span>
        <span className="flex shrink-0 items-center gap-2 text-xs leading-5 empty:hidden">
          {session.up > 0 && (
            <span className="flex items-center gap-1 text-success">
              <ThumbsUp aria-hidden className="size-3.5" />
              <Hidden>{t("up")}</Hidden>
              {session.up}
            </span>
          )}
          {session.down > 0 && (
            <span className="flex items-center gap-1 text-danger">
              <ThumbsDown aria-hidden className="size-3.5" />
              <Hidden>{t("down")}</Hidden>
              {session.down}
            </span>
          )}
        </span>
      </span>
      <span className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-muted">
        <time dateTime={session.last}>{relativeTime(session.last, i18n.language)}</time>
        <span aria-hidden>·</span>
        <span>{t("messages", { count: session.count })}</span>
        {session.chatType !== "INTERNAL" && <Chip>{t(`source.${asSource(session.chatType) ?? "EXTERNAL"}`)}</Chip>}
      </span>
      {session.flow && <span className="truncate text-xs font-medium text-primary-ink">{session.flow.name || t("untitledFlow")}</span>}
      {session.leadEmail && <span className="truncate text-xs text-muted">{session.leadEmail}</span>}
    </button>
  );
}
