// A flow that runs by itself: the switch, when it is due next, and what came of the times before.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CalendarClock, ListTree, Play, Trash2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { may, useSession } from "~/api/session";
import { deleteFirings, fireSchedule, firingsQuery, type Schedule, type ScheduleLog, scheduleQuery, type ScheduleStatus, switchSchedule } from "~/api/triggers";
import type { Flow } from "~/api/types/Flow";
import { deleteWithUndo, ListPage, useListState } from "~/features/list";
import { cx } from "~/lib/cx";
import { nextTimes } from "~/lib/cron";
import { absoluteTime, relativeTime } from "~/lib/time";
import { Button } from "~/ui/button";
import { Card, Chip, Notice } from "~/ui/card";
import { SwitchField } from "~/ui/form";
import { ErrorNotice, Skeleton, useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { ToCanvas } from "./parts";

const STATUSES = ["RUNNING", "SUCCEEDED", "FAILED", "SKIPPED"] as const;
type Status = (typeof STATUSES)[number];
const FILTERS = ["status"];
const TONES: Record<Status, string> = { RUNNING: "bg-primary-soft text-primary-ink", SUCCEEDED: "bg-success-soft text-success", FAILED: "bg-danger-soft text-danger", SKIPPED: "bg-warning-soft text-warning" };
const MOST_ON_A_PAGE = [12, 24, 48, 96] as const;
/** How many due times are told. */
const AHEAD = 5;

const statusOf = (text: string): Status | undefined => STATUSES.find((status) => status === text);
const idOf = (row: ScheduleLog) => row.id;

export function ScheduleView({ flow }: { flow: Flow }) {
  const { t, i18n } = useTranslation("triggers");
  const { t: common } = useTranslation();
  const { t: listText } = useTranslation("list");
  const errorText = useErrorText();
  const client = useQueryClient();
  const user = useSession((state) => state.user);
  const list = useListState({ name: "firings", sort: { key: "scheduledAt", descending: true }, filters: FILTERS });
  const query = useQuery(firingsQuery(flow.id, { status: list.filters["status"]?.[0], page: list.page, limit: list.limit }));
  const mayDelete = may(user, "executions:delete") || may(user, "agentflows:update");
  const seconds = new Intl.NumberFormat(i18n.language, { style: "unit", unit: "second", maximumFractionDigits: 1 });
  const remove = (rows: readonly ScheduleLog[]) =>
    deleteWithUndo({
      ids: rows.map(idOf),
      done: listText("deletedMany", { count: rows.length }),
      undo: listText("undo"),
      remove: (id) => deleteFirings(flow.id, [id]),
      settled: () => client.invalidateQueries({ queryKey: ["firings", flow.id] }),
      failed: (error) => toast.error(listText("deleteFailed", { reason: errorText(error) })),
    });
  return (
    <ListPage<ScheduleLog>
      framed
      list={list}
      title={t("schedule.title")}
      lead={t("schedule.lead")}
      actions={<ToCanvas flow={flow} />}
      above={<Now flow={flow} />}
      query={query}
      rows={query.data?.data ?? []}
      total={query.data?.total ?? 0}
      limits={MOST_ON_A_PAGE}
      idOf={idOf}
      nameOf={(row) => absoluteTime(row.scheduledAt, i18n.language)}
      countText={(count) => t("schedule.count", { count })}
      filters={[{ key: "status", label: t("schedule.status"), single: true, options: STATUSES.map((value) => ({ value, label: t(`schedule.state.${value}`) })) }]}
      columns={[
        { key: "scheduledAt", label: t("schedule.due"), fixed: true, onPhone: true, cell: (row) => <span className="flex flex-wrap items-center gap-2"><time dateTime={row.scheduledAt} className="font-medium whitespace-nowrap">{absoluteTime(row.scheduledAt, i18n.language)}</time>{row.byHand && <Chip>{t("schedule.byHand")}</Chip>}</span> },
        { key: "status", label: t("schedule.status"), onPhone: true, cell: (row) => <StatusChip status={row.status} /> },
        { key: "took", label: t("schedule.took"), cell: (row) => row.elapsedTimeMs !== null && <span className="text-muted tabular-nums">{seconds.format(row.elapsedTimeMs / 1000)}</span> },
        { key: "error", label: t("schedule.why"), cell: (row) => <span className="line-clamp-2 max-w-md text-sm text-muted [overflow-wrap:anywhere]" title={row.error ?? undefined}>{row.error}</span> },
        {
          key: "run",
          label: t("schedule.run"),
          cell: (row) =>
            row.executionId && (
              <Link to="/executions" search={{ execution: row.executionId }} className="inline-flex items-center gap-1.5 rounded-sm align-middle font-medium whitespace-nowrap text-primary-ink hover:underline [&_svg]:size-4">
                <ListTree aria-hidden />
                {t("schedule.show")}
              </Link>
            ),
        },
      ]}
      rowActions={(row) => (mayDelete ? [{ key: "delete", label: common("delete"), icon: Trash2, danger: true, run: () => remove([row]) }] : [])}
      bulkActions={mayDelete ? [{ key: "delete", label: common("delete"), icon: Trash2, danger: true, run: remove }] : []}
      empty={{ icon: <CalendarClock />, title: t("schedule.empty"), body: t("schedule.emptyBody") }}
    />
  );
}

function StatusChip({ status }: { status: string }) {
  const { t } = useTranslation("triggers");
  const known = statusOf(status);
  return <span className={cx("inline-flex h-5 items-center rounded-full px-2 text-xs font-medium", known ? TONES[known] : "bg-sunken text-muted")}>{known ? t(`schedule.state.${known}`) : status}</span>;
}

/** Whether it fires, by which rule, and when next. */
function Now({ flow }: { flow: Flow }) {
  const query = useQuery(scheduleQuery(flow.id));
  if (query.error) return <ErrorNotice error={query.error} />;
  if (!query.data) return <Skeleton className="h-44" />;
  return <NowCard flow={flow} status={query.data} />;
}

function NowCard({ flow, status }: { flow: Flow; status: ScheduleStatus }) {
  const { t } = useTranslation("triggers");
  const client = useQueryClient();
  const user = useSession((state) => state.user);
  const mayUpdate = may(user, "agentflows:update") || may(user, "chatflows:update");
  const { record, reason } = status;
  const change = useMutation({
    mutationFn: (enabled: boolean) => switchSchedule(flow.id, enabled),
    onSuccess: (saved) => {
      toast.success(t(saved.enabled ? "schedule.isOn" : "schedule.isOff"));
      client.setQueryData(scheduleQuery(flow.id).queryKey, (before) => before && { ...before, enabled: saved.enabled, record: saved });
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["schedule", flow.id] }),
  });
  const fire = useMutation({
    mutationFn: () => fireSchedule(flow.id),
    onSuccess: () => toast.success(t("schedule.begun")),
    onSettled: () => client.invalidateQueries({ queryKey: ["firings", flow.id] }),
  });
  const enabled = change.isPending ? change.variables : status.enabled;
  return (
    <Card className="flex flex-col gap-5 p-5 sm:p-6">
      <ErrorNotice error={change.error ?? fire.error} />
      {reason && <Notice tone="warning">{t("schedule.cannot", { reason })}</Notice>}
      <SwitchField label={t("schedule.on")} hint={t("schedule.onHint")} checked={enabled} disabled={!mayUpdate || change.isPending || (!status.canEnable && !enabled) || !record} onChange={(next) => change.mutate(next)} />
      {mayUpdate && record && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Button busy={fire.isPending} disabled={!status.canEnable} onClick={() => fire.mutate()}>
            <Play aria-hidden />
            {t("schedule.runNow")}
          </Button>
          <span className="text-sm text-muted">{t("schedule.runNowHint")}</span>
        </div>
      )}
      {record && <Facts record={record} />}
    </Card>
  );
}

