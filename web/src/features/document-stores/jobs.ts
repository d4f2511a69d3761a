// Long work on stores: it goes on, and tells how it ended, whatever page one is on meanwhile.
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { create } from "zustand";
import { type DocumentStoreLoader, processLoader, refreshStore, removeVectors, storeQuery, upsertStore } from "~/api/document-stores";
import { useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { sumOf } from "./model";

export type JobKind = "process" | "upsert" | "refresh" | "removeVectors";

export interface Job {
  id: number;
  storeId: string;
  kind: JobKind;
  /** What is worked on: the store, or one loader of it. */
  name: string;
  state: "running" | "done" | "failed";
  /** How many loaders are done, and how many there are to do. */
  done: number;
  total: number;
  /** The loader that is worked on. */
  present: string | undefined;
  /** What went wrong, by loader; "" where it was none of a loader's. */
  failures: { name: string; reason: string }[];
  counts: ReturnType<typeof sumOf> | undefined;
}

export const useJobStore = create<{ jobs: readonly Job[] }>(() => ({ jobs: [] }));

let nextId = 1;

/** Stores whose pages are open: there the outcome stands on the page itself. */
const watched = new Map<string, number>();

/** Says that the outcome of jobs on `storeId` is in view; gives what ends that. */
export function watchJobs(storeId: string): () => void {
  watched.set(storeId, (watched.get(storeId) ?? 0) + 1);
  return () => void watched.set(storeId, (watched.get(storeId) ?? 1) - 1);
}

/** Whether it tells more than a passing notice can. */
export function isWorthKeeping(job: Job): boolean {
  return job.state === "failed" || job.counts !== undefined;
}

function put(job: Job): void {
  useJobStore.setState(({ jobs }) => ({ jobs: jobs.some((other) => other.id === job.id) ? jobs.map((other) => (other.id === job.id ? job : other)) : [...jobs.filter((other) => other.storeId !== job.storeId || other.state === "running"), job] }));
}

/** Takes a job that has ended out of sight. */
export function dismissJob(id: number): void {
  useJobStore.setState(({ jobs }) => ({ jobs: jobs.filter((job) => job.id !== id) }));
}

/** The newest job of a store. */
export function useJob(storeId: string): Job | undefined {
  return useJobStore((state) => state.jobs.findLast((job) => job.storeId === storeId));
}

type Named = Pick<DocumentStoreLoader, "id" | "loaderName">;

export interface Jobs {
  process: (loaders: readonly Named[]) => Promise<void>;
  /** All loaders, or one. */
  upsert: (loader?: string) => Promise<void>;
  refresh: (loaders?: readonly string[]) => Promise<void>;
  removeVectors: (loader?: string) => Promise<void>;
}

/** What takes its time on the store `storeId`. None of these throws: they tell in the page's notices. */
export function useJobs(storeId: string, storeName: string): Jobs {
  const { t } = useTranslation("documentStores");
  const errorText = useErrorText();
  const client = useQueryClient();
  const reread = () =>
    Promise.all([["document-store", storeId], ["document-stores"], ["document-chunks", storeId], ["upserts", storeId]].map((queryKey) => client.invalidateQueries({ queryKey }).catch(() => undefined)));

  async function run(kind: JobKind, name: string, total: number, work: (job: Job, tell: (more: Partial<Job>) => void) => Promise<void>): Promise<void> {
    let job: Job = { id: nextId, storeId, kind, name, state: "running", done: 0, total, present: undefined, failures: [], counts: undefined };
    nextId += 1;
    const tell = (more: Partial<Job>) => {
      job = { ...job, ...more };
      put(job);
    };
    tell({});
    // The store says that it is worked on only once it is read again.
    void client.invalidateQueries({ queryKey: ["document-store", storeId] });
    try {
      await work(job, tell);
    } catch (error) {
      tell({ failures: [...job.failures, { name: "", reason: errorText(error) }] });
    }
    tell({ state: job.failures.length > 0 ? "failed" : "done", present: undefined });
    await reread();
    if (isWorthKeeping(job) && (watched.get(storeId) ?? 0) > 0) return;
    if (job.failures.length > 0) toast.error(t(`job.${kind}.failed`, { name: job.name }));
    else toast.success(t(`job.${kind}.done`, { name: job.name }));
  }

  return {
    process: (loaders) =>
      run("process", loaders.length === 1 && loaders[0] ? loaders[0].loaderName : storeName, loaders.length, async (first, tell) => {
        const failures = [...first.failures];
        for (const [at, loader] of loaders.entries()) {
          tell({ done: at, present: loader.loaderName });
          try {
            await processLoader(storeId, loader.id);
          } catch (error) {
            failures.push({ name: loader.loaderName, reason: errorText(error) });
          }
          tell({ done: at + 1, failures: [...failures] });
          void client.invalidateQueries({ queryKey: ["document-store", storeId] });
        }
      }),
    upsert: (loader) => run("upsert", storeName, 1, async (_, tell) => tell({ counts: sumOf([await upsertStore(storeId, loader)]), done: 1 })),
    refresh: (loaders) => run("refresh", storeName, 1, async (_, tell) => {
        tell({ counts: sumOf(await refreshStore(storeId, loaders)), done: 1 });
        // A loader that failed is told with the loader; the others went on.
        const { loaders: after } = await client.fetchQuery({ ...storeQuery(storeId), staleTime: 0 });
        tell({ failures: after.flatMap((loader) => (loader.error && (!loaders || loaders.includes(loader.id)) ? [{ name: loader.loaderName, reason: loader.error }] : [])) });
      }),
    removeVectors: (loader) => run("removeVectors", storeName, 1, async () => void (await removeVectors(storeId, loader))),
  };
}
