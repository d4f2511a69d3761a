// Where the question is written, with what goes along.
import { ArrowUp, Check, FileWarning, LoaderCircle, Mic, Paperclip, Square, X } from "lucide-react";
import { type ClipboardEvent, type FormEvent, type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { Button } from "~/ui/button";
import { Hidden } from "~/ui/states";
import { Tip } from "~/ui/tooltip";
import { acceptedTypes, type UploadRules } from "../model/config";
import { type Attachment, useAttachments, useRecorder } from "../model/use-attachments";
import type { Chat } from "../model/use-chat";

export interface ComposerProps {
  chat: Chat;
  rules: UploadRules;
  /** Suggestions above the field. */
  prompts: string[];
  /** What the field says while it is empty. */
  placeholder?: string | undefined;
  /** Set while files are dragged over the chat: where they are handed in. */
  onReady: (drop: (files: Iterable<File>) => void) => void;
}

/** How tall the field grows before it scrolls, in pixels. */
const TALLEST = 180;

export function Composer({ chat, rules, prompts, placeholder, onReady }: ComposerProps) {
  const { t } = useTranslation("chat");
  const { running } = chat;
  const [text, setText] = useState(chat.draft);
  const field = useRef<HTMLTextAreaElement>(null);
  const files = useAttachments(chat, rules);
  const recorder = useRecorder((sound) => void files.addRecording(sound));
  const hintId = useId();
  const wasRunning = useRef(false);
  const takesFiles = rules.images !== undefined || rules.documents !== undefined;

  useEffect(() => onReady(files.add), [files.add, onReady]);

  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.height = "auto";
    element.style.height = `${Math.min(TALLEST, element.scrollHeight)}px`;
  }, [text]);

  // The stop button vanishes under the hand that pressed it; the next thing to do is to write.
  useEffect(() => {
    if (wasRunning.current && !running && document.activeElement === document.body) field.current?.focus();
    wasRunning.current = running;
  }, [running]);

  const change = (next: string) => {
    setText(next);
    chat.keepDraft(next);
  };
  const canSend = !running && !files.isLoading && (text.trim() !== "" || files.count > 0);
  const send = (question: string) => {
    if (running || files.isLoading || (question.trim() === "" && files.count === 0)) return;
    void chat.send(question.trim(), files.take());
    setText("");
    field.current?.focus();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    send(text);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowUp" && text === "") {
      // As in a shell: the last question comes back.
      const last = chat.messages.findLast((message) => message.role === "question");
      if (!last?.text) return;
      event.preventDefault();
      change(last.text);
      return;
    }
    // While an input method composes a word, Enter takes the word.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send(text);
  };
  const onPaste = (event: ClipboardEvent) => {
    const pasted = [...event.clipboardData.files];
    if (pasted.length === 0 || !takesFiles) return;
    event.preventDefault();
    files.add(pasted);
  };
  return (
    <div className="shrink-0 border-t border-line bg-surface px-4 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
      <div className="mx-auto max-w-[46rem]">
        {prompts.length > 0 && (
          <ul aria-label={t("suggestions")} className="mb-3 flex flex-wrap gap-2">
            {prompts.map((prompt) => (
              <li key={prompt} className="max-w-full">
                <Button className="h-auto! min-h-8 max-w-full rounded-full py-1.5 text-start whitespace-normal" onClick={() => send(prompt)}>
                  {prompt}
                </Button>
              </li>
            ))}
          </ul>
        )}
        <form onSubmit={onSubmit} className="rounded-xl border border-control bg-surface p-1.5 transition-colors duration-120 focus-within:border-primary focus-within:outline-1 focus-within:outline-primary hover:border-muted">
          {files.list.length > 0 && <AttachmentList list={files.list} onRemove={files.remove} />}
          {recorder.seconds === undefined ? (
            <div className="flex items-end gap-1">
              {takesFiles && <AttachButton types={acceptedTypes(rules)} onFiles={files.add} />}
              {rules.speech && (
                <Tip text={t("record")}>
                  <Button variant="ghost" size="icon" aria-label={t("record")} className="rounded-lg" disabled={running} onClick={() => void recorder.start()}>
                    <Mic aria-hidden />
                  </Button>
                </Tip>
              )}
              <textarea
                ref={field}
                rows={1}
                value={text}
                aria-label={t("input")}
                aria-describedby={hintId}
                placeholder={placeholder ?? t("placeholder")}
                enterKeyHint="send"
                onChange={(event) => change(event.target.value)}
                onKeyDown={onKeyDown}
                onPaste={onPaste}
                className={cx("min-h-8 min-w-0 flex-1 resize-none bg-transparent py-1.5 pe-1 text-base text-ink outline-none placeholder:text-faint", !takesFiles && !rules.speech && "ps-1.5")}
              />
              {running ? (
                <Tip text={t("stop")}>
                  <Button variant="secondary" size="icon" aria-label={t("stop")} className="rounded-lg" onClick={chat.stop}>
                    <Square aria-hidden className="size-3! fill-current" />
                  </Button>
                </Tip>
              ) : (
                <Button type="submit" variant="primary" size="icon" aria-label={t("send")} className="rounded-lg" disabled={!canSend}>
                  <ArrowUp aria-hidden />
                </Button>
              )}
            </div>
          ) : (
            <RecordingBar seconds={recorder.seconds} onFinish={recorder.finish} onDiscard={recorder.discard} />
          )}
        </form>
        <p id={hintId} className="mt-1.5 hidden text-center text-xs text-faint sm:block">
          {t("hint")}
        </p>
      </div>
    </div>
  );
}

