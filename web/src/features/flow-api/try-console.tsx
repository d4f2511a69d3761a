// Calls the flow as a program outside would, and shows what comes back.
import { useMutation } from "@tanstack/react-query";
import { CircleStop, Play } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { callFlow } from "~/api/outside";
import type { FlowEvent } from "~/api/sse";
import { parseJson } from "~/lib/json";
import { cx } from "~/lib/cx";
import { Button } from "~/ui/button";
import { Card, Notice } from "~/ui/card";
import { CopyButton } from "~/ui/copy-button";
import { PasswordField } from "~/ui/input";
import { bodyOf, type Call } from "./snippets";

export function TryConsole({ call }: { call: Call }) {
  const { t } = useTranslation("flowApi");
  const [key, setKey] = useState("");
  const [events, setEvents] = useState<FlowEvent[]>([]);
  const controller = useRef<AbortController>(null);
  const run = useMutation({
    mutationFn: () => {
      controller.current = new AbortController();
      setEvents([]);
      return callFlow(call.flowId, bodyOf(call), key, (event) => setEvents((before) => [...before, event]), controller.current.signal);
    },
  });
  const stopped = run.error instanceof DOMException && run.error.name === "AbortError";
  const text = events.map((event) => (event.event === "token" && typeof event.data === "string" ? event.data : "")).join("");
  return (
    <Card className="flex min-w-0 flex-col gap-4 p-5 lg:sticky lg:top-6">
      <div>
        <h2 className="text-base font-semibold">{t("try.title")}</h2>
        <p className="text-sm text-muted">{t("try.lead")}</p>
      </div>
      {call.needsKey && <PasswordField label={t("try.key")} hint={t("try.keyHint")} autoComplete="off" value={key} onChange={(event) => setKey(event.target.value)} />}
      <div className="flex gap-2">
        <Button variant="primary" busy={run.isPending} disabled={!call.question.trim()} onClick={() => run.mutate()}>
          {!run.isPending && <Play aria-hidden />}
          {t(run.isPending ? "try.working" : "try.action")}
        </Button>
        {run.isPending && (
          <Button onClick={() => controller.current?.abort()}>
            <CircleStop aria-hidden />
            {t("try.stop")}
          </Button>
        )}
      </div>
      {run.error && <Notice tone={stopped ? "info" : "danger"}>{stopped ? t("try.stopped") : t("try.noAnswer")}</Notice>}
      {text && <Block label={t("try.text")} text={text} plain />}
      {events.length > 0 && <EventList events={events} />}
      <div role="status" className="flex min-w-0 flex-col gap-3">
        {run.data && (
          <>
            <p className="flex items-center gap-2 text-sm">
              <span className={cx("rounded-full px-2 py-0.5 font-mono text-xs font-medium", run.data.status < 400 ? "bg-success-soft text-success" : "bg-danger-soft text-danger")}>{run.data.status}</span>
              <span className="text-muted tabular-nums">{t("try.milliseconds", { count: run.data.milliseconds })}</span>
            </p>
            {run.data.status === 401 && <Notice tone="warning">{t("try.unauthorized")}</Notice>}
            {run.data.body && <Block label={t("try.answer")} text={pretty(run.data.body)} />}
          </>
        )}
      </div>
    </Card>
  );
}

function pretty(body: string): string {
  const value = parseJson(body);
  return value === undefined ? body : JSON.stringify(value, null, 2);
}

function Block({ label, text, plain = false }: { label: string; text: string; plain?: boolean }) {
  const { t } = useTranslation();
  return (
    <div className="min-w-0">
      <div className="mb-1 flex items-center justify-between">
        <p className="text-xs font-medium text-muted">{label}</p>
        <CopyButton text={text} label={t("copy")} size="icon-sm" className="-my-1" />
      </div>
      <pre
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard
        tabIndex={0}
        className={cx("max-h-96 overflow-auto rounded-md bg-sunken p-3 leading-5 whitespace-pre-wrap [overflow-wrap:anywhere]", plain ? "font-sans text-sm" : "font-mono text-xs")}
      >
        {text}
      </pre>
    </div>
  );
}

/** The events as they came; tokens are counted, not listed one by one. */
function EventList({ events }: { events: readonly FlowEvent[] }) {
  const { t } = useTranslation("flowApi");
  const rows: { event: string; count: number; data: unknown }[] = [];
  for (const { event, data } of events) {
    const last = rows.at(-1);
    if (last && event === "token" && last.event === "token") last.count += 1;
    else rows.push({ event, count: 1, data });
  }
  return (
    <div className="min-w-0">
      <p className="mb-1 text-xs font-medium text-muted">{t("try.events", { count: events.length })}</p>
      <ol
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard
        tabIndex={0}
        aria-label={t("try.eventList")}
        className="max-h-64 overflow-auto rounded-md bg-sunken p-3 font-mono text-xs leading-5"
      >
        {rows.map((row, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- events have no identity but their place
          <li key={index} className="flex gap-2">
            <span className="shrink-0 font-medium text-primary-ink">{row.event}</span>
            <span className="min-w-0 truncate text-muted">{row.event === "token" ? `× ${row.count}` : shown(row.data)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function shown(data: unknown): string {
  return (typeof data === "string" ? data : (JSON.stringify(data) ?? "")).slice(0, 300);
}
