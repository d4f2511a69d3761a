// Dialogs that hold a form, and the one that asks to type a word before something is gone for good.
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button";
import { type BoxProps, Dialog, type DialogProps } from "./dialog";
import { Field } from "./input";
import { ErrorNotice } from "./states";

export interface FormDialogProps extends Omit<BoxProps, "footer"> {
  submit: string;
  /** While the answer is awaited: the button spins, and nothing is sent twice. */
  busy?: boolean;
  /** What the last attempt failed with; shown above the fields. */
  error?: unknown;
  /** Something was entered that is not saved: leaving then asks once. */
  dirty?: boolean;
  onSubmit: () => void;
  /** Stands at the start of the row of buttons. */
  aside?: ReactNode;
}

/** A form in a dialog. Enter sends it; leaving it with unsaved entries asks first. */
export function FormDialog({ submit, busy = false, error, dirty = false, onSubmit, aside, onOpenChange, children, ...box }: FormDialogProps) {
  const { t } = useTranslation();
  const form = useId();
  const [leaving, setLeaving] = useState(false);
  const change = (open: boolean) => {
    if (open || !dirty || leaving) {
      setLeaving(false);
      onOpenChange(open);
    } else {
      setLeaving(true);
    }
  };
  const send = (event: FormEvent) => {
    event.preventDefault();
    // A form inside a portal still bubbles through React to a form around it.
    event.stopPropagation();
    if (!busy) onSubmit();
  };
  const footer = leaving ? (
    <>
      <p role="alert" className="me-auto text-sm text-ink">
        {t("form.discardQuestion")}
      </p>
      <Button onClick={() => setLeaving(false)}>{t("form.keepEditing")}</Button>
      <Button variant="danger" onClick={() => change(false)}>
        {t("form.discard")}
      </Button>
    </>
  ) : (
    <>
      {aside && <div className="me-auto">{aside}</div>}
      <Button onClick={() => change(false)}>{t("cancel")}</Button>
      <Button type="submit" form={form} variant="primary" busy={busy}>
        {submit}
      </Button>
    </>
  );
  return (
    <Dialog {...box} onOpenChange={change} footer={footer}>
      <form id={form} noValidate onSubmit={send} className="flex flex-col gap-4">
        <ErrorNotice error={error} />
        {children}
      </form>
    </Dialog>
  );
}

export interface TypedConfirmProps extends DialogProps {
  /** What has to be typed, such as the name of what goes. */
  word: string;
  confirm: string;
  busy?: boolean;
  error?: unknown;
  onConfirm: () => void;
}

/** A question before something that cannot be undone, answered by typing `word`. */
export function TypedConfirmDialog({ word, confirm, busy = false, error, onConfirm, children, onOpenChange, ...dialog }: TypedConfirmProps) {
  const { t } = useTranslation();
  const form = useId();
  const [typed, setTyped] = useState("");
  const right = typed.trim() === word.trim();
  const change = (open: boolean) => {
    setTyped("");
    onOpenChange(open);
  };
  return (
    <Dialog
      {...dialog}
      onOpenChange={change}
      footer={
        <>
          <Button onClick={() => change(false)}>{t("cancel")}</Button>
          <Button type="submit" form={form} variant="danger" busy={busy} disabled={!right}>
            {confirm}
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          event.stopPropagation();
          if (right && !busy) onConfirm();
        }}
      >
        <ErrorNotice error={error} />
        {children}
        <Field label={t("form.typeToConfirm", { word })} value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" spellCheck={false} />
      </form>
    </Dialog>
  );
}
