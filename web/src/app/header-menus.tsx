// The two menus at the end of every header: theme and account.
import { useNavigate } from "@tanstack/react-router";
import { CircleUser, LogOut, Monitor, Moon, Sun } from "lucide-react";
import { useTranslation } from "react-i18next";
import { signOut } from "~/api/auth";
import { useSession } from "~/api/session";
import { type ThemeChoice, useTheme } from "~/design/theme";
import { Button } from "~/ui/button";
import { Menu, MenuContent, MenuItem, MenuLabel, MenuRadioGroup, MenuRadioItem, MenuSeparator, MenuTrigger } from "~/ui/menu";

const THEMES = [
  { value: "light", label: "theme.light", icon: Sun },
  { value: "dark", label: "theme.dark", icon: Moon },
  { value: "system", label: "theme.system", icon: Monitor },
] as const;

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
        <MenuItem onSelect={leave}>
          <LogOut aria-hidden />
          {t("user.signOut")}
        </MenuItem>
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
