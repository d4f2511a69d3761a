// One question, one answer: text, what stands behind it, what can be done with it, and what went wrong.
import { CircleAlert, CircleStop, Paperclip, Pencil, RotateCw } from "lucide-react";
import { memo, type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { CallingTools, ReasoningCards, Steps, Thinking, Tools } from "~/features/evidence";
import { Markdown } from "~/features/markdown";
import { RunButton } from "~/features/run";
import { Sources } from "~/features/sources";
import { Button } from "~/ui/button";
import { CopyButton } from "~/ui/copy-button";
import { Hidden } from "~/ui/states";
import { Tip } from "~/ui/tooltip";
import { Worded } from "~/ui/worded";
import { type Answer, isOpen } from "../model/answer";
import type { Question, SentFile } from "../model/messages";
import { useChatTools } from "./chat-context";
import { FeedbackButtons } from "./feedback";
import { Artifacts, Files } from "./made";

export interface QuestionViewProps {
  question: Question;
  /** Whether it may be changed now. */
  editable: boolean;
}

export const QuestionView = memo(function QuestionView({ question, editable }: QuestionViewProps) {
  const { t } = useTranslation("chat");
  const [editing, setEditing] = useState(false);
  if (editing) return <EditQuestion question={question} onDone={() => setEditing(false)} />;
  return (
    <article className="group/question relative flex max-w-[85%] min-w-0 flex-col items-end gap-1 self-end">
      <Hidden>{t("you")}: </Hidden>
      {question.files.length > 0 && <SentFiles files={question.files} />}
      {(question.text || question.form) && (
        <div className="max-w-full rounded-xl rounded-ee-sm bg-[var(--question,var(--primary-soft))] px-3.5 py-2.5 text-base whitespace-pre-wrap text-[var(--question-ink,var(--ink))] [overflow-wrap:anywhere]">
          {question.form ? <FilledForm form={question.form} /> : question.text}
        </div>
      )}
      {editable && question.text && (
        <div className="absolute end-full bottom-1 flex pe-1 opacity-0 transition-opacity duration-120 group-focus-within/question:opacity-100 group-hover/question:opacity-100 [@media(hover:none)]:opacity-100">
          <Tip text={t("edit")}>
            <Button variant="ghost" size="icon-sm" aria-label={t("edit")} onClick={() => setEditing(true)}>
              <Pencil aria-hidden />
            </Button>
          </Tip>
        </div>
      )}
    </article>
  );
});

function FilledForm({ form }: { form: Record<string, unknown> }) {
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-1 text-sm">
      {Object.entries(form).map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="min-w-0">{typeof value === "string" ? value : JSON.stringify(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function SentFiles({ files }: { files: SentFile[] }) {
  const { t } = useTranslation("chat");
  return (
    <ul aria-label={t("files")} className="flex flex-wrap justify-end gap-2">
      {files.map((file, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- sent files have no identity but their order
        <li key={index} className="max-w-full">
          <SentFileView file={file} />
        </li>
      ))}
    </ul>
  );
}

function SentFileView({ file: { name, mime, preview } }: { file: SentFile }) {
  if (preview && mime.startsWith("image/")) return <img src={preview} alt={name} className="max-h-48 max-w-full rounded-lg border border-line" />;
  // oxlint-disable-next-line jsx-a11y/media-has-caption -- a recording of the reader's own question
  if (preview && mime.startsWith("audio/")) return <audio controls src={preview} aria-label={name} className="max-w-full" />;
  return (
    <span className="inline-flex max-w-full items-center gap-1.5 rounded-md border border-line bg-sunken px-2 py-1 text-sm text-muted">
      <Paperclip aria-hidden className="size-4 shrink-0" />
      <span className="truncate">{name}</span>
    </span>
  );
}

/** The question as a field; sending it takes back what came after. */
function EditQuestion({ question, onDone }: { question: Question; onDone: () => void }) {
  const { t } = useTranslation("chat");
  const { t: common } = useTranslation();
  const { askAgain } = useChatTools();
  const [text, setText] = useState(question.text);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    field.current?.focus();
    field.current?.setSelectionRange(text.length, text.length);
    // oxlint-disable-next-line react/exhaustive-deps -- only when the field appears
  }, []);
  const send = (event?: FormEvent) => {
    event?.preventDefault();
    const changed = text.trim();
    if (!changed) return;
    onDone();
    askAgain(question.id, changed);
  };
  return (
    <form onSubmit={send} className="flex w-full flex-col gap-2 self-end rounded-xl border border-primary bg-surface p-3">
      <textarea
        ref={field}
        value={text}
        rows={Math.min(8, text.split("\n").length + 1)}
        aria-label={t("edit")}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") {
            event.preventDefault();
            onDone();
          } else if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) send(event);
        }}
        className="w-full resize-none bg-transparent text-base text-ink outline-none"
      />
      <div className="flex flex-wrap items-center justify-end gap-2">
        <p className="me-auto text-xs text-faint">{t("editHint")}</p>
        <Button size="sm" onClick={onDone}>
          {common("cancel")}
        </Button>
        <Button size="sm" type="submit" variant="primary" disabled={text.trim() === ""}>
          {t("send")}
        </Button>
      </div>
    </form>
  );
}

