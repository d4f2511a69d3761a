// The work that goes on in a store, and how the last of it ended.
import { Link, useRouterState } from "@tanstack/react-router";
import { LoaderCircle, X } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { type DocumentStore, isWorkedOn } from "~/api/document-stores";
import { Button } from "~/ui/button";
import { Notice } from "~/ui/card";
import { dismissJob, isWorthKeeping, type Job, useJob, watchJobs } from "./jobs";
import { useNumber } from "./parts";

/** Pages where work is not begun: how it ended would only be in the way there. */
const ELSEWHERE = /^\/document-stores\/(?:chunks|query|history|api)\//;

export function JobNotice({ store }: { store: DocumentStore }) {
  const job = useJob(store.id);
  const isHere = useRouterState({ select: ({ location }) => !ELSEWHERE.test(location.pathname) });
  useEffect(() => (isHere ? watchJobs(store.id) : undefined), [store.id, isHere]);
  const isRunning = job?.state === "running" || (isWorkedOn(store) && job === undefined);
  if (!isRunning && !(isHere && job && isWorthKeeping(job))) return null;
  return (
    <div className="mx-auto w-full max-w-7xl px-4 pt-5 sm:px-8">
      {isRunning ? <Running store={store} job={job} /> : job && <Ended job={job} />}
    </div>
  );
}

function Running({ store, job }: { store: DocumentStore; job: Job | undefined }) {
  const { t } = useTranslation("documentStores");
  const stage = store.progress?.stage ?? (store.status === "UPSERTING" ? "writing" : job?.kind === "upsert" ? "writing" : "loading");
  const present = job?.present ?? store.loaders.find((loader) => loader.id === store.progress?.loader)?.loaderName;
  const [done, total] = job && job.total > 1 ? [job.done, job.total] : [store.progress?.done ?? 0, store.progress?.total ?? 1];
  const about = job?.kind === "removeVectors" ? t("job.removing") : stage === "writing" ? t("job.writing") : present ? t("job.loading", { name: present }) : t("job.loadingSome");
  return (
    <div role="status" className="flex flex-col gap-2 rounded-md bg-primary-soft px-3 py-2.5 text-sm text-primary-ink">
      <p className="flex items-center gap-2.5">
        <LoaderCircle aria-hidden className="size-4 shrink-0 animate-spin" />
        <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">{about}</span>
        {total > 1 && <span className="tabular-nums">{t("job.of", { done, total })}</span>}
      </p>
      {total > 1 && (
        <span aria-hidden className="h-1.5 overflow-hidden rounded-full bg-surface">
          <span className="block h-full rounded-full bg-primary transition-[width] duration-240" style={{ width: `${Math.round((done / total) * 100)}%` }} />
        </span>
      )}
      <p className="ps-6.5 text-xs">{t("job.goesOn")}</p>
    </div>
  );
}

function Ended({ job }: { job: Job }) {
  const { t } = useTranslation("documentStores");
  const { t: common } = useTranslation();
  const number = useNumber();
  const close = (
    <Button variant="ghost" size="icon-sm" aria-label={common("close")} className="-m-1 text-inherit!" onClick={() => dismissJob(job.id)}>
      <X aria-hidden />
    </Button>
  );
  const { counts } = job;
  return (
    <Notice tone={job.state === "failed" ? "danger" : "success"} action={close}>
      <p className="font-medium">{t(job.state === "failed" ? `job.${job.kind}.failed` : `job.${job.kind}.done`, { name: job.name })}</p>
      {job.failures.length > 0 && (
        <ul className="mt-1 flex list-disc flex-col gap-1 ps-4">
          {job.failures.map((failure) => (
            <li key={`${failure.name} ${failure.reason}`}>{failure.name ? t("job.failure", failure) : failure.reason}</li>
          ))}
        </ul>
      )}
      {job.kind === "process" && job.done - job.failures.length > 0 && job.failures.length > 0 && <p className="mt-1">{t("job.process.others", { count: job.done - job.failures.length })}</p>}
      {counts && (
        <p className="mt-0.5 flex flex-wrap gap-x-4">
          {(["added", "updated", "skipped", "deleted"] as const).map((key) => (
            <span key={key} className="tabular-nums">
              {t(`result.${key}`)} <strong>{number(counts[key])}</strong>
            </span>
          ))}
          <Link to="/document-stores/query/$storeId" params={{ storeId: job.storeId }} className="font-medium underline underline-offset-2">
            {t("result.test")}
          </Link>
        </p>
      )}
    </Notice>
  );
}
