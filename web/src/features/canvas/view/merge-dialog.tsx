// Somebody else saved this flow meanwhile: what collides is chosen one by one, all else is in by itself.
import { ChevronRight } from "lucide-react";
import { useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { Button } from "~/ui/button";
import { Dialog } from "~/ui/dialog";
import { toast } from "~/ui/toast";
import { diffOf, isSame } from "../model/diff";
import { type Collision, merge, type Side } from "../model/merge";
import type { Clash } from "../model/saver";
import { DiffView, Lines } from "./diff-view";
import { useEditor, useParts } from "./editor-context";

export function MergeDialog({ clash, rival, onClose }: { clash: Clash; rival: string | undefined; onClose: () => void }) {
  const { t } = useTranslation("canvas");
  const { editor, saver } = useParts();
  const mine = useEditor((state) => state.graph);
  const [choices, setChoices] = useState<ReadonlyMap<string, Side>>(new Map());
  const { graph, collisions } = useMemo(() => merge(clash.base, mine, clash.graph, choices), [clash, mine, choices]);
  const them = rival ?? t("conflict.others");
  const save = async (whole: typeof graph) => {
    onClose();
    if (await saver.resolve(clash, whole)) toast.success(t("conflict.saved"), { action: { label: t("tools.undo"), run: () => editor.undo() } });
  };
  const takeTheirs = () => {
    // As an edit, so that it can be undone.
    editor.edit("theirs", () => clash.graph);
    saver.settled(clash.draft, editor.getState().graph);
    onClose();
  };
  const choose = (id: string, side: Side) => setChoices(new Map(choices).set(id, side));
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="xl"
      title={t("conflict.title")}
      description={t("conflict.body", { name: them })}
      footer={
        <>
          <div className="me-auto flex flex-wrap gap-2">
            <Button variant="ghost" onClick={() => void save(mine)}>
              {t("conflict.mine")}
            </Button>
            <Button variant="ghost" onClick={takeTheirs}>
              {t("conflict.theirs")}
            </Button>
          </div>
          <Button onClick={onClose}>{t("conflict.later")}</Button>
          <Button variant="primary" onClick={() => void save(graph)}>
            {t("conflict.both")}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-5">
        {collisions.length > 0 && (
          <section aria-label={t("conflict.collisions")} className="flex flex-col gap-3">
            <h3 className="text-sm font-semibold">{t("conflict.count", { count: collisions.length })}</h3>
            <ul className="flex flex-col gap-3">
              {collisions.map((collision) => (
                <li key={collision.id}>
                  <Choice collision={collision} side={choices.get(collision.id) ?? "mine"} them={them} onChoose={(side) => choose(collision.id, side)} />
                </li>
              ))}
            </ul>
          </section>
        )}
        <Preview title={t("conflict.fromTheirs", { name: them })} before={mine} after={graph} />
        <Preview title={t("conflict.fromMine")} before={clash.graph} after={graph} />
      </div>
    </Dialog>
  );
}

function Choice({ collision, side, them, onChoose }: { collision: Collision; side: Side; them: string; onChoose: (side: Side) => void }) {
  const { t } = useTranslation("canvas");
  const name = useId();
  const title = collision.kind === "places" ? t("conflict.places") : [collision.node, collision.field === "label" ? t("conflict.label") : collision.field].filter(Boolean).join(" · ");
  return (
    <fieldset className="rounded-lg border border-line">
      <legend className="ms-2 px-1 text-sm font-medium text-ink [overflow-wrap:anywhere]">{title}</legend>
      <div className="grid gap-2 p-3 pt-1.5 sm:grid-cols-2">
        {(["mine", "theirs"] as const).map((one) => (
          <label key={one} className={cx("flex min-w-0 cursor-pointer flex-col gap-2 rounded-md border p-3", one === side ? "border-primary bg-primary-soft/40" : "border-line hover:border-line-strong")}>
            <span className="flex items-center gap-2 text-sm font-medium text-ink">
              <input type="radio" name={name} checked={one === side} onChange={() => onChoose(one)} className="size-4 shrink-0 accent-primary" />
              <span className="min-w-0 [overflow-wrap:anywhere]">{one === "mine" ? t("conflict.yours") : t("conflict.of", { name: them })}</span>
            </span>
            <What collision={collision} side={one} />
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** What one of the two made of it. */
function What({ collision, side }: { collision: Collision; side: Side }) {
  const { t } = useTranslation("canvas");
  if (collision.kind === "places") return <span className="text-sm text-muted [overflow-wrap:anywhere]">{collision.node}</span>;
  if (collision.kind === "removal") {
    const text = collision.removedBy === side ? t("conflict.removed") : collision[side] ? t("conflict.kept", { fields: collision[side] }) : t("conflict.keptUsed");
    return <span className="text-sm text-muted [overflow-wrap:anywhere]">{text}</span>;
  }
  if (collision.kind === "wire") return <span className="text-sm text-muted [overflow-wrap:anywhere]">{collision[side] ? t("conflict.wire", { label: collision[side] }) : t("conflict.noWire")}</span>;
  return <Lines before={collision.base} after={collision[side]} />;
}

function Preview({ title, before, after }: { title: string; before: Clash["graph"]; after: Clash["graph"] }) {
  const diff = useMemo(() => diffOf(before, after), [before, after]);
  if (isSame(diff)) return null;
  return (
    <details className="group">
      <summary className="flex cursor-pointer list-none items-center gap-1.5 rounded-sm text-sm font-semibold text-ink">
        <ChevronRight aria-hidden className="size-4 shrink-0 text-muted transition-transform duration-120 group-open:rotate-90 rtl:-scale-x-100" />
        {title}
        <span className="rounded-full bg-sunken px-2 text-xs font-medium text-muted tabular-nums">{diff.nodes.length + diff.wiresAdded.length + diff.wiresRemoved.length}</span>
      </summary>
      <div className="pt-3">
        <DiffView diff={diff} heading={title} />
      </div>
    </details>
  );
}
