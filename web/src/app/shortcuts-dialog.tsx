// The keys that work everywhere, in one place.
import { useTranslation } from "react-i18next";
import { Dialog } from "~/ui/dialog";
import { Keys, MOD } from "~/ui/keys";

const SHORTCUTS = [
  { keys: [MOD, "K"], label: "shortcuts.palette" },
  { keys: ["/"], label: "shortcuts.search" },
  { keys: [MOD, "F"], label: "shortcuts.search" },
  { keys: ["Esc"], label: "shortcuts.escape" },
  { keys: ["Shift", "F10"], label: "shortcuts.rowMenu" },
  { keys: ["F8"], label: "shortcuts.notices" },
  { keys: ["?"], label: "shortcuts.help" },
] as const;

export default function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("shortcuts.title")} description={t("shortcuts.lead")}>
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-5 gap-y-3">
        {SHORTCUTS.map(({ keys, label }) => (
          <div key={keys.join()} className="contents">
            <dt>
              <Keys keys={keys} />
            </dt>
            <dd className="text-base text-muted">{t(label)}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
