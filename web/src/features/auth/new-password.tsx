// A new password twice, with its rules: the fields that resetting and changing share.
import { useTranslation } from "react-i18next";
import { PasswordField } from "~/ui/input";
import { isStrong } from "./password";
import { PasswordRules } from "./password-rules";

export interface NewPassword {
  password: string;
  confirm: string;
}

export const NO_PASSWORD: NewPassword = { password: "", confirm: "" };

/** Whether both fields are right. */
export function isChosen({ password, confirm }: NewPassword): boolean {
  return isStrong(password) && confirm === password;
}

/** The two fields; they show what is wrong once `checked`. */
export function NewPasswordFields({ value, onChange, checked }: { value: NewPassword; onChange: (value: NewPassword) => void; checked: boolean }) {
  const { t } = useTranslation("auth");
  return (
    <>
      <PasswordField
        label={t("reset.password")}
        name="password"
        autoComplete="new-password"
        value={value.password}
        onChange={(event) => onChange({ ...value, password: event.target.value })}
        hint={<PasswordRules password={value.password} />}
        error={checked && !isStrong(value.password) ? t("setup.passwordWeak") : undefined}
      />
      <PasswordField
        label={t("reset.confirm")}
        name="confirm"
        autoComplete="new-password"
        value={value.confirm}
        onChange={(event) => onChange({ ...value, confirm: event.target.value })}
        error={checked && value.confirm !== value.password ? t("setup.confirmDiffers") : undefined}
      />
    </>
  );
}
