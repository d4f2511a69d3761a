// Which rows of which nodes, and which variables, a caller may set.
import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { flowConfigQuery } from "~/api/flow-record";
import { variablesQuery } from "~/api/workbench";
import { Button } from "~/ui/button";
import { Chip, Notice } from "~/ui/card";
import { Switch, SwitchField } from "~/ui/form";
import { SearchField } from "~/ui/input";
import { ErrorNotice, Skeleton } from "~/ui/states";
import { countEnabled, type Overrides, readOverrides, withOverrides } from "./overrides";
import type { SectionProps } from "./section-body";

export function OverridesSection({ flow, draft, setPart }: SectionProps) {
  const { t } = useTranslation("flowSettings");
  const rows = useQuery(flowConfigQuery(flow.id));
  const variables = useQuery(variablesQuery());
  const [query, setQuery] = useState("");
  const api = draft.parts.apiConfig;
  const overrides = readOverrides(api, rows.data ?? [], variables.data ?? []);
  const change = (next: Overrides) => setPart("apiConfig", withOverrides(api, next));
  const isReady = rows.isSuccess && !variables.isPending;
  return (
    <>
      <ErrorNotice error={rows.error} />
      <SwitchField label={t("overrides.on")} hint={t("overrides.hint")} checked={overrides.status} disabled={!isReady} onChange={(status) => change({ ...overrides, status })} />
      {overrides.status && !isReady && !rows.isError && <Skeleton className="h-40" />}
      {overrides.status && isReady && (
        <>
          <Notice tone="info">{t("overrides.count", { count: countEnabled(overrides) })}</Notice>
          <SearchField value={query} onChange={setQuery} label={t("overrides.search")} clearLabel={t("overrides.clear")} />
          <OverrideTree overrides={overrides} query={query.trim().toLocaleLowerCase()} onChange={change} />
        </>
      )}
    </>
  );
}

function OverrideTree({ overrides, query, onChange }: { overrides: Overrides; query: string; onChange: (next: Overrides) => void }) {
  const { t } = useTranslation("flowSettings");
  const fits = (...texts: string[]) => !query || texts.join(" ").toLocaleLowerCase().includes(query);
  const variables = overrides.variables.filter((row) => fits(row.name));
  return (
    <div className="flex flex-col gap-2">
      {Object.entries(overrides.nodes).map(([node, rows]) => {
        const shown = rows.filter((row) => fits(node, row.label, row.name));
        if (shown.length === 0) return null;
        const set = (names: ReadonlySet<string>, enabled: boolean) =>
          onChange({ ...overrides, nodes: { ...overrides.nodes, [node]: rows.map((row) => (names.has(row.name) ? { ...row, enabled } : row)) } });
        return (
          <Group key={node} title={node} open={query !== ""} enabled={rows.filter((row) => row.enabled).length} total={rows.length} onAll={(enabled) => set(new Set(shown.map((row) => row.name)), enabled)}>
            {shown.map((row) => (
              <Row key={row.name} label={row.label} detail={`${row.name} · ${row.type}`} name={t("overrides.row", { node, row: row.label })} enabled={row.enabled} onChange={(enabled) => set(new Set([row.name]), enabled)} />
            ))}
          </Group>
        );
      })}
      {variables.length > 0 && (
        <Group
          title={t("overrides.variables")}
          open={query !== ""}
          enabled={overrides.variables.filter((row) => row.enabled).length}
          total={overrides.variables.length}
          onAll={(enabled) => onChange({ ...overrides, variables: overrides.variables.map((row) => (fits(row.name) ? { ...row, enabled } : row)) })}
        >
          {variables.map((row) => (
            <Row
              key={row.id}
              label={row.name}
              detail={row.type}
              name={t("overrides.variable", { name: row.name })}
              enabled={row.enabled}
              onChange={(enabled) => onChange({ ...overrides, variables: overrides.variables.map((other) => (other.id === row.id ? { ...other, enabled } : other)) })}
            />
          ))}
        </Group>
      )}
    </div>
  );
}

interface GroupProps {
  title: string;
  open: boolean;
  enabled: number;
  total: number;
  onAll: (enabled: boolean) => void;
  children: React.ReactNode;
}

function Group({ title, open, enabled, total, onAll, children }: GroupProps) {
  const { t } = useTranslation("flowSettings");
  return (
    <details open={open || undefined} className="group rounded-lg border border-line">
      <summary className="flex cursor-pointer list-none items-center gap-2 rounded-lg px-3 py-2.5 hover:bg-hover [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden className="size-4 shrink-0 text-muted transition-transform duration-120 group-open:rotate-90 rtl:rotate-180" />
        <span className="min-w-0 flex-1 truncate text-base font-medium">{title}</span>
        <Chip className={enabled > 0 ? "border-transparent bg-success-soft text-success" : ""}>{t("overrides.of", { enabled, total })}</Chip>
      </summary>
      <div className="border-t border-line px-3 pb-2">
        <div className="flex justify-end gap-1 py-1.5">
          <Button size="sm" variant="ghost" onClick={() => onAll(true)}>
            {t("overrides.all")}
          </Button>
          <Button size="sm" variant="ghost" onClick={() => onAll(false)}>
            {t("overrides.noneOf")}
          </Button>
        </div>
        <ul className="divide-y divide-line">{children}</ul>
      </div>
    </details>
  );
}

function Row({ label, detail, name, enabled, onChange }: { label: string; detail: string; name: string; enabled: boolean; onChange: (enabled: boolean) => void }) {
  return (
    <li className="flex items-center gap-3 py-2">
      <span className="min-w-0 flex-1">
        <span className="block truncate text-sm text-ink">{label}</span>
        <span className="block truncate font-mono text-xs text-muted">{detail}</span>
      </span>
      <Switch aria-label={name} checked={enabled} onChange={onChange} />
    </li>
  );
}
