// What can be done with several selected nodes at once.
import {
  AlignCenterHorizontal, AlignCenterVertical, AlignEndHorizontal, AlignEndVertical, AlignHorizontalDistributeCenter, AlignStartHorizontal, AlignStartVertical, AlignVerticalDistributeCenter, Copy, Frame, Sparkles, Trash2,
} from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "~/ui/button";
import { Tip } from "~/ui/tooltip";
import { useEditor } from "./editor-context";
import type { Actions } from "./use-actions";

const ALIGN = [
  ["left", AlignStartVertical],
  ["center", AlignCenterVertical],
  ["right", AlignEndVertical],
  ["top", AlignStartHorizontal],
  ["middle", AlignCenterHorizontal],
  ["bottom", AlignEndHorizontal],
] as const;

export function SelectionBar({ actions }: { actions: Actions }) {
  const { t } = useTranslation("canvas");
  const count = useEditor((state) => state.selection.size);
  return (
    <div role="toolbar" aria-label={t("selection.title")} className="flex w-max max-w-[calc(100cqw-2rem)] flex-wrap items-center gap-0.5 rounded-lg border border-line bg-surface p-1 shadow-md">
      <span className="px-2 text-sm text-muted tabular-nums">{t("selection.count", { count })}</span>
      {ALIGN.map(([how, Icon]) => (
        <Tool key={how} label={t(`selection.${how}`)} onClick={() => actions.align(how)}>
          <Icon aria-hidden />
        </Tool>
      ))}
      {count > 2 && (
        <>
          <Tool label={t("selection.spreadX")} onClick={() => actions.distribute("x")}>
            <AlignHorizontalDistributeCenter aria-hidden />
          </Tool>
          <Tool label={t("selection.spreadY")} onClick={() => actions.distribute("y")}>
            <AlignVerticalDistributeCenter aria-hidden />
          </Tool>
        </>
      )}
      <span aria-hidden className="mx-1 h-5 w-px bg-line" />
      <Tool label={t("tools.tidySelection")} onClick={() => void actions.tidyUp()}>
        <Sparkles aria-hidden />
      </Tool>
      <Tool label={t("selection.frame")} onClick={() => actions.addNote(true)}>
        <Frame aria-hidden />
      </Tool>
      <Tool label={t("selection.duplicate")} onClick={actions.duplicate}>
        <Copy aria-hidden />
      </Tool>
      <Tool label={t("selection.delete")} onClick={() => actions.remove()}>
        <Trash2 aria-hidden />
      </Tool>
    </div>
  );
}

export function Tool({ label, onClick, children, pressed, disabled = false }: { label: string; onClick: () => void; children: ReactNode; pressed?: boolean; disabled?: boolean }) {
  return (
    <Tip text={label}>
      <Button variant="ghost" size="icon" aria-label={label} aria-pressed={pressed} disabled={disabled} onClick={onClick} className="aria-pressed:bg-primary-soft aria-pressed:text-primary-ink">
        {children}
      </Button>
    </Tip>
  );
}
