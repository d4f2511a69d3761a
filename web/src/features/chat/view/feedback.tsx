// Thumbs up, thumbs down, and why.
import { ThumbsDown, ThumbsUp } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { Tip } from "~/ui/tooltip";
import type { Answer, Feedback, Rating } from "../model/answer";
import { useChatTools } from "./chat-context";

const THUMBS = [
  { rating: "THUMBS_UP", label: "rateGood", icon: ThumbsUp },
  { rating: "THUMBS_DOWN", label: "rateBad", icon: ThumbsDown },
] as const;

export function FeedbackButtons({ answer, messageId }: { answer: Answer; messageId: string }) {
  const { t } = useTranslation("chat");
  const errorText = useErrorText();
  const { rate } = useChatTools();
  const [asking, setAsking] = useState(false);
  const given = answer.feedback;
  const send = (feedback: Feedback) => rate(answer.id, messageId, feedback).catch((error: unknown) => toast.error(t("rateFailed", { reason: errorText(error) })));
  const choose = (rating: Rating) => {
    void send({ id: given?.id, rating, content: given?.rating === rating ? given.content : "" });
    setAsking(true);
  };
  return (
    <>
      {THUMBS.map(({ rating, label, icon: Icon }) => (
        <Tip key={rating} text={t(label)}>
          <Button variant="ghost" size="icon-sm" aria-label={t(label)} aria-pressed={given?.rating === rating} onClick={() => choose(rating)}>
            <Icon aria-hidden className={cx(given?.rating === rating && "fill-primary-soft text-primary-ink")} />
          </Button>
        </Tip>
      ))}
      {given && <FeedbackDialog open={asking} onOpenChange={setAsking} given={given} onSend={(content) => void send({ ...given, content })} />}
    </>
  );
}

function FeedbackDialog({ open, onOpenChange, given, onSend }: { open: boolean; onOpenChange: (open: boolean) => void; given: Feedback; onSend: (content: string) => void }) {
  const { t } = useTranslation("chat");
  const [text, setText] = useState(given.content);
  const id = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSend(text.trim());
    onOpenChange(false);
    toast.success(t("rateThanks"));
  };
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={t(given.rating === "THUMBS_UP" ? "rateWhyGood" : "rateWhyBad")} description={t("rateOptional")}>
      <form onSubmit={submit} className="mt-4 flex flex-col gap-4">
        <label htmlFor={id} className="sr-only">
          {t("rateText")}
        </label>
        <textarea
          id={id}
          rows={4}
          value={text}
          maxLength={2000}
          placeholder={t("rateText")}
          onChange={(event) => setText(event.target.value)}
          className="w-full rounded-md border border-control bg-surface px-3 py-2 text-base text-ink placeholder:text-faint"
        />
        <div className="flex justify-end gap-2">
          <Button onClick={() => onOpenChange(false)}>{t("rateSkip")}</Button>
          <Button type="submit" variant="primary" disabled={text.trim() === ""}>
            {t("rateSend")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
