// The password rules under a field, ticked as they are met.
import { Check, Circle } from "lucide-react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { Hidden } from "~/ui/states";
import { PASSWORD_RULES } from "./password";

/** The rules, ticked as the password meets them. */
export function PasswordRules({ password }: { password: string }) {
  const { t } = useTranslation("auth");
  return (
    <>
      <span className="mt-1 block">{t("setup.rules")}</span>
      <ul className="mt-1 grid gap-1">
        {PASSWORD_RULES.map((rule) => {
          const met = rule.test(password);
          const Icon = met ? Check : Circle;
          return (
            <li key={rule.name} className={cx("flex items-center gap-2 transition-colors duration-120", met && "text-success")}>
              <Icon aria-hidden className={cx("shrink-0", met ? "size-4" : "mx-1 size-2")} />
              {t(`setup.rule.${rule.name}`)}
              <Hidden>, {t(met ? "setup.ruleMet" : "setup.ruleOpen")}</Hidden>
            </li>
          );
        })}
      </ul>
    </>
  );
}