function AttachButton({ types, onFiles }: { types: string[]; onFiles: (files: Iterable<File>) => void }) {
  const { t } = useTranslation("chat");
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={types.join(",")}
        aria-label={t("attach")}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          // The same file may be chosen again.
          event.target.value = "";
        }}
      />
      <Tip text={t("attach")}>
        <Button variant="ghost" size="icon" aria-label={t("attach")} className="rounded-lg" onClick={() => input.current?.click()}>
          <Paperclip aria-hidden />
        </Button>
      </Tip>
    </>
  );
}

function AttachmentList({ list, onRemove }: { list: Attachment[]; onRemove: (id: string) => void }) {
  const { t } = useTranslation("chat");
  return (
    <ul aria-label={t("files")} className="flex flex-wrap gap-2 p-1 pb-2">
      {list.map((entry) => (
        <li key={entry.id} className={cx("flex max-w-full items-center gap-2 rounded-lg border bg-sunken ps-2 text-sm", entry.state === "failed" ? "border-danger" : "border-line")}>
          <AttachmentLook entry={entry} />
          <span className="min-w-0 py-1">
            <span className="block max-w-48 truncate text-ink">{entry.name}</span>
            {entry.reason && <span className="block max-w-72 text-xs text-danger [overflow-wrap:anywhere]">{entry.reason}</span>}
          </span>
          <Button variant="ghost" size="icon-sm" aria-label={t("detach", { name: entry.name })} onClick={() => onRemove(entry.id)}>
            <X aria-hidden />
          </Button>
        </li>
      ))}
    </ul>
  );
}

function AttachmentLook({ entry }: { entry: Attachment }) {
  const { t } = useTranslation("chat");
  if (entry.state === "failed") return <FileWarning aria-hidden className="size-4 shrink-0 text-danger" />;
  if (entry.state === "loading") {
    return (
      <>
        <LoaderCircle aria-hidden className="size-4 shrink-0 animate-spin text-muted" />
        <Hidden>{t("uploading")}</Hidden>
      </>
    );
  }
  if (entry.preview && entry.mime.startsWith("image/")) return <img src={entry.preview} alt="" className="my-1 size-9 rounded-md object-cover" />;
  // oxlint-disable-next-line jsx-a11y/media-has-caption -- a recording of the reader's own question
  if (entry.preview && entry.mime.startsWith("audio/")) return <audio controls src={entry.preview} aria-label={entry.name} className="h-8 w-52" />;
  return <Paperclip aria-hidden className="size-4 shrink-0 text-muted" />;
}

function RecordingBar({ seconds, onFinish, onDiscard }: { seconds: number; onFinish: () => void; onDiscard: () => void }) {
  const { t } = useTranslation("chat");
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  return (
    <div className="flex items-center gap-2 ps-2">
      <span aria-hidden className="size-2.5 animate-pulse-soft rounded-full bg-danger" />
      <p role="status" className="text-base text-ink">
        {t("recording")}
      </p>
      <span className="text-sm text-muted tabular-nums">{time}</span>
      <span className="ms-auto flex gap-1">
        <Tip text={t("recordDiscard")}>
          <Button variant="ghost" size="icon" aria-label={t("recordDiscard")} className="rounded-lg" onClick={onDiscard}>
            <X aria-hidden />
          </Button>
        </Tip>
        <Tip text={t("recordDone")}>
          <Button variant="primary" size="icon" aria-label={t("recordDone")} className="rounded-lg" onClick={onFinish}>
            <Check aria-hidden />
          </Button>
        </Tip>
      </span>
    </div>
  );
}
