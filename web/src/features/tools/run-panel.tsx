// Trying a tool: arguments in, result, logs and time out.
import { useMutation } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, Play } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { Button } from "~/ui/button";
import { CopyButton } from "~/ui/copy-button";
import { SelectField } from "~/ui/form";
import { Field } from "~/ui/input";
import { ErrorNotice } from "~/ui/states";
import { runTool, type ToolRun } from "./run";
import { argumentsOf, type SchemaRow } from "./schema";

interface RunPanelProps {
  rows: readonly SchemaRow[];
  code: string;
}

/** The hook and the panel are apart, so that the editor's shortcut runs it too. */
export function useToolRun({ rows, code }: RunPanelProps) {
  const [texts, setTexts] = useState<Record<string, string>>({});
  const [checked, setChecked] = useState(false);
  const { values, wrong } = argumentsOf(rows, texts);
  const run = useMutation({ mutationFn: () => runTool(code, values) });
  const start = () => {
    setChecked(true);
    if (wrong.length === 0 && code.trim() && !run.isPending) run.mutate();
  };
  return { texts, setTexts, wrong: checked ? wrong : [], run, start, canRun: Boolean(code.trim()) };
}

export function RunPanel({ rows, state }: { rows: readonly SchemaRow[]; state: ReturnType<typeof useToolRun> }) {
  const { t } = useTranslation("tools");
  const { texts, setTexts, wrong, run, start, canRun } = state;
  const named = rows.filter((row) => row.property.trim());
  return (
    <section aria-labelledby="tool-run" className="flex flex-col gap-4 rounded-lg border border-line bg-surface p-4 shadow-sm">
      <div>
        <h2 id="tool-run" className="text-base font-semibold">
          {t("run.title")}
        </h2>
        <p className="text-sm text-muted">{t("run.lead")}</p>
      </div>
      {named.map((row) => {
        const name = row.property.trim();
        const set = (text: string) => setTexts({ ...texts, [name]: text });
        if (row.type === "boolean") {
          return (
            <SelectField
              key={row.id}
              label={name}
              value={texts[name] ?? "false"}
              onChange={set}
              choices={[
                { value: "true", label: "true" },
                { value: "false", label: "false" },
              ]}
            />
          );
        }
        return (
          <Field
            key={row.id}
            label={name}
            hint={row.description || undefined}
            type={row.type === "date" ? "date" : "text"}
            inputMode={row.type === "number" ? "decimal" : undefined}
            value={texts[name] ?? ""}
            onChange={(event) => set(event.target.value)}
            error={wrong.includes(name) ? t(row.type === "number" && texts[name] ? "run.notNumber" : "run.argumentMissing") : undefined}
          />
        );
      })}
      <Button variant="primary" className="self-start" busy={run.isPending} disabled={!canRun} onClick={start}>
        {!run.isPending && <Play aria-hidden />}
        {t(run.isPending ? "run.working" : "run.action")}
      </Button>
      <ErrorNotice error={run.error} />
      <div role="status" className="flex min-w-0 flex-col gap-3">
        {run.data && !run.isPending && <Outcome outcome={run.data} />}
      </div>
    </section>
  );
}

function Outcome({ outcome }: { outcome: ToolRun }) {
  const { t, i18n } = useTranslation("tools");
  const time = new Intl.NumberFormat(i18n.language).format(outcome.milliseconds);
  return (
    <>
      <p className={cx("flex items-center gap-1.5 text-sm font-medium", outcome.ok ? "text-success" : "text-danger")}>
        {outcome.ok ? <CircleCheck aria-hidden className="size-4" /> : <CircleAlert aria-hidden className="size-4" />}
        {t(outcome.ok ? "run.done" : "run.failed")}
        <span className="ms-auto font-normal text-muted tabular-nums">{t("run.milliseconds", { time })}</span>
      </p>
      <Block title={t(outcome.ok ? "run.result" : "run.error")} text={outcome.ok ? outcome.result : outcome.error} empty={t("run.noResult")} />
      {outcome.logs.length > 0 && (
        <div className="min-w-0">
          <p className="mb-1 text-xs font-medium text-muted">{t("run.logs")}</p>
          <ol
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard
            tabIndex={0}
            aria-label={t("run.logs")}
            className="max-h-48 overflow-auto rounded-md bg-sunken p-2.5 font-mono text-xs leading-5"
          >
            {outcome.logs.map((line, index) => (
              // oxlint-disable-next-line react/no-array-index-key -- lines have no identity but their place
              <li key={index} className={cx("whitespace-pre-wrap [overflow-wrap:anywhere]", line.level === "warn" && "text-warning", line.level === "error" && "text-danger")}>
                {line.text}
              </li>
            ))}
          </ol>
        </div>
      )}
    </>
  );
}

function Block({ title, text, empty }: { title: string; text: string; empty: string }) {
  const { t: common } = useTranslation();
  return (
    <div className="min-w-0">
      <div className="mb-1 flex items-center justify-between">
        <p className="text-xs font-medium text-muted">{title}</p>
        {text && <CopyButton text={text} label={common("copy")} size="icon-sm" className="-my-1" />}
      </div>
      {text ? (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard
        <pre tabIndex={0} className="max-h-72 overflow-auto rounded-md bg-sunken p-2.5 font-mono text-xs leading-5 whitespace-pre-wrap [overflow-wrap:anywhere]">
          {text}
        </pre>
      ) : (
        <p className="text-sm text-faint italic">{empty}</p>
      )}
    </div>
  );
}
