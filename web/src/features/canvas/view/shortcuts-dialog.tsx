// The table of keys.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { areSingleKeysOn, switchSingleKeys } from "~/lib/single-keys";
import { Dialog } from "~/ui/dialog";
import { SwitchField } from "~/ui/form";
import { SHORTCUTS, type Shortcut } from "./shortcuts";

const GROUPS: Shortcut["group"][] = ["build", "edit", "move", "view"];
const SIGNS: Record<string, string> = { ArrowLeft: "←", ArrowRight: "→", Arrows: "← ↑ ↓ →", Escape: "Esc", Delete: "Del", Backspace: "⌫" };

export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("canvas");
  const [single, setSingle] = useState(areSingleKeysOn);
  const isMac = navigator.userAgent.includes("Mac");
  const signOf = (key: string) => (key === "Mod" ? (isMac ? "⌘" : "Ctrl") : (SIGNS[key] ?? key));
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("shortcuts.title")} description={t("shortcuts.body")} size="lg">
      <SwitchField
        className="mb-5 rounded-lg border border-line p-3"
        label={t("shortcuts.single")}
        hint={t("shortcuts.singleHint")}
        checked={single}
        onChange={(on) => {
          switchSingleKeys(on);
          setSingle(on);
        }}
      />
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard */}
      <div tabIndex={0} role="group" aria-label={t("shortcuts.title")} className="grid gap-x-8 gap-y-5 outline-none sm:grid-cols-2">
        {GROUPS.map((group) => (
          <section key={group}>
            <h3 className="mb-1.5 text-sm font-semibold text-ink">{t(`shortcuts.group.${group}`)}</h3>
            <dl className="flex flex-col">
              {SHORTCUTS.filter((shortcut) => shortcut.group === group).map((shortcut) => (
                <div key={shortcut.command} className="flex items-baseline justify-between gap-3 border-b border-line py-1.5 last:border-b-0">
                  <dt className="text-sm text-muted">{t(`shortcuts.command.${shortcut.command}`)}</dt>
                  <dd className="flex shrink-0 gap-1.5">
                    {shortcut.keys.map((keys) => (
                      <kbd key={keys} className="rounded-sm border border-line-strong bg-sunken px-1.5 py-0.5 font-mono text-xs text-ink">
                        {keys.split(/\+(?=.)/).map(signOf).join(" ")}
                      </kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
