// The details of one node, read-only: what it is, its settings, what it is wired to.
import { X } from "lucide-react";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { Button } from "~/ui/button";
import { CopyButton } from "~/ui/copy-button";
import { IconTile } from "~/ui/icon-tile";
import { type FieldValue, type FieldView, fieldsOf } from "../model/fields";
import { categoryOf, noteTextOf } from "../model/node-data";
import type { NodeView, ViewGraph } from "../model/view-graph";

export interface InspectorProps {
  view: NodeView;
  graph: ViewGraph;
  onSelect: (id: string) => void;
  onClose: () => void;
}

export function Inspector({ view, graph, onSelect, onClose }: InspectorProps) {
  const { t } = useTranslation("canvas");
  const { t: common } = useTranslation();
  const fields = fieldsOf(view.node);
  const basic = fields.filter((field) => !field.additional);
  const additional = fields.filter((field) => field.additional);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="flex items-center gap-3 border-b border-line p-4">
        <IconTile look={view.look} icon={view.icon} />
        <div className="min-w-0 flex-1">
          <h2 className="truncate text-base font-semibold">{view.label}</h2>
          <p className="truncate text-sm text-muted">{view.unknown ? t("node.unknown") : view.typeLabel}</p>
        </div>
        <Button variant="ghost" size="icon" aria-label={common("close")} onClick={onClose}>
          <X aria-hidden />
        </Button>
      </header>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard */}
      <div tabIndex={0} role="group" aria-label={t("inspector.title")} className="min-h-0 flex-1 overflow-y-auto px-4 pb-6 -outline-offset-2">
        {view.kind === "note" ? (
          <p className="py-4 text-base whitespace-pre-wrap">{noteTextOf(view.node) || t("node.emptyNote")}</p>
        ) : (
          <>
            <Section title={t("inspector.settings")}>
              {fields.length === 0 ? <p className="text-sm text-muted">{t("inspector.noSettings")}</p> : <FieldList fields={basic} />}
            </Section>
            {additional.length > 0 && (
              <details className="group border-t border-line py-4">
                <summary className="cursor-pointer rounded-sm text-sm font-semibold text-ink">{t("inspector.more")}</summary>
                <div className="pt-3">
                  <FieldList fields={additional} />
                </div>
              </details>
            )}
            <Connections view={view} graph={graph} onSelect={onSelect} />
          </>
        )}
        <About view={view} />
      </div>
    </div>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="border-t border-line py-4 first:border-t-0">
      <h3 id={id} className="mb-3 text-sm font-semibold text-ink">
        {title}
      </h3>
      {children}
    </section>
  );
}