export interface AnswerViewProps {
  answer: Answer;
  /** The question that may be asked again: set on the last answer only. */
  questionId: string | undefined;
}

export const AnswerView = memo(function AnswerView({ answer, questionId }: AnswerViewProps) {
  const { t } = useTranslation("chat");
  const { showSteps } = useChatTools();
  const open = isOpen(answer);
  return (
    <article className="group/answer flex min-w-0 flex-col gap-2.5" aria-busy={open} data-state={answer.state}>
      <Hidden>{t("answer")}: </Hidden>
      {answer.thinking && <Thinking answer={answer} />}
      {showSteps && answer.steps.length > 0 && <Steps steps={answer.steps} running={open} />}
      {(answer.reasoning.length > 0 || answer.nextAgent) && <ReasoningCards reasoning={answer.reasoning} nextAgent={answer.nextAgent} />}
      {answer.usedTools.length > 0 && <Tools tools={answer.usedTools} />}
      {answer.text ? <Markdown text={answer.text} growing={open} className="answer-text" /> : <NoText answer={answer} />}
      {answer.callingTools.length > 0 && <CallingTools tools={answer.callingTools} />}
      {answer.artifacts.length > 0 && <Artifacts artifacts={answer.artifacts} />}
      {answer.fileAnnotations.length > 0 && <Files files={answer.fileAnnotations} />}
      {answer.state === "stopped" && (
        <p className="flex items-center gap-1.5 text-sm text-muted">
          <CircleStop aria-hidden className="size-4" />
          {t("stopped")}
        </p>
      )}
      {answer.state === "failed" && <Failed answer={answer} questionId={questionId} />}
      {answer.sourceDocuments.length > 0 && <Sources documents={answer.sourceDocuments} />}
      {!open && <AnswerBar answer={answer} questionId={questionId} />}
    </article>
  );
});

/** What can be done with a finished answer. */
function AnswerBar({ answer, questionId }: AnswerViewProps) {
  const { t } = useTranslation("chat");
  const { askAgain, canRate, canTrace } = useChatTools();
  const canRegenerate = questionId !== undefined && answer.state !== "failed" && !answer.action;
  if (!answer.text && !canRegenerate) return null;
  return (
    <div className="-ms-1.5 flex flex-wrap items-center gap-0.5">
      {answer.text && <CopyButton text={answer.text} label={t("copyAnswer")} size="icon-sm" />}
      {canRegenerate && (
        <Tip text={t("regenerate")}>
          <Button variant="ghost" size="icon-sm" aria-label={t("regenerate")} onClick={() => askAgain(questionId)}>
            <RotateCw aria-hidden />
          </Button>
        </Tip>
      )}
      {canRate && answer.messageId && answer.state === "done" && <FeedbackButtons answer={answer} messageId={answer.messageId} />}
      {canTrace && answer.messageId && <RunButton runId={answer.messageId} />}
      {answer.usage && <span className="ms-auto text-xs text-faint tabular-nums">{t("tokens", { count: answer.usage.total })}</span>}
    </div>
  );
}

function NoText({ answer }: { answer: Answer }) {
  const { t } = useTranslation("chat");
  const hasMore = answer.artifacts.length > 0 || answer.fileAnnotations.length > 0 || answer.reasoning.length > 0;
  if (answer.state === "done") return hasMore ? null : <p className="text-base text-muted italic">{t("emptyAnswer")}</p>;
  if (!isOpen(answer) || answer.callingTools.length > 0) return null;
  return (
    <p className="flex h-5.5 items-center gap-1" title={t("thinking")}>
      <Hidden>{t("thinking")}</Hidden>
      {["", "[animation-delay:200ms]", "[animation-delay:400ms]"].map((delay) => (
        <span key={delay} aria-hidden className={`size-1.5 animate-pulse-soft rounded-full bg-faint ${delay}`} />
      ))}
    </p>
  );
}

function Failed({ answer, questionId }: AnswerViewProps) {
  const { t } = useTranslation("chat");
  const { t: common } = useTranslation();
  const { askAgain } = useChatTools();
  return (
    <div className="flex items-start gap-2.5 rounded-lg bg-danger-soft p-3 text-sm">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
      <div className="min-w-0 flex-1">
        <p className="font-medium text-danger">{t(answer.text ? "failedPartly" : "failed")}</p>
        <p className="mt-0.5 text-ink [overflow-wrap:anywhere]">{answer.failure && <Worded text={answer.failure.message} />}</p>
        {answer.failure?.requestId && <p className="mt-1 font-mono text-xs text-muted">{common("requestId", { id: answer.failure.requestId })}</p>}
        {questionId && (
          <Button size="sm" className="mt-2.5" onClick={() => askAgain(questionId)}>
            <RotateCw aria-hidden />
            {common("retry")}
          </Button>
        )}
      </div>
    </div>
  );
}
