// The plan for a workspace's file: every thing in it, what it meets here, and what is done about that.
import { useMutation, useQuery } from "@tanstack/react-query";
import { CircleCheck, Info } from "lucide-react";
import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { importWorkspace, planImport } from "~/api/transfer";
import type { Imported } from "~/api/types/Imported";
import type { ImportLeftOut } from "~/api/types/ImportLeftOut";
import type { ImportPlan } from "~/api/types/ImportPlan";
import { LoadingPage } from "~/app/layouts/root";
import { cx } from "~/lib/cx";
import { Button } from "~/ui/button";
import { Chip } from "~/ui/card";
import { Dialog } from "~/ui/dialog";
import { FormDialog } from "~/ui/form-dialog";
import { ErrorState } from "~/ui/states";
import { COUNTED, type Choice, planRows, type PlanRow, resolutionsOf } from "./plan";
import type { ListName, Reading } from "./read-file";

type WorkspaceReading = Extract<Reading, { kind: "workspace" }>;

interface Props {
  reading: WorkspaceReading;
  notes: ReactNode;
  onClose: () => void;
  onDone: () => void;
}

/** More rows than this are told by their number: nobody reads on. */
const MOST_ROWS = 200;

export function WorkspaceImport({ reading, notes, onClose, onDone }: Props) {
  const { t } = useTranslation("transfer");
  const plan = useQuery({ queryKey: ["import-plan", reading.fileName], queryFn: () => planImport(reading.file), staleTime: 0, gcTime: 0, retry: false });
  const shut = (open: boolean) => !open && onClose();
  if (plan.data) return <Planned reading={reading} plan={plan.data} notes={notes} onClose={onClose} onDone={onDone} />;
  return (
    <Dialog open onOpenChange={shut} title={t("workspace.title")} description={reading.fileName} size="lg">
      {plan.error ? <ErrorState error={plan.error} onRetry={() => void plan.refetch()} className="py-6" /> : <LoadingPage />}
    </Dialog>
  );
}

function Planned({ reading, plan, notes, onClose, onDone }: Props & { plan: ImportPlan }) {
  const { t } = useTranslation("transfer");
  const keptOut = new Set(plan.leftOut.map((left) => left.type));
  // Of lists that are not taken at all nothing needs a decision; of those taken in part, messages, nothing has a name.
  const rows = useMemo(() => planRows(reading.lists, plan.conflicts).filter((row) => !plan.leftOut.some((left) => left.type === row.list)), [reading, plan]);
  const [choices, setChoices] = useState<ReadonlyMap<string, Choice>>(new Map());
  const [general, setGeneral] = useState<Choice>("duplicate");
  const take = useMutation({ mutationFn: () => importWorkspace(reading.file, resolutionsOf(rows, choices, general)) });
  const met = rows.filter((row) => row.conflict).length;
  const shown = rows.slice(0, MOST_ROWS);
  const counted = reading.lists.filter(({ list }) => COUNTED.has(list) && !keptOut.has(list));
  if (take.data) return <Done imported={take.data} onDone={onDone} />;
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="lg"
      title={t("workspace.title")}
      description={t("workspace.lead", { file: reading.fileName })}
      submit={t("import.submit")}
      busy={take.isPending}
      error={take.error}
      onSubmit={() => take.mutate()}
    >
      {notes}
      <p className="text-base text-ink">
        {t("workspace.new", { count: rows.length - met })} {met > 0 && t("workspace.met", { count: met })}
      </p>
      {met > 1 && (
        <label className="flex flex-wrap items-center gap-3 text-sm text-muted">
          {t("workspace.forAll")}
          <ChoiceSelect
            value={general}
            onChange={(choice) => {
              setGeneral(choice);
              setChoices(new Map());
            }}
          />
        </label>
      )}
      <ul className="divide-y divide-line overflow-hidden rounded-lg border border-line">
        {shown.map((row) => (
          <PlanItem
            key={`${row.list} ${row.id}`}
            row={row}
            choice={choices.get(`${row.list} ${row.id}`) ?? general}
            onChoose={(choice) => setChoices(new Map(choices).set(`${row.list} ${row.id}`, choice))}
          />
        ))}
        {rows.length > shown.length && <li className="px-3 py-2 text-sm text-muted">{t("workspace.more", { count: rows.length - shown.length })}</li>}
        {counted.map(({ list, rows: entries }) => (
          <li key={list} className="flex items-center justify-between gap-3 px-3 py-2 text-sm text-ink">
            {t(`list.${list}`)}
            <span className="text-muted tabular-nums">{entries.length}</span>
          </li>
        ))}
      </ul>
      <LeftOut entries={plan.leftOut} />
    </FormDialog>
  );
}

