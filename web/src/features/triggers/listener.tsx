// Listening to calls of the webhook as they arrive: what was sent, which steps ran, what was answered.
import { useMutation } from "@tanstack/react-query";
import { Check, CircleAlert, CircleSlash, LoaderCircle, type LucideIcon, Radio, Send, Square } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { callWebhook, listenToWebhook } from "~/api/triggers";
import type { Flow } from "~/api/types/Flow";
import { cx } from "~/lib/cx";
import { asObject, parseJson } from "~/lib/json";
import { Button } from "~/ui/button";
import { Card, Notice } from "~/ui/card";
import { FoldSummary } from "~/ui/fold";
import { TextAreaField } from "~/ui/form";
import { EmptyState, ErrorNotice } from "~/ui/states";
import { heard, type HeardCall, sampleBody, type Webhook } from "./model";

type Listening = "off" | "connecting" | "on";

function useListener(flowId: string) {
  const [state, setState] = useState<Listening>("off");
  const [calls, setCalls] = useState<readonly HeardCall[]>([]);
  const [error, setError] = useState<unknown>();
  const leave = useRef<AbortController>(undefined);
  const stop = () => {
    leave.current?.abort();
    leave.current = undefined;
    setState("off");
  };
  const start = async () => {
    const controller = new AbortController();
    leave.current = controller;
    setError(undefined);
    setState("connecting");
    try {
      for await (const frame of listenToWebhook(flowId, controller.signal, () => setState("on"))) {
        if (controller.signal.aborted) return;
        setCalls((before) => heard(before, frame, Date.now()));
      }
      if (!controller.signal.aborted) setState("off");
    } catch (reason) {
      if (controller.signal.aborted) return;
      setError(reason);
      setState("off");
    }
  };
  useEffect(() => () => leave.current?.abort(), []);
  return { state, calls, error, start, stop, forget: () => setCalls([]) };
}

