// What a page shows when there is nothing, not yet anything, or an error.
import { CloudOff, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { isApiError } from "~/api/errors";
import { cx } from "~/lib/cx";
import { Button } from "./button";
import { Notice } from "./card";
import { CopyButton } from "./copy-button";

export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={cx("animate-pulse-soft rounded-md bg-hover", className)} />;
}

/** Text for screen readers only. */
export function Hidden({ children }: { children: ReactNode }) {
  return <span className="sr-only">{children}</span>;
}

interface StateProps {
  icon: ReactNode;
  title: string;
  body?: ReactNode;
  action?: ReactNode;
  className?: string;
  /** `h1` where this is all there is on the page. */
  heading?: "h1" | "h2";
}

/** Nothing here, why, and what to do next. */
export function EmptyState({ icon, title, body, action, className, heading: Heading = "h2" }: StateProps) {
  return (
    <div className={cx("flex flex-col items-center justify-center gap-1 px-6 py-14 text-center", className)}>
      <div aria-hidden className="mb-3 flex size-12 items-center justify-center rounded-xl bg-primary-soft text-primary-ink [&_svg]:size-6">
        {icon}
      </div>
      <Heading className="text-lg font-semibold text-ink">{title}</Heading>
      {body && <div className="max-w-md text-base text-balance text-muted">{body}</div>}
      {action && <div className="mt-4 flex flex-wrap justify-center gap-2">{action}</div>}
    </div>
  );
}

/** What went wrong in one sentence a person can act on. */
export function useErrorText(): (error: unknown) => string {
  const { t } = useTranslation();
  return (error) => {
    if (!isApiError(error)) return error instanceof Error ? error.message : String(error);
    if (error.kind === "network") return t("error.network");
    if (error.status === 403) return t("error.forbidden");
    return asSentence(error.message);
  };
}

/** The server's reasons begin small, as clauses do; a name in front of one, such as `oldPassword:`, stays as it is written. */
function asSentence(message: string): string {
  return /^[a-z]+ /.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
}

interface ErrorStateProps {
  error: unknown;
  onRetry?: () => void;
  className?: string;
  heading?: "h1" | "h2";
}

/** An error in place of what failed to load: the reason, the request's id, and another try. */
export function ErrorState({ error, onRetry, className, heading: Heading = "h2" }: ErrorStateProps) {
  const { t } = useTranslation();
  const text = useErrorText();
  const requestId = isApiError(error) ? error.requestId : undefined;
  return (
    <div role="alert" className={cx("flex flex-col items-center justify-center gap-1 px-6 py-14 text-center", className)}>
      <div aria-hidden className="mb-3 flex size-12 items-center justify-center rounded-xl bg-danger-soft text-danger">
        <CloudOff className="size-6" />
      </div>
      <Heading className="text-lg font-semibold text-ink">{t("error.title")}</Heading>
      <p className="max-w-md text-base text-muted [overflow-wrap:anywhere]">{text(error)}</p>
      {requestId && (
        <p className="mt-1 flex items-center gap-1 font-mono text-xs text-faint">
          {t("requestId", { id: requestId })}
          <CopyButton text={requestId} label={t("copy")} size="icon-sm" />
        </p>
      )}
      {onRetry && (
        <Button className="mt-4" onClick={onRetry}>
          <RotateCw aria-hidden />
          {t("retry")}
        </Button>
      )}
    </div>
  );
}

/** An error inside a form or a panel: the reason, and the id under which the server knows it. */
export function ErrorNotice({ error, className }: { error: unknown; className?: string }) {
  const { t } = useTranslation();
  const text = useErrorText();
  if (!error) return null;
  const requestId = isApiError(error) ? error.requestId : undefined;
  return (
    <Notice tone="danger" {...(className ? { className } : {})}>
      <p>{text(error)}</p>
      {requestId && <p className="mt-1 font-mono text-xs">{t("requestId", { id: requestId })}</p>}
    </Notice>
  );
}
