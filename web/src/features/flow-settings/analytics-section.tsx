// Services that every run is reported to.
import { useTranslation } from "react-i18next";
import { asObject } from "~/lib/json";
import { Switch } from "~/ui/form";
import { setIn } from "./model";
import { ProviderForm } from "./provider-form";
import { ANALYTICS, initialsOf } from "./providers";
import type { SectionProps } from "./section-body";

export function AnalyticsSection({ draft, setPart }: SectionProps) {
  const { t } = useTranslation("flowSettings");
  const analytic = draft.parts.analytic;
  return (
    <ul className="divide-y divide-line rounded-lg border border-line">
      {ANALYTICS.map((provider) => {
        const values = asObject(analytic[provider.name]) ?? {};
        const on = values["status"] === true;
        return (
          <li key={provider.name} className="flex flex-col gap-4 p-4">
            <div className="flex items-center justify-between gap-4">
              <h3 className="text-base font-medium">{provider.label}</h3>
              <Switch aria-label={t("analytics.on", { provider: provider.label })} checked={on} onChange={(status) => setPart("analytic", { ...analytic, [provider.name]: { ...initialsOf(provider), ...values, status } })} />
            </div>
            {on && <ProviderForm provider={provider} values={values} onChange={(next) => setPart("analytic", setIn(analytic, [provider.name], next))} />}
          </li>
        );
      })}
    </ul>
  );
}