export function Listener({ flow, hook }: { flow: Flow; hook: Webhook }) {
  const { t } = useTranslation("triggers");
  const { state, calls, error, start, stop, forget } = useListener(flow.id);
  return (
    <Card className="flex min-w-0 flex-col gap-4 p-5">
      <div className="flex flex-wrap items-center gap-2">
        <div className="w-full min-w-0 sm:w-auto sm:flex-1">
          <h2 className="text-lg font-semibold">{t("listen.title")}</h2>
          <p role="status" className="flex items-center gap-1.5 text-sm text-muted">
            {state === "on" && <span aria-hidden className="size-2 shrink-0 animate-pulse-soft rounded-full bg-success" />}
            {t(`listen.state.${state}`)}
          </p>
        </div>
        {calls.length > 0 && (
          <Button variant="ghost" onClick={forget}>
            {t("listen.forget")}
          </Button>
        )}
        {state === "off" ? (
          <Button variant="primary" onClick={() => void start()}>
            <Radio aria-hidden />
            {t("listen.start")}
          </Button>
        ) : (
          <Button onClick={stop}>
            <Square aria-hidden />
            {t("listen.stop")}
          </Button>
        )}
      </div>
      <ErrorNotice error={error} />
      <TestCall flow={flow} hook={hook} listening={state === "on"} />
      {calls.length === 0 && <EmptyState icon={<Radio />} className="py-8" title={t(state === "on" ? "listen.waiting" : "listen.none")} body={t(state === "on" ? "listen.waitingBody" : "listen.noneBody")} />}
      {calls.length > 0 && (
        <ol aria-label={t("listen.calls")} className="flex flex-col gap-3">
          {calls.map((call) => (
            <li key={call.number}>
              <Call call={call} />
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}

/** Sends a call from here. One that must be signed is sent by whoever knows the secret. */
function TestCall({ flow, hook, listening }: { flow: Flow; hook: Webhook; listening: boolean }) {
  const { t } = useTranslation("triggers");
  const [text, setText] = useState(() => JSON.stringify(sampleBody(hook), null, 2));
  const body = asObject(parseJson(text));
  const send = useMutation({ mutationFn: () => callWebhook(flow.id, hook.method, body) });
  if (hook.signed) return <p className="text-sm text-muted">{t("listen.signed")}</p>;
  const hasBody = hook.method !== "GET";
  return (
    <details className="rounded-md border border-line">
      <FoldSummary className="rounded-md px-3 py-2 text-sm font-medium">{t("test.title")}</FoldSummary>
      <div className="flex flex-col gap-3 px-3 pb-3">
        {!listening && <Notice tone="info">{t("test.listenFirst")}</Notice>}
        {hasBody && <TextAreaField label={t("test.body")} mono rows={5} value={text} onChange={setText} spellCheck={false} error={body ? undefined : t("test.notJson")} />}
        <ErrorNotice error={send.error} />
        <Button className="self-start" busy={send.isPending} disabled={hasBody && !body} onClick={() => send.mutate()}>
          <Send aria-hidden />
          {t("test.send")}
        </Button>
      </div>
    </details>
  );
}

const LOOKS: Record<string, { icon: LucideIcon; tone: string }> = {
  INPROGRESS: { icon: LoaderCircle, tone: "text-primary-ink [&_svg]:animate-spin" },
  FINISHED: { icon: Check, tone: "text-success" },
  ERROR: { icon: CircleAlert, tone: "text-danger" },
  TIMEOUT: { icon: CircleAlert, tone: "text-danger" },
};
const OTHER = { icon: CircleSlash, tone: "text-muted" };

type Known = "INPROGRESS" | "FINISHED" | "ERROR" | "STOPPED" | "TERMINATED" | "TIMEOUT";

function State({ status }: { status: string }) {
  const { t } = useTranslation("triggers");
  const { icon: Icon, tone } = LOOKS[status] ?? OTHER;
  return (
    <span className={cx("inline-flex items-center gap-1.5 text-sm [&_svg]:size-4 [&_svg]:shrink-0", tone)}>
      <Icon aria-hidden />
      {t(`listen.run.${status as Known}`, { defaultValue: status })}
    </span>
  );
}

function Call({ call }: { call: HeardCall }) {
  const { t, i18n } = useTranslation("triggers");
  const time = new Intl.DateTimeFormat(i18n.language, { timeStyle: "medium" }).format(call.at);
  const parts: [string, unknown][] = [
    [t("listen.body"), call.body],
    [t("listen.query"), call.query],
    [t("listen.headers"), call.headers],
  ];
  return (
    <article aria-label={t("listen.call", { number: call.number })} className="overflow-hidden rounded-md border border-line">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-sunken px-3 py-2">
        <h3 className="text-sm font-semibold">{t("listen.call", { number: call.number })}</h3>
        <State status={call.status} />
        <time className="ms-auto text-sm text-muted tabular-nums" dateTime={new Date(call.at).toISOString()}>
          {time}
        </time>
      </div>
      <div className="flex flex-col gap-3 p-3">
        {call.error && <Notice tone="danger">{call.error}</Notice>}
        {parts
          .filter(([, value]) => value !== undefined && Object.keys(asObject(value) ?? { one: 1 }).length > 0)
          .map(([label, value]) => (
            <details key={label} open={value === call.body}>
              <FoldSummary className="rounded-sm text-sm font-medium text-muted">{label}</FoldSummary>
              {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard */}
              <pre tabIndex={0} role="region" aria-label={label} className="mt-1 max-h-60 overflow-auto rounded-md border border-line bg-sunken p-2.5 font-mono text-xs leading-5">
                {typeof value === "string" ? value : JSON.stringify(value, null, 2)}
              </pre>
            </details>
          ))}
        {call.steps.length > 0 && (
          <ol aria-label={t("listen.steps")} className="flex flex-col gap-1">
            {call.steps.map((step, index) => (
              // oxlint-disable-next-line react/no-array-index-key -- a step may run several times
              <li key={index} className="flex items-center justify-between gap-3 text-sm">
                <span className="min-w-0 truncate">{step.label}</span>
                <State status={step.status} />
              </li>
            ))}
          </ol>
        )}
        {call.answer && (
          <div>
            <p className="text-sm font-medium text-muted">{t("listen.answer")}</p>
            <p className="mt-1 text-base whitespace-pre-wrap [overflow-wrap:anywhere]">{call.answer}</p>
          </div>
        )}
      </div>
    </article>
  );
}
