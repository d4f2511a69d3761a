// What stands at the end of every header: the way into the palette, theme and account.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { CircleUser, Download, Keyboard, Languages, LogOut, Monitor, Moon, Search, Sun, Upload } from "lucide-react";
import { useTranslation } from "react-i18next";
import { signOut } from "~/api/auth";
import { versionQuery } from "~/api/queries";
import { may, useSession } from "~/api/session";
import { openDialog } from "~/app/dialogs";
import { type ThemeChoice, useTheme } from "~/design/theme";
import { chooseLanguage, type Language, LANGUAGES } from "~/i18n/language";
import { openPalette } from "~/lib/commands";
import { Button } from "~/ui/button";
import { Keys, MOD } from "~/ui/keys";
import { Menu, MenuContent, MenuItem, MenuLabel, MenuRadioGroup, MenuRadioItem, MenuSeparator, MenuSub, MenuSubContent, MenuSubTrigger, MenuTrigger } from "~/ui/menu";

const THEMES = [
  { value: "light", label: "theme.light", icon: Sun },
  { value: "dark", label: "theme.dark", icon: Moon },
  { value: "system", label: "theme.system", icon: Monitor },
] as const;

/** Looks like a search box and opens the palette; where there is no room, only its glass. */
export function PaletteButton() {
  const { t } = useTranslation();
  return (
    <>
      <button
        type="button"
        onClick={openPalette}
        className="hidden h-8 w-64 items-center gap-2 rounded-md border border-line-strong bg-sunken px-2.5 text-sm text-muted transition-colors duration-120 hover:border-control hover:text-ink md:flex"
      >
        <Search aria-hidden className="size-4 shrink-0" />
        <span className="min-w-0 flex-1 truncate text-start">{t("palette.open")}</span>
        <Keys keys={[MOD, "K"]} />
      </button>
      <Button variant="ghost" size="icon" aria-label={t("palette.open")} className="md:hidden" onClick={openPalette}>
        <Search aria-hidden />
      </Button>
    </>
  );
}

/** The languages, as entries of a menu. */
export function LanguageItems() {
  const { i18n } = useTranslation();
  return (
    <MenuRadioGroup value={i18n.language} onValueChange={(code) => void chooseLanguage(code as Language)}>
      {LANGUAGES.map(({ code, name }) => (
        <MenuRadioItem key={code} value={code}>
          <span lang={code}>{name}</span>
        </MenuRadioItem>
      ))}
    </MenuRadioGroup>
  );
}

/** Where there is no account menu yet: the pages before sign-in. */
export function LanguageMenu() {
  const { t } = useTranslation();
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label={t("user.language")}>
          <Languages aria-hidden />
        </Button>
      </MenuTrigger>
      <MenuContent>
        <LanguageItems />
      </MenuContent>
    </Menu>
  );
}

export function ThemeMenu() {
  const { t } = useTranslation();
  const { choice, choose } = useTheme();
  const Current = THEMES.find((theme) => theme.value === choice)?.icon ?? Monitor;
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label={t("theme.label")}>
          <Current aria-hidden />
        </Button>
      </MenuTrigger>
      <MenuContent>
        <MenuRadioGroup value={choice} onValueChange={(value) => choose(value as ThemeChoice)}>
          {THEMES.map(({ value, label, icon: Icon }) => (
            <MenuRadioItem key={value} value={value}>
              <Icon aria-hidden />
              {t(label)}
            </MenuRadioItem>
          ))}
        </MenuRadioGroup>
      </MenuContent>
    </Menu>
  );
}

export function UserMenu() {
  const { t } = useTranslation();
  const user = useSession((state) => state.user);
  const navigate = useNavigate();
  const version = useQuery(versionQuery());
  if (!user) return null;
  const leave = () =>
    void signOut()
      .catch(() => undefined)
      .then(() => navigate({ to: "/signin", replace: true }));
  return (
    <Menu>
      <MenuTrigger asChild>
        <Button variant="ghost" size="icon" aria-label={t("user.menu", { name: user.name })} className="rounded-full">
          {/* Drawn, not written: the button's name says the whole name. */}
          <span
            aria-hidden
            data-initials={initials(user.name || user.email)}
            className="flex size-7 items-center justify-center rounded-full bg-primary-soft text-xs font-semibold text-primary-ink after:content-[attr(data-initials)]"
          />
        </Button>
      </MenuTrigger>
      <MenuContent className="max-w-72">
        <MenuLabel>{t("user.signedInAs")}</MenuLabel>
        <div className="px-2.5 pb-2">
          <p className="truncate text-sm font-medium text-ink">{user.name}</p>
          <p className="truncate text-sm text-muted">{user.email}</p>
        </div>
        <MenuSeparator />
        <MenuItem onSelect={() => void navigate({ to: "/account" })}>
          <CircleUser aria-hidden />
          {t("user.account")}
        </MenuItem>
        <MenuSub>
          <MenuSubTrigger>
            <Languages aria-hidden />
            {t("user.language")}
          </MenuSubTrigger>
          <MenuSubContent>
            <LanguageItems />
          </MenuSubContent>
        </MenuSub>
        <MenuItem onSelect={() => openDialog({ kind: "shortcuts" })}>
          <Keyboard aria-hidden />
          {t("shortcuts.title")}
        </MenuItem>
        {(may(user, "workspace:import") || may(user, "workspace:export")) && <MenuSeparator />}
        {may(user, "workspace:import") && (
          <MenuItem onSelect={() => openDialog({ kind: "import" })}>
            <Upload aria-hidden />
            {t("user.import")}
          </MenuItem>
        )}
        {may(user, "workspace:export") && (
          <MenuItem onSelect={() => openDialog({ kind: "export" })}>
            <Download aria-hidden />
            {t("user.export")}
          </MenuItem>
        )}
        <MenuSeparator />
        <MenuItem onSelect={leave}>
          <LogOut aria-hidden />
          {t("user.signOut")}
        </MenuItem>
        {version.data && <p className="px-2.5 pt-2 pb-1 text-xs text-faint">{t("user.version", { version: version.data.version })}</p>}
      </MenuContent>
    </Menu>
  );
}

/** The first letters of the first and the last word. */
function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? "")][0] ?? "");
  return letters.join("").toLocaleUpperCase();
}
