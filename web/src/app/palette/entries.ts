// What the palette lists: the commands of the open page, the pages of the menu, and what can be done anywhere.
import { useNavigate } from "@tanstack/react-router";
import { CircleUser, Download, Keyboard, Languages, LogOut, Monitor, Moon, Plus, Sparkles, Sun, Upload } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { signOut } from "~/api/auth";
import { may, useSession } from "~/api/session";
import { openDialog } from "~/app/dialogs";
import { navigationFor } from "~/app/navigation";
import { useTheme } from "~/design/theme";
import { chooseLanguage, LANGUAGES } from "~/i18n/language";
import { type Command, useCommandState } from "~/lib/commands";
import { fuzzyScore } from "~/lib/fuzzy";

export interface Section {
  key: string;
  label: string;
  entries: readonly Command[];
  /** Found by the server, which knows more of them than their name. */
  given?: boolean;
}

/** The sections without flows, which the server finds. */
export function useSections(): Section[] {
  const { t, i18n } = useTranslation();
  const navigate = useNavigate();
  const user = useSession((state) => state.user);
  const groups = useCommandState((state) => state.groups);
  const choose = useTheme((state) => state.choose);
  return useMemo(() => {
    const pages: Command[] = navigationFor(user).flatMap((group) =>
      group.items.map((item) => ({ id: item.to, label: t(item.label), icon: item.icon, keywords: t(group.label), run: () => void navigate({ to: item.to }) })),
    );
    pages.push({ id: "/account", label: t("user.account"), icon: CircleUser, run: () => void navigate({ to: "/account" }) });
    const actions: (Command & { permission?: string })[] = [
      { id: "new-chatflow", label: t("palette.newChatflow"), icon: Plus, permission: "chatflows:create", run: () => void navigate({ to: "/canvas" }) },
      { id: "new-agentflow", label: t("palette.newAgentflow"), icon: Plus, permission: "agentflows:create", run: () => void navigate({ to: "/v2/agentcanvas" }) },
      { id: "describe-agentflow", label: t("palette.describe"), icon: Sparkles, permission: "agentflows:create", run: () => openDialog({ kind: "generate" }) },
      { id: "new-store", label: t("palette.newStore"), icon: Plus, permission: "documentStores:create", run: () => openDialog({ kind: "store" }) },
      { id: "import", label: t("user.import"), icon: Upload, permission: "workspace:import", run: () => openDialog({ kind: "import" }) },
      { id: "export", label: t("user.export"), icon: Download, permission: "workspace:export", run: () => openDialog({ kind: "export" }) },
      { id: "theme-light", label: t("palette.theme", { theme: t("theme.light") }), icon: Sun, run: () => choose("light") },
      { id: "theme-dark", label: t("palette.theme", { theme: t("theme.dark") }), icon: Moon, run: () => choose("dark") },
      { id: "theme-system", label: t("palette.theme", { theme: t("theme.system") }), icon: Monitor, run: () => choose("system") },
      ...LANGUAGES.filter(({ code }) => code !== i18n.language).map(({ code, name }) => ({
        id: `language-${code}`,
        label: t("palette.language", { language: name }),
        keywords: "language Sprache",
        icon: Languages,
        run: () => void chooseLanguage(code),
      })),
      { id: "shortcuts", label: t("shortcuts.title"), icon: Keyboard, shortcut: "?", run: () => openDialog({ kind: "shortcuts" }) },
      {
        id: "sign-out",
        label: t("user.signOut"),
        icon: LogOut,
        run: () =>
          void signOut()
            .catch(() => undefined)
            .then(() => navigate({ to: "/signin", replace: true })),
      },
    ];
    return [
      { key: "here", label: t("palette.here"), entries: groups.flat() },
      { key: "pages", label: t("palette.pages"), entries: pages },
      { key: "actions", label: t("palette.actions"), entries: actions.filter(({ permission }) => !permission || may(user, permission)) },
    ];
  }, [t, i18n.language, navigate, user, groups, choose]);
}

/** The entries that answer to `query`, best first; sections in the order of their best entry. What the server found stays in any case. */
export function found(sections: readonly Section[], query: string): Section[] {
  const filled = sections.filter((section) => section.entries.length > 0);
  if (!query.trim()) return filled;
  return filled
    .map((section) => {
      const scored = section.entries.flatMap((entry) => {
        const score = scoreOf(entry, query) ?? (section.given ? 0 : null);
        return score === null ? [] : [{ entry, score }];
      });
      const sorted = scored.toSorted((a, b) => b.score - a.score);
      return { ...section, entries: sorted.map(({ entry }) => entry), best: sorted[0]?.score ?? -1 };
    })
    .filter((section) => section.entries.length > 0)
    .toSorted((a, b) => b.best - a.best);
}

/** Another word for a thing counts less than its name. */
function scoreOf(entry: Command, query: string): number | null {
  const own = fuzzyScore(entry.label, query);
  const other = entry.keywords ? fuzzyScore(entry.keywords, query) : null;
  return own === null && other === null ? null : Math.max(own ?? 0, (other ?? 0) - 20);
}
