// The messages, scrolled along with a growing answer unless the reader looks elsewhere.
import { ArrowDown, MessagesSquare } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "~/ui/button";
import { Notice } from "~/ui/card";
import { EmptyState, Hidden, Skeleton } from "~/ui/states";
import type { ChatMessage } from "../model/messages";
import { AnswerView, QuestionView } from "./message";

export interface ConversationProps {
  messages: ChatMessage[];
  running: boolean;
  history: { isLoading: boolean; error: unknown; reload: () => void };
  /** What stands where nothing was said yet. */
  welcome?: ReactNode;
  /** What comes after the last message, such as a form. */
  children?: ReactNode;
}

export function Conversation({ messages, running, history, welcome, children }: ConversationProps) {
  const { t } = useTranslation("chat");
  const { t: common } = useTranslation();
  const { box, content, atEnd, toEnd } = useFollowing(messages);
  return (
    <div className="relative min-h-0 flex-1">
      {/* Positioned, so that words for the ear, which are, scroll with it and do not lengthen the page. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard */}
      <div ref={box} tabIndex={0} role="log" aria-live="off" aria-label={t("log")} className="relative h-full overflow-y-auto overscroll-contain -outline-offset-2">
        <div ref={content} className="mx-auto flex min-h-full w-full max-w-3xl flex-col gap-5 px-4 py-5">
          {history.isLoading && <HistorySkeleton />}
          {history.error !== null && (
            <Notice
              tone="warning"
              action={
                <Button size="sm" onClick={history.reload}>
                  {common("retry")}
                </Button>
              }
            >
              {t("historyFailed")}
            </Notice>
          )}
          {messages.length === 0 && !history.isLoading && (
            (welcome ?? <EmptyState className="m-auto py-8" icon={<MessagesSquare />} title={t("empty.title")} body={t("empty.body")} />)
          )}
          {messages.map((message, index) =>
            message.role === "question" ? (
              <QuestionView key={message.id} question={message} editable={!running} />
            ) : (
              <AnswerView key={message.id} answer={message} questionId={index === messages.length - 1 ? questionBefore(messages, index) : undefined} />
            ),
          )}
          {children}
        </div>
      </div>
      {!atEnd && (
        <Button size="sm" className="absolute bottom-3 left-1/2 -translate-x-1/2 animate-fade-in rounded-full shadow-md" onClick={toEnd}>
          <ArrowDown aria-hidden />
          {t("latest")}
        </Button>
      )}
    </div>
  );
}

/** The id of the question that answer `index` belongs to. */
function questionBefore(messages: ChatMessage[], index: number): string | undefined {
  const before = messages[index - 1];
  return before?.role === "question" ? before.id : undefined;
}

/** How near to the end still counts as reading the end, in pixels. */
const NEAR_END = 64;

/** Keeps the end in view while the reader is there; a new question always goes there. */
function useFollowing(messages: ChatMessage[]) {
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const [atEnd, setAtEnd] = useState(true);

  const toEnd = useCallback(() => {
    following.current = true;
    box.current?.scrollTo({ top: box.current.scrollHeight });
  }, []);

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const onScroll = () => {
      const near = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END;
      following.current = near;
      setAtEnd(near);
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    // A panel made smaller keeps its end in view; a source that is opened must not move under the reader's eye.
    const panel = new ResizeObserver(() => following.current && toEnd());
    const inside = new ResizeObserver(onScroll);
    panel.observe(element);
    if (content.current) inside.observe(content.current);
    return () => {
      element.removeEventListener("scroll", onScroll);
      panel.disconnect();
      inside.disconnect();
    };
  }, [toEnd]);

  const questions = messages.filter((message) => message.role === "question").length;
  useLayoutEffect(toEnd, [questions, toEnd]);
  useLayoutEffect(() => {
    if (following.current) toEnd();
  }, [messages, toEnd]);
  return { box, content, atEnd, toEnd };
}

function HistorySkeleton() {
  const { t } = useTranslation("chat");
  return (
    <div role="status" className="flex flex-col gap-4">
      <Hidden>{t("historyLoading")}</Hidden>
      <Skeleton className="h-10 w-2/5 self-end" />
      <Skeleton className="h-4 w-11/12" />
      <Skeleton className="h-4 w-4/5" />
    </div>
  );
}
