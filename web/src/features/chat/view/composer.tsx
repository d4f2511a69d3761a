// Where the question is written.
import { ArrowUp, Square } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "~/ui/button";
import { Tip } from "~/ui/tooltip";

export interface ComposerProps {
  running: boolean;
  /** Suggestions above the field. */
  prompts: string[];
  /** What stood here when the page was left. */
  draft: string;
  onDraft: (text: string) => void;
  onSend: (text: string) => void;
  onStop: () => void;
}

/** How tall the field grows before it scrolls, in pixels. */
const TALLEST = 180;

export function Composer({ running, prompts, draft, onDraft, onSend, onStop }: ComposerProps) {
  const { t } = useTranslation("chat");
  const [text, setText] = useState(draft);
  const field = useRef<HTMLTextAreaElement>(null);
  const hintId = useId();
  const wasRunning = useRef(false);

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

  const send = (question: string) => {
    if (running || question.trim() === "") return;
    onSend(question.trim());
    setText("");
    field.current?.focus();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    send(text);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // While an input method composes a word, Enter takes the word.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send(text);
  };
  return (
    <div className="shrink-0 border-t border-line bg-surface px-4 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))]">
      <div className="mx-auto max-w-3xl">
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
        <form
          onSubmit={onSubmit}
          className="flex items-end gap-2 rounded-xl border border-control bg-surface p-1.5 ps-3 transition-colors duration-120 focus-within:border-primary focus-within:outline-1 focus-within:outline-primary hover:border-muted"
        >
          <textarea
            ref={field}
            rows={1}
            value={text}
            aria-label={t("input")}
            aria-describedby={hintId}
            placeholder={t("placeholder")}
            enterKeyHint="send"
            onChange={(event) => {
              setText(event.target.value);
              onDraft(event.target.value);
            }}
            onKeyDown={onKeyDown}
            className="min-h-8 flex-1 resize-none bg-transparent py-1.5 text-base text-ink outline-none placeholder:text-faint"
          />
          {running ? (
            <Tip text={t("stop")}>
              <Button variant="secondary" size="icon" aria-label={t("stop")} className="rounded-lg" onClick={onStop}>
                <Square aria-hidden className="size-3! fill-current" />
              </Button>
            </Tip>
          ) : (
            <Button type="submit" variant="primary" size="icon" aria-label={t("send")} className="rounded-lg" disabled={text.trim() === ""}>
              <ArrowUp aria-hidden />
            </Button>
          )}
        </form>
        <p id={hintId} className="mt-1.5 hidden text-center text-xs text-faint sm:block">
          {t("hint")}
        </p>
      </div>
    </div>
  );
}
