// What stands behind an answer: thoughts, tools, sources, agents and nodes that ran.
import { Bot, Brain, GitCommitVertical, LoaderCircle, Wrench } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { UsedTool } from "~/api/types";
import type { Answer, FlowStep, Reasoning } from "~/features/chat";
import { Markdown } from "~/features/markdown";
import { StatusIcon } from "~/features/run";
import { Sources } from "~/features/sources";
import { cx } from "~/lib/cx";
import { Fold } from "~/ui/fold";
import { Detail } from "./detail";

export function Thinking({ answer }: { answer: Answer }) {
  const { t } = useTranslation("chat");
  const seconds = answer.thinkingSeconds;
  const title = seconds === undefined ? t(answer.state === "waiting" ? "thinking" : "thought") : t("thoughtFor", { seconds: Math.round(seconds) });
  return (
    <Fold icon={<Brain aria-hidden />} title={title}>
      <p className="text-sm whitespace-pre-wrap text-muted [overflow-wrap:anywhere]">{answer.thinking}</p>
    </Fold>
  );
}

export function Tools({ tools }: { tools: UsedTool[] }) {
  const { t } = useTranslation("chat");
  return (
    <Fold icon={<Wrench aria-hidden />} title={`${t("tools", { count: tools.length })}: ${names(tools)}`}>
      <ToolList tools={tools} />
    </Fold>
  );
}

/** Tools whose answers are awaited. */
export function CallingTools({ tools }: { tools: UsedTool[] }) {
  const { t } = useTranslation("chat");
  return (
    <p className="flex items-center gap-2 text-sm text-muted">
      <LoaderCircle aria-hidden className="size-4 shrink-0 animate-spin" />
      <span className="min-w-0 truncate">{t("calling", { names: names(tools) })}</span>
    </p>
  );
}

function names(tools: UsedTool[]): string {
  return [...new Set(tools.map((tool) => tool.tool))].join(", ");
}

function ToolList({ tools }: { tools: UsedTool[] }) {
  const { t } = useTranslation("chat");
  return (
    <ol className="flex flex-col gap-4">
      {tools.map((tool, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- calls have no identity but their order
        <li key={index} className="flex min-w-0 flex-col gap-2">
          <p className="font-mono text-xs font-medium text-ink">{tool.tool}</p>
          <Detail label={t("toolInput")} value={tool.toolInput} />
          {tool.error ? <Detail label={t("toolError")} value={tool.error} /> : <Detail label={t("toolOutput")} value={tool.toolOutput} />}
        </li>
      ))}
    </ol>
  );
}

/** The turns of several agents, each with what it said and used. */
export function ReasoningCards({ reasoning, nextAgent }: { reasoning: Reasoning[]; nextAgent: string | undefined }) {
  const { t } = useTranslation("chat");
  return (
    <ol aria-label={t("agents")} className="flex flex-col gap-2">
      {reasoning.map((turn, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- turns have no identity but their order
        <li key={index} className="flex min-w-0 flex-col gap-2 rounded-lg border border-line p-3">
          <p className="flex items-center gap-2 text-sm font-semibold text-ink">
            <Bot aria-hidden className="size-4 shrink-0 text-primary-ink" />
            {turn.agent || t("agent")}
          </p>
          {turn.usedTools.length > 0 && <Tools tools={turn.usedTools} />}
          {turn.messages.map((message, at) => (
            // oxlint-disable-next-line react/no-array-index-key -- a turn's messages have no identity but their order
            <Markdown key={at} text={message} />
          ))}
          {turn.instructions && <p className="text-sm text-muted [overflow-wrap:anywhere]">{turn.instructions}</p>}
          {turn.messages.length === 0 && !turn.instructions && <p className="text-sm text-muted">{t(turn.next ? "agentHandsOn" : "agentSilent", { name: turn.next })}</p>}
          {turn.sourceDocuments.length > 0 && <Sources documents={turn.sourceDocuments} />}
          {turn.state && Object.keys(turn.state).length > 0 && (
            <Fold icon={<GitCommitVertical aria-hidden />} title={t("agentState")}>
              <Detail label={t("agentState")} value={turn.state} />
            </Fold>
          )}
        </li>
      ))}
      {nextAgent && (
        <li className="flex items-center gap-2 px-3 py-1 text-sm text-muted">
          <LoaderCircle aria-hidden className="size-4 animate-spin" />
          {t("agentNext", { name: nextAgent })}
        </li>
      )}
    </ol>
  );
}

/** The nodes that ran for an answer, in their order. */
export function Steps({ steps, running }: { steps: FlowStep[]; running: boolean }) {
  const { t } = useTranslation("chat");
  const current = steps.findLast((step) => step.status === "INPROGRESS") ?? steps.at(-1);
  const failed = steps.some((step) => step.status === "ERROR");
  const title = running && current ? t("stepRunning", { name: current.label }) : t("steps", { count: steps.length });
  return (
    <Fold icon={<StatusIcon status={running ? "INPROGRESS" : failed ? "ERROR" : (current?.status ?? "")} />} title={title}>
      <ol className="flex flex-col gap-1">
        {steps.map((step, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- steps have no identity but their order
          <li key={index} className={cx("min-w-0", step.round !== undefined && "ps-4")}>
            <StepRow step={step} />
          </li>
        ))}
      </ol>
    </Fold>
  );
}

function StepRow({ step }: { step: FlowStep }) {
  const { t } = useTranslation("chat");
  const label = step.round === undefined ? step.label : t("stepRound", { name: step.label, round: step.round + 1 });
  const head = (
    <>
      <StatusIcon status={step.status} />
      <span className="min-w-0 flex-1 truncate font-medium">{label}</span>
    </>
  );
  if (!step.data) return <p className="flex items-center gap-2 px-1.5 py-1 text-sm text-muted">{head}</p>;
  const { input, output, error } = step.data;
  return (
    <details className="min-w-0 rounded-md open:bg-sunken">
      <summary className="flex cursor-pointer list-none items-center gap-2 rounded-md px-1.5 py-1 text-sm text-ink hover:bg-hover [&::-webkit-details-marker]:hidden">{head}</summary>
      <div className="flex flex-col gap-2 p-2 [&_pre]:bg-surface">
        {typeof error === "string" && <p className="text-sm text-danger [overflow-wrap:anywhere]">{error}</p>}
        <Detail label={t("toolInput")} value={input} />
        <Detail label={t("toolOutput")} value={output} />
      </div>
    </details>
  );
}