function Facts({ record }: { record: Schedule }) {
  const { t, i18n } = useTranslation("triggers");
  const zoned = new Intl.DateTimeFormat(i18n.language, { dateStyle: "full", timeStyle: "short", timeZone: zoneOf(record.timezone) });
  const ahead = dueTimes(record);
  const rows: [string, React.ReactNode][] = [
    [t("schedule.rule"), <code key="rule" className="font-mono text-sm">{record.cronExpression}</code>],
    [t("schedule.zone"), record.timezone],
    [t("schedule.given"), record.scheduleInputMode === "text" ? record.defaultInput || t("schedule.nothing") : record.scheduleInputMode === "form" ? <code key="form" className="font-mono text-xs [overflow-wrap:anywhere]">{record.defaultForm ?? "{}"}</code> : t("schedule.nothing")],
    [t("schedule.last"), record.lastRunAt ? `${zoned.format(new Date(record.lastRunAt))} (${relativeTime(record.lastRunAt, i18n.language)})` : t("schedule.never")],
    ...(record.endDate ? ([[t("schedule.end"), zoned.format(new Date(record.endDate))]] as [string, React.ReactNode][]) : []),
  ];
  return (
    <div className="grid gap-6 border-t border-line pt-5 lg:grid-cols-2">
      <dl className="grid content-start gap-x-6 gap-y-2 max-sm:gap-y-0 text-base sm:grid-cols-[auto_1fr]">
        {rows.map(([label, value]) => (
          <div key={label} className="contents">
            <dt className="text-muted">{label}</dt>
            <dd className="min-w-0 [overflow-wrap:anywhere] max-sm:mb-2">{value}</dd>
          </div>
        ))}
      </dl>
      <section aria-labelledby="due-times">
        <h2 id="due-times" className="text-base font-semibold">
          {t("schedule.next")}
        </h2>
        {ahead.length === 0 ? (
          <p className="mt-1 text-base text-muted">{t(record.enabled ? "schedule.noneLeft" : "schedule.whileOff")}</p>
        ) : (
          <ol className="mt-1 flex flex-col gap-1 text-base">
            {ahead.map((time) => (
              <li key={time.getTime()} className="flex flex-wrap justify-between gap-x-4">
                <time dateTime={time.toISOString()}>{zoned.format(time)}</time>
                <span className="text-muted">{relativeTime(time.toISOString(), i18n.language)}</span>
              </li>
            ))}
          </ol>
        )}
        {ahead.length > 0 && <p className="mt-2 text-sm text-muted">{t("schedule.inZone", { zone: record.timezone })}</p>}
      </section>
    </div>
  );
}

/** The zone, if this browser knows it. */
function zoneOf(zone: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** The next due time as the server tells it, and those after it where the rule is read here as it is there. */
function dueTimes(record: Schedule): Date[] {
  if (!record.enabled || !record.nextRunAt) return [];
  const first = new Date(record.nextRunAt);
  const [same, ...later] = nextTimes(record.cronExpression, record.timezone, AHEAD, first.getTime() - 1);
  const end = record.endDate ? Date.parse(record.endDate) : Number.POSITIVE_INFINITY;
  return same?.getTime() === first.getTime() ? [first, ...later.filter((time) => time.getTime() <= end)] : [first];
}