function PlanItem({ row, choice, onChoose }: { row: PlanRow; choice: Choice; onChoose: (choice: Choice) => void }) {
  const { t } = useTranslation("transfer");
  return (
    <li className="grid grid-cols-[1fr_auto] items-center gap-x-3 gap-y-1.5 px-3 py-2.5 sm:flex sm:py-2">
      <span className="flex sm:w-32 sm:shrink-0">
        <Chip>{t(`list.${row.list}`)}</Chip>
      </span>
      <span title={row.name} className="order-1 col-span-2 min-w-0 flex-1 truncate text-base text-ink sm:order-none">
        {row.name}
      </span>
      {row.conflict ? (
        <>
          <span className="text-xs text-warning">{t(row.conflict.sameId ? "workspace.sameId" : "workspace.sameName")}</span>
          <ChoiceSelect label={t("workspace.choiceFor", { name: row.name })} value={choice} onChange={onChoose} className="order-2 col-span-2 sm:order-none" />
        </>
      ) : (
        <span className="text-xs text-success">{t("workspace.isNew")}</span>
      )}
    </li>
  );
}

const CHOICES: readonly Choice[] = ["duplicate", "update", "skip"];

function ChoiceSelect({ value, onChange, label, className }: { value: Choice; onChange: (choice: Choice) => void; label?: string; className?: string }) {
  const { t } = useTranslation("transfer");
  return (
    <select value={value} aria-label={label} onChange={(event) => onChange(event.target.value as Choice)} className={cx("h-8 rounded-md border border-control bg-surface px-2 text-sm text-ink", className)}>
      {CHOICES.map((choice) => (
        <option key={choice} value={choice}>
          {t(`choice.${choice}`)}
        </option>
      ))}
    </select>
  );
}

function LeftOut({ entries }: { entries: readonly ImportLeftOut[] }) {
  const { t } = useTranslation("transfer");
  if (entries.length === 0) return null;
  return (
    <div className="flex items-start gap-2 text-sm text-muted">
      <Info aria-hidden className="mt-0.5 size-4 shrink-0" />
      <ul className="flex flex-col gap-1">
        {entries.map((left) => (
          <li key={`${left.type} ${left.reason}`}>{t("workspace.leftOut", { count: left.rows, list: t(`list.${left.type as ListName}`), reason: left.reason })}</li>
        ))}
      </ul>
    </div>
  );
}

/** What came in, and what did not. */
function Done({ imported, onDone }: { imported: Imported; onDone: () => void }) {
  const { t } = useTranslation("transfer");
  const lists = Object.entries(imported.imported);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onDone()}
      title={t("workspace.doneTitle")}
      footer={
        <Button variant="primary" data-autofocus onClick={onDone}>
          {t("workspace.close")}
        </Button>
      }
    >
      <div role="status" className="flex flex-col gap-4">
        {lists.length === 0 ? (
          <p className="text-base text-muted">{t("workspace.nothing")}</p>
        ) : (
          <ul className="flex flex-col gap-2">
            {lists.map(([list, count]) => (
              <li key={list} className="flex items-center gap-2.5 text-base text-ink">
                <CircleCheck aria-hidden className="size-4 shrink-0 text-success" />
                {t(`list.${list as ListName}`)}
                <span className="ms-auto text-muted tabular-nums">{count}</span>
              </li>
            ))}
          </ul>
        )}
        <LeftOut entries={imported.leftOut} />
      </div>
    </Dialog>
  );
}
