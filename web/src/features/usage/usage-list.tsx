// The flows that use something, each a link to its canvas.
import { Link } from "@tanstack/react-router";
import { Workflow } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { UsageRow } from "~/api/usage";
import { Chip } from "~/ui/card";

export function UsageList({ rows }: { rows: readonly UsageRow[] }) {
  const { t } = useTranslation("usage");
  return (
    <ul aria-label={t("usedBy")} className="max-h-56 divide-y divide-line overflow-y-auto rounded-md border border-line">
      {rows.map((row) => (
        <li key={`${row.id} ${row.inDraft}`} className="flex min-w-0 items-center gap-2 px-3 py-2 text-sm">
          <Workflow aria-hidden className="size-4 shrink-0 text-muted" />
          <Link to="/canvas/$id" params={{ id: row.id }} className="min-w-0 truncate font-medium text-ink hover:underline">
            {row.name}
          </Link>
          {row.inDraft && <Chip className="ms-auto shrink-0">{t("draft")}</Chip>}
        </li>
      ))}
    </ul>
  );
}
