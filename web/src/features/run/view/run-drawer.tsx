// One run beside the page that led to it: a chatflow's trace, or the turns of an agentflow.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { ExternalLink, RefreshCw, Share2, Trash2, Workflow, X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { may, useSession } from "~/api/session";
import { absoluteTime } from "~/lib/time";
import { Button } from "~/ui/button";
import { Chip, Notice } from "~/ui/card";
import { CopyButton } from "~/ui/copy-button";
import { ConfirmDialog } from "~/ui/dialog";
import { useReturnFocus } from "~/ui/return-focus";
import { ErrorState, Skeleton, useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import type { OpenDecision } from "../model/run-store";
import { deleteExecutions, type Execution, executionQuery, runQuery, shareExecution, statusOfRun } from "../model/runs-api";
import { rowsOfExecution, rowsOfSpans } from "../model/trace";
import { useDecision } from "../model/use-decision";
import { duration, money, stateKey } from "./figures";
import { StatusIcon } from "./status-icon";
import { ValueView } from "./value-view";
import { TraceView, type TraceViewProps } from "./trace-view";

interface DrawerProps {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
}

/** A wide panel at the end of the page; the whole page on a phone. */
function WideDrawer({ open, onClose, title, children }: DrawerProps) {
  const { t } = useTranslation();
  const { remember, onCloseAutoFocus } = useReturnFocus();
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 animate-fade-in bg-scrim" />
        <Radix.Content aria-describedby={undefined} onOpenAutoFocus={remember} onCloseAutoFocus={onCloseAutoFocus} className="fixed inset-y-0 end-0 z-50 flex w-[min(68rem,100vw)] animate-slide-in flex-col border-s border-line bg-overlay shadow-lg outline-none">
          <div className="flex h-14 shrink-0 items-center gap-2 border-b border-line ps-4 pe-2">
            <Radix.Title className="min-w-0 flex-1 truncate text-base font-semibold">{title}</Radix.Title>
            <Radix.Close asChild>
              <Button variant="ghost" size="icon" aria-label={t("close")}>
                <X aria-hidden />
              </Button>
            </Radix.Close>
          </div>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function Waiting() {
  return (
    <div role="status" className="flex flex-col gap-3 p-5">
      <Skeleton className="h-6 w-64" />
      <Skeleton className="h-40" />
    </div>
  );
}

/** The trace of run `id`, the `chatMessageId` of its answer; closed while `id` is undefined. */
export function RunDrawer({ id, onClose }: { id: string | undefined; onClose: () => void }) {
  const { t, i18n } = useTranslation("run");
  const run = useQuery({ ...runQuery(id ?? ""), enabled: id !== undefined });
  const rows = useMemo(() => rowsOfSpans(run.data?.spans ?? []), [run.data]);
  const { data } = run;
  const tokens = data && (data.inputTokens ?? 0) + (data.outputTokens ?? 0);
  return (
    <WideDrawer open={id !== undefined} onClose={onClose} title={data?.flowName ?? t("run")}>
      {run.isPending && <Waiting />}
      {run.isError && <ErrorState error={run.error} onRetry={() => void run.refetch()} />}
      {data && (
        <>
          <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-2.5 text-sm text-muted">
            <span className="flex items-center gap-1.5">
              <StatusIcon status={statusOfRun(data.state)} />
              {t(stateKey(statusOfRun(data.state)))}
            </span>
            <span>{absoluteTime(data.startedDate, i18n.language)}</span>
            <span className="tabular-nums">{duration(data.milliseconds)}</span>
            {Boolean(tokens) && <span className="tabular-nums">{t("tokensTotal", { count: tokens })}</span>}
            {data.cost !== null && <span className="tabular-nums">{money(data.cost, i18n.language)}</span>}
            {data.draft && <span>{t("ofDraft")}</span>}
            {!data.draft && data.version !== null && <span>{t("ofVersion", { number: data.version })}</span>}
            <Link to="/canvas/$id" params={{ id: data.flowId }} search={data.error?.nodeId ? { node: data.error.nodeId } : {}} className="ms-auto flex items-center gap-1.5 rounded-sm text-primary-ink hover:underline">
              <ExternalLink aria-hidden className="size-4" />
              {t("openFlow")}
            </Link>
          </div>
          {data.question && <p className="line-clamp-2 shrink-0 border-b border-line px-4 py-2.5 text-base [overflow-wrap:anywhere]">{data.question}</p>}
          <TraceView rows={rows} leftOut={data.spansLeftOut} />
        </>
      )}
    </WideDrawer>
  );
}

/** An agentflow's run: its turns, what it waits for, and what can be done with it. */
export function ExecutionDrawer({ id, flowName, onClose }: { id: string | undefined; flowName: string | undefined; onClose: () => void }) {
  const { t } = useTranslation("run");
  const execution = useQuery({ ...executionQuery(id ?? "", "internal"), enabled: id !== undefined });
  return (
    <WideDrawer open={id !== undefined} onClose={onClose} title={flowName ?? t("execution")}>
      {execution.isPending && <Waiting />}
      {execution.isError && <ErrorState error={execution.error} onRetry={() => void execution.refetch()} />}
      {execution.data && (
        <>
          <ExecutionBar execution={execution.data} onRefresh={() => void execution.refetch()} onDeleted={onClose} />
          <ExecutionDecision execution={execution.data} />
          <ExecutionSteps execution={execution.data} />
        </>
      )}
    </WideDrawer>
  );
}

export function ExecutionSteps({ execution, ...rest }: { execution: Execution } & Pick<TraceViewProps, "actions" | "onChosen" | "look">) {
  const rows = useMemo(() => rowsOfExecution(execution.executionData), [execution.executionData]);
  return <TraceView key={`${execution.id}-${rows.length}`} rows={rows} {...rest} />;
}

/** What a run took and cost, as small words. */
export function SpentFigures({ spent }: { spent: Execution["spent"] }) {
  const { t, i18n } = useTranslation("run");
  if (!spent) return null;
  const tokens = spent.inputTokens + spent.outputTokens;
  return (
    <>
      {spent.milliseconds > 0 && <span className="whitespace-nowrap tabular-nums">{duration(spent.milliseconds)}</span>}
      {tokens > 0 && <span className="whitespace-nowrap tabular-nums">{t("tokensTotal", { count: tokens })}</span>}
      {(spent.cost > 0 || tokens > 0) && <span className="whitespace-nowrap tabular-nums">{money(spent.cost, i18n.language)}</span>}
    </>
  );
}

function ExecutionBar({ execution, onRefresh, onDeleted }: { execution: Execution; onRefresh: () => void; onDeleted: () => void }) {
  const { t, i18n } = useTranslation("run");
  const { t: common } = useTranslation();
  const errorText = useErrorText();
  const user = useSession((state) => state.user);
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const shared = execution.isPublic === true;
  const address = `${window.location.origin}/execution/${execution.id}`;
  const reload = () => Promise.all([queryClient.invalidateQueries({ queryKey: ["executions"] }), queryClient.invalidateQueries({ queryKey: ["execution"] })]);
  const share = useMutation({
    mutationFn: () => shareExecution(execution.id, !shared),
    onSuccess: () => {
      toast.success(t(shared ? "unshared" : "shared"));
      return reload();
    },
    onError: (error) => toast.error(errorText(error)),
  });
  const remove = useMutation({
    mutationFn: () => deleteExecutions([execution.id]),
    onSuccess: () => {
      setAsking(false);
      onDeleted();
      toast.success(t("deleted", { count: 1 }));
      return reload();
    },
    onError: (error) => toast.error(errorText(error)),
  });
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-2 text-sm text-muted">
      <span className="flex items-center gap-1.5">
        <StatusIcon status={execution.state} />
        {t(stateKey(execution.state))}
      </span>
      <span>{absoluteTime(execution.createdDate, i18n.language)}</span>
      <SpentFigures spent={execution.spent} />
      {execution.flowSource && execution.flowSource !== "published" && <Chip>{t(`source.${execution.flowSource}`)}</Chip>}
      {execution.rerunOf && (
        <Link to="/executions" search={((before: object) => ({ ...before, execution: execution.rerunOf?.executionId })) as never} className="rounded-sm text-primary-ink hover:underline">
          {t("rerunOf")}
        </Link>
      )}
      <span className="flex min-w-0 items-center gap-0.5 font-mono text-xs">
        <span title={execution.id} className="max-w-28 truncate">{execution.id}</span>
        <CopyButton text={execution.id} label={t("copyId")} size="icon-sm" />
      </span>
      <div className="ms-auto flex flex-wrap items-center gap-1">
        <Button asChild size="sm">
          <Link to="/v2/agentcanvas/$id" params={{ id: execution.agentflowId }} search={{ run: execution.id }}>
            <Workflow aria-hidden />
            {t("onCanvas")}
          </Link>
        </Button>
        {shared && <CopyButton text={address} label={t("copyLink")} />}
        {may(user, "executions:update") && (
          <Button size="sm" aria-pressed={shared} busy={share.isPending} onClick={() => share.mutate()}>
            <Share2 aria-hidden />
            {t(shared ? "unshare" : "share")}
          </Button>
        )}
        <Button variant="ghost" size="icon" aria-label={t("refresh")} onClick={onRefresh}>
          <RefreshCw aria-hidden />
        </Button>
        {may(user, "executions:delete") && (
          <Button variant="ghost" size="icon" aria-label={common("delete")} onClick={() => setAsking(true)}>
            <Trash2 aria-hidden />
          </Button>
        )}
      </div>
      <ConfirmDialog open={asking} onOpenChange={setAsking} title={t("deleteTitle", { count: 1 })} description={t("deleteBody")} confirm={common("delete")} busy={remove.isPending} onConfirm={() => remove.mutate()} />
    </div>
  );
}

/** The buttons of a run that waits for a person. */
export function ExecutionDecision({ execution, decision }: { execution: Execution; decision?: OpenDecision | undefined }) {
  const { t } = useTranslation("run");
  const own = useDecision(execution);
  const open = decision ?? own;
  const [reason, setReason] = useState("");
  if (!open) return null;
  const { action, busy = false, decide } = open;
  return (
    <div className="shrink-0 border-b border-line p-4">
      <Notice tone="warning">
        <p>{t(action.breakpoint ? "waitsAtBreakpoint" : action.toolCalls.length > 0 ? "waitsWithTools" : "waitsForYou")}</p>
        {action.toolCalls.map((call, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- calls have no identity but their order
          <ValueView key={index} label={call.name} value={call.input} raw />
        ))}
        {action.feedback && (
          <label className="mt-2 block text-ink">
            <span className="text-sm font-medium">{t("reason")}</span>
            <textarea rows={2} value={reason} onChange={(event) => setReason(event.target.value)} className="mt-1 block w-full rounded-md border border-control bg-surface px-3 py-2 text-base text-ink" />
          </label>
        )}
        <div className="mt-2.5 flex flex-wrap gap-2">
          <Button variant="primary" size="sm" busy={busy} onClick={() => decide(true, reason.trim())}>
            {action.breakpoint ? t("goOn") : action.approve}
          </Button>
          <Button size="sm" disabled={busy} onClick={() => decide(false, reason.trim())}>
            {action.breakpoint ? t("stopHere") : action.reject}
          </Button>
        </div>
      </Notice>
    </div>
  );
}
