// One question, one answer: text, thinking, tools, sources, and what went wrong.
import "./prose.css";
import { Brain, CircleAlert, CircleStop, FileText, RotateCw, Wrench } from "lucide-react";
import { memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { SourceDocument, UsedTool } from "~/api/types";
import { Button } from "~/ui/button";
import { CopyButton } from "~/ui/copy-button";
import { Hidden } from "~/ui/states";
import type { Answer, Question } from "../model/messages";
import { Markdown } from "./markdown";

export const QuestionView = memo(function QuestionView({ question }: { question: Question }) {
  const { t } = useTranslation("chat");
  return (
    <article className="max-w-[85%] self-end rounded-xl rounded-ee-sm bg-primary-soft px-3.5 py-2.5 text-base whitespace-pre-wrap text-ink [overflow-wrap:anywhere]">
      <Hidden>{t("you")}: </Hidden>
      {question.text}
    </article>
  );
});

export const AnswerView = memo(function AnswerView({ answer, onRetry }: { answer: Answer; onRetry: (() => void) | undefined }) {
  const { t } = useTranslation("chat");
  const open = answer.state === "waiting" || answer.state === "writing";
  return (
    <article className="group/answer flex min-w-0 flex-col gap-2.5" aria-busy={open} data-state={answer.state}>
      <Hidden>{t("answer")}: </Hidden>
      {answer.thinking && <Thinking answer={answer} />}
      {answer.usedTools.length > 0 && <Tools tools={answer.usedTools} />}
      {answer.text ? <Markdown text={answer.text} growing={open} /> : <NoText answer={answer} />}
      {answer.state === "stopped" && (
        <p className="flex items-center gap-1.5 text-sm text-muted">
          <CircleStop aria-hidden className="size-4" />
          {t("stopped")}
        </p>
      )}
      {answer.state === "failed" && <Failed answer={answer} onRetry={onRetry} />}
      {answer.sourceDocuments.length > 0 && <Sources documents={answer.sourceDocuments} />}
      {!open && answer.text && <CopyButton text={answer.text} label={t("copyAnswer")} size="icon-sm" className="-ms-1.5 self-start" />}
    </article>
  );
});

function NoText({ answer }: { answer: Answer }) {
  const { t } = useTranslation("chat");
  if (answer.state === "done") return <p className="text-base text-muted italic">{t("emptyAnswer")}</p>;
  if (answer.state !== "waiting") return null;
  return (
    <p className="flex h-5.5 items-center gap-1" title={t("thinking")}>
      <Hidden>{t("thinking")}</Hidden>
      {["", "[animation-delay:200ms]", "[animation-delay:400ms]"].map((delay) => (
        <span key={delay} aria-hidden className={`size-1.5 animate-pulse-soft rounded-full bg-faint ${delay}`} />
      ))}
    </p>
  );
}

function Failed({ answer, onRetry }: { answer: Answer; onRetry: (() => void) | undefined }) {
  const { t } = useTranslation("chat");
  const { t: common } = useTranslation();
  return (
    <div className="flex items-start gap-2.5 rounded-lg bg-danger-soft p-3 text-sm">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
      <div className="min-w-0 flex-1">
        <p className="font-medium text-danger">{t(answer.text ? "failedPartly" : "failed")}</p>
        <p className="mt-0.5 text-ink [overflow-wrap:anywhere]">{answer.failure?.message}</p>
        {answer.failure?.requestId && <p className="mt-1 font-mono text-xs text-muted">{common("requestId", { id: answer.failure.requestId })}</p>}
        {onRetry && (
          <Button size="sm" className="mt-2.5" onClick={onRetry}>
            <RotateCw aria-hidden />
            {common("retry")}
          </Button>
        )}
      </div>
    </div>
  );
}

/** A line that opens to show more. */
function Fold({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <details className="group/fold rounded-lg border border-line text-sm">
      <summary className="flex cursor-pointer list-none items-center gap-2 rounded-lg px-3 py-2 font-medium text-muted hover:bg-hover hover:text-ink [&::-webkit-details-marker]:hidden [&_svg]:size-4 [&_svg]:shrink-0">
        {icon}
        <span className="min-w-0 flex-1 truncate">{title}</span>
        <span aria-hidden className="transition-transform duration-120 group-open/fold:rotate-90 rtl:rotate-180">
          ›
        </span>
      </summary>
      <div className="border-t border-line p-3">{children}</div>
    </details>
  );
}

function Thinking({ answer }: { answer: Answer }) {
  const { t } = useTranslation("chat");
  const seconds = answer.thinkingSeconds;
  const title = seconds === undefined ? t(answer.state === "waiting" ? "thinking" : "thought") : t("thoughtFor", { seconds: Math.round(seconds) });
  return (
    <Fold icon={<Brain aria-hidden />} title={title}>
      <p className="text-sm whitespace-pre-wrap text-muted">{answer.thinking}</p>
    </Fold>
  );
}

function Tools({ tools }: { tools: UsedTool[] }) {
  const { t } = useTranslation("chat");
  const names = [...new Set(tools.map((tool) => tool.tool))].join(", ");
  return (
    <Fold icon={<Wrench aria-hidden />} title={`${t("tools", { count: tools.length })}: ${names}`}>
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
    </Fold>
  );
}

function Sources({ documents }: { documents: SourceDocument[] }) {
  const { t } = useTranslation("chat");
  return (
    <Fold icon={<FileText aria-hidden />} title={t("sources", { count: documents.length })}>
      <ol className="flex flex-col gap-4">
        {documents.map((document, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- sources have no identity but their order
          <li key={index} className="flex min-w-0 flex-col gap-1.5">
            <p className="text-xs font-medium text-faint">{sourceName(document) ?? t("source", { number: index + 1 })}</p>
            <p className="line-clamp-6 text-sm whitespace-pre-wrap text-ink [overflow-wrap:anywhere]">{document.pageContent}</p>
            {document.metadata && Object.keys(document.metadata).length > 0 && <Detail label={t("metadata")} value={document.metadata} />}
          </li>
        ))}
      </ol>
    </Fold>
  );
}

function sourceName(document: SourceDocument): string | undefined {
  const source = document.metadata?.["source"];
  return typeof source === "string" && source !== "blob" ? source : undefined;
}

function Detail({ label, value }: { label: string; value: unknown }) {
  if (value === undefined || value === null || value === "") return null;
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return (
    <div className="min-w-0">
      <p className="mb-1 text-xs font-medium text-faint">{label}</p>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard */}
      <pre tabIndex={0} className="max-h-48 overflow-auto rounded-md bg-sunken p-2 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]">
        {text}
      </pre>
    </div>
  );
}