function FieldList({ fields }: { fields: FieldView[] }) {
  const { t } = useTranslation("canvas");
  return (
    <dl className="flex flex-col gap-3">
      {fields.map((field) => (
        <div key={field.name}>
          <dt className="text-xs font-medium text-muted" title={field.description}>
            {field.label}
            {field.required && field.value.kind === "unset" && <span className="text-warning"> · {t("inspector.required")}</span>}
          </dt>
          <dd className="mt-0.5 text-sm text-ink [overflow-wrap:anywhere]">
            <Value value={field.value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Value({ value }: { value: FieldValue }) {
  const { t } = useTranslation("canvas");
  switch (value.kind) {
    case "unset":
      return <span className="text-faint">{value.fallback === undefined ? t("inspector.notSet") : t("inspector.default", { value: value.fallback })}</span>;
    case "text":
      return value.text;
    case "block":
      return (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard
        <pre tabIndex={0} className="mt-1 max-h-56 overflow-auto rounded-md border border-line bg-sunken p-2.5 font-mono text-xs whitespace-pre-wrap">
          {value.text}
        </pre>
      );
    case "switch":
      return t(value.on ? "inspector.yes" : "inspector.no");
    case "secret":
      return (
        <span className="text-muted">
          <span aria-hidden>•••••• </span>
          {t("inspector.hidden")}
        </span>
      );
    case "credential":
      return t("inspector.credentialChosen");
    case "file":
      return t("inspector.file", { name: value.name ?? t("inspector.embeddedFile"), size: bytesText(value.bytes ?? 0) });
    case "items":
      return <Items items={value.items} />;
  }
}

function Items({ items }: { items: FieldView[][] }) {
  const { t } = useTranslation("canvas");
  return (
    <ol className="mt-1 flex flex-col gap-2">
      {items.map((fields, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- items have no identity but their place
        <li key={index} className="rounded-md border border-line p-2.5">
          <p className="mb-2 text-xs font-medium text-faint">{t("inspector.item", { number: index + 1 })}</p>
          <FieldList fields={fields} />
        </li>
      ))}
    </ol>
  );
}

function bytesText(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte"] as const;
  const power = bytes < 1_000 ? 0 : bytes < 1_000_000 ? 1 : 2;
  const format = new Intl.NumberFormat(undefined, { style: "unit", unit: units[power] ?? "byte", maximumFractionDigits: 1 });
  return format.format(bytes / 1_000 ** power);
}

function Connections({ view, graph, onSelect }: Omit<InspectorProps, "onClose">) {
  const { t } = useTranslation("canvas");
  const fed = graph.edges.filter((edge) => edge.source === view.id);
  if (view.inputs.length === 0 && view.outputs.length === 0) return null;
  return (
    <Section title={t("inspector.connections")}>
      <dl className="flex flex-col gap-3">
        {view.inputs
          .filter((port) => port.label)
          .map((port) => (
            <div key={port.id}>
              <dt className="text-xs font-medium text-muted">{port.label}</dt>
              <NodeLinks
                ids={graph.edges.filter((edge) => edge.target === view.id && edge.targetHandle === port.id).map((edge) => edge.source)}
                graph={graph}
                onSelect={onSelect}
                empty={t("inspector.notConnected")}
                warn={!port.optional && !port.connected}
              />
            </div>
          ))}
        {view.outputs.length > 0 && (
          <div>
            <dt className="text-xs font-medium text-muted">{t("inspector.feeds")}</dt>
            <NodeLinks ids={fed.map((edge) => edge.target)} graph={graph} onSelect={onSelect} empty={t("inspector.nothing")} />
          </div>
        )}
      </dl>
    </Section>
  );
}

interface NodeLinksProps {
  ids: string[];
  graph: ViewGraph;
  onSelect: (id: string) => void;
  empty: string;
  warn?: boolean;
}

function NodeLinks({ ids, graph, onSelect, empty, warn = false }: NodeLinksProps) {
  const nodes = [...new Set(ids)].flatMap((id) => graph.nodes.find((node) => node.id === id) ?? []);
  if (nodes.length === 0) return <dd className={cx("mt-0.5 text-sm", warn ? "text-warning" : "text-faint")}>{empty}</dd>;
  return (
    <dd className="mt-1 flex flex-wrap gap-1.5">
      {nodes.map((node) => (
        <Button key={node.id} size="sm" className="max-w-full" onClick={() => onSelect(node.id)}>
          <IconTile look={node.look} icon={node.icon} size="sm" className="-ms-1.5 size-5! [&>*]:size-3!" />
          <span className="truncate">{node.label}</span>
        </Button>
      ))}
    </dd>
  );
}

function About({ view }: { view: NodeView }) {
  const { t } = useTranslation("canvas");
  const { t: common } = useTranslation();
  const rows: [string, string | undefined][] = [
    [t("inspector.category"), categoryOf(view.node)],
    [t("inspector.type"), String(view.node.data["name"] ?? "")],
    [t("inspector.version"), view.node.data["version"] === undefined ? undefined : String(view.node.data["version"])],
  ];
  return (
    <Section title={t("inspector.about")}>
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-1.5 text-sm">
        {rows
          .filter(([, value]) => value)
          .map(([label, value]) => (
            <div key={label} className="contents">
              <dt className="text-muted">{label}</dt>
              <dd className="[overflow-wrap:anywhere]">{value}</dd>
            </div>
          ))}
        <dt className="text-muted">{t("inspector.id")}</dt>
        <dd className="flex items-center gap-1 font-mono text-xs [overflow-wrap:anywhere]">
          {view.id}
          <CopyButton text={view.id} label={common("copy")} size="icon-sm" />
        </dd>
      </dl>
    </Section>
  );
}
