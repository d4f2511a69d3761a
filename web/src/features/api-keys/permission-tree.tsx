// Ticking permissions, area by area.
import { useTranslation } from "react-i18next";
import { Button } from "~/ui/button";
import { Checkbox } from "~/ui/checkbox";
import { CheckboxField } from "~/ui/form";
import { allOf, areaName, areaState, type PermissionTree, readingOf, withKeys } from "./model";

interface Props {
  tree: PermissionTree;
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
}

export function PermissionPicker({ tree, chosen, onChange }: Props) {
  const { t } = useTranslation("apiKeys");
  const all = allOf(tree);
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="text-sm font-medium text-ink">{t("permissions")}</legend>
      <p className="text-sm text-muted">{t("permissionsHint")}</p>
      <div className="flex flex-wrap items-center gap-2">
        <Button size="sm" onClick={() => onChange(new Set(all))}>
          {t("everything")}
        </Button>
        <Button size="sm" onClick={() => onChange(new Set(readingOf(tree)))}>
          {t("readOnly")}
        </Button>
        <Button size="sm" onClick={() => onChange(new Set())}>
          {t("nothing")}
        </Button>
        <span role="status" className="ms-auto text-sm text-muted tabular-nums">
          {t("chosen", { count: all.filter((key) => chosen.has(key)).length, total: all.length })}
        </span>
      </div>
      <ul className="divide-y divide-line rounded-lg border border-line">
        {Object.entries(tree).map(([area, permissions]) => (
          <li key={area} className="grid gap-x-4 gap-y-2 p-3 sm:grid-cols-[11rem_1fr]">
            <div className="flex items-start gap-2.5">
              <Checkbox
                id={`area-${area}`}
                checked={areaState(permissions, chosen)}
                onChange={(on) => onChange(withKeys(chosen, permissions.map((permission) => permission.key), on))}
              />
              <label htmlFor={`area-${area}`} className="text-base font-medium text-ink">
                {areaName(area)}
              </label>
            </div>
            <div className="flex flex-wrap gap-x-5 gap-y-2 max-sm:grid max-sm:grid-cols-2 max-sm:ps-6.5">
              {permissions.map((permission) => (
                <CheckboxField
                  key={permission.key}
                  id={`permission-${permission.key}`}
                  label={permission.value}
                  checked={chosen.has(permission.key)}
                  onChange={(on) => onChange(withKeys(chosen, [permission.key], on))}
                />
              ))}
            </div>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
