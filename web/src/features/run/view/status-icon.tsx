// How a step of a flow went, as a sign with a word for who cannot see it.
import "../texts";
import { CircleAlert, CircleCheck, CircleDashed, CircleStop, Hand, LoaderCircle, type LucideIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { Hidden } from "~/ui/states";

const SIGNS = {
  INPROGRESS: { icon: LoaderCircle, word: "status.running", look: "animate-spin text-primary-ink" },
  FINISHED: { icon: CircleCheck, word: "status.finished", look: "text-success" },
  ERROR: { icon: CircleAlert, word: "status.failed", look: "text-danger" },
  TIMEOUT: { icon: CircleAlert, word: "status.failed", look: "text-danger" },
  STOPPED: { icon: Hand, word: "status.waiting", look: "text-warning" },
  TERMINATED: { icon: CircleStop, word: "status.stopped", look: "text-muted" },
} as const satisfies Record<string, { icon: LucideIcon; word: string; look: string }>;

export function StatusIcon({ status }: { status: string }) {
  const { t } = useTranslation("run");
  const sign = status in SIGNS ? SIGNS[status as keyof typeof SIGNS] : undefined;
  if (!sign) return <CircleDashed aria-hidden className="size-4 shrink-0 text-faint" />;
  const { icon: Icon, word, look } = sign;
  return (
    <>
      <Icon aria-hidden className={cx("size-4 shrink-0", look)} />
      <Hidden>{t(word)}: </Hidden>
    </>
  );
}
