// The details of one node: its name, its settings as a form, what it is wired to.
import { ArrowDown, ArrowUp, CircleArrowUp, Plus, Unplug, X } from "lucide-react";
import { type ReactNode, useEffect, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { asArray, asObject, asText, type JsonObject } from "~/lib/json";
import { Button } from "~/ui/button";
import { Notice } from "~/ui/card";
import { CopyButton } from "~/ui/copy-button";
import { CONTROL, SearchField } from "~/ui/input";
import { IconTile } from "~/ui/icon-tile";
import { isStep } from "../model/connect";
import { isStart } from "../model/envelope";
import { isFound, visibleOf } from "../model/fields";
import { categoryOf, inputsOf, nameOf, noteTextOf, type Param, paramsOf } from "../model/node-data";
import { disconnect, instanceOf, pinnedOf, reorderList, setCredential, setInputs, setLabel, setOutput, togglePinned } from "../model/operations";
import { updateNode } from "../model/update-node";
import { byName, type NodeView, type PortView } from "../model/view-graph";
import { useEditor, useGraph, usePanels, useParts } from "./editor-context";
import { EnvelopeSection } from "./envelope-section";
import { partsOf } from "./fields/config-form";
import { FieldForm } from "./fields/field-form";
import { fieldId, type FormScope } from "./fields/types";
import { fieldOf, fieldSentence } from "./problem-text";
import { TrialSection } from "./trial-section";
import { StartLink } from "./start-link";
import { usePortName } from "./use-port-name";

export interface InspectorProps {
  view: NodeView;
  onSelect: (id: string) => void;
  onClose: () => void;
}

export function Inspector({ view, onSelect, onClose }: InspectorProps) {
  const { t } = useTranslation("canvas");
  const { t: common } = useTranslation();
  const { editor } = useParts();
  const readOnly = useEditor((state) => state.readOnly);
  const isCard = view.kind === "node" || view.kind === "frame";
  const box = useFocusedField(view.id);
  return (
    <div ref={box} className="flex h-full min-h-0 flex-col">
      <header className="flex items-center gap-3 border-b border-line p-3 ps-4">
        <IconTile look={view.look} icon={view.icon} />
        <div className="min-w-0 flex-1">
          <h2 className="sr-only">{view.label}</h2>
          {isCard ? (
            <input
              data-field="@label"
              aria-label={t("inspector.name")}
              value={view.label}
              disabled={readOnly}
              onChange={(event) => editor.edit("rename", (graph) => setLabel(graph, view.id, event.target.value), `${view.id}.label`)}
              className="-mx-1.5 w-full truncate rounded-sm border border-transparent bg-transparent px-1.5 text-base font-semibold text-ink hover:border-line focus-visible:border-primary"
            />
          ) : (
            <p aria-hidden className="text-base font-semibold">{t(view.kind === "group" ? "frame.title" : "note.title")}</p>
          )}
          <p className="truncate text-sm text-muted">{view.unknown ? t("node.unknown") : isCard ? view.typeLabel : ""}</p>
        </div>
        <Button variant="ghost" size="icon" aria-label={common("close")} onClick={onClose}>
          <X aria-hidden />
        </Button>
      </header>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scrolling region must be reachable by keyboard */}
      <div tabIndex={0} role="group" aria-label={t("inspector.title")} className="min-h-0 flex-1 overflow-y-auto px-4 pb-6 -outline-offset-2">
        {isCard ? <NodeBody view={view} onSelect={onSelect} /> : <NoteBody view={view} />}
        {isCard && <About view={view} />}
      </div>
    </div>
  );
}

/** Brings the field that something leads to into view and focus. */
function useFocusedField(nodeId: string) {
  const box = useRef<HTMLDivElement>(null);
  const { panels } = useParts();
  const wanted = usePanels((state) => state.focusField);
  useEffect(() => {
    if (!wanted || wanted.nodeId !== nodeId || !box.current) return;
    const row = wanted.name === "" ? box.current.querySelector("[data-field]:not([data-field='@label'])") : box.current.querySelector(`[data-field="${CSS.escape(wanted.name)}"]`);
    const holder = row?.closest("details");
    if (holder) holder.open = true;
    row?.scrollIntoView({ block: "center" });
    const control = row?.matches("input") ? row : row?.querySelector<HTMLElement>("input:not([hidden]), select, textarea, .cm-content, button[role=combobox], button[role=switch], button");
    if (control instanceof HTMLElement) control.focus();
    else box.current.querySelector<HTMLElement>("[role=group]")?.focus();
    panels.setState({ focusField: undefined });
  }, [wanted, nodeId, panels]);
  return box;
}

/** A form with more fields than this can be searched. */
const MOST_UNSEARCHED = 8;

/** The search over a long form: what is wanted, whether anything is called so, and the box itself. */
function useFieldSearch(nodeId: string, params: readonly Param[], values: JsonObject) {
  const { t } = useTranslation("canvas");
  const { catalog } = useParts();
  const [text, setText] = useState("");
  const led = usePanels((state) => state.focusField);
  // A field that something leads to is shown, whatever was searched before.
  if (led?.nodeId === nodeId && text !== "") setText("");
  const visible = visibleOf(params, values, values);
  const parts = (param: Param) => partsOf(param, values, catalog);
  const count = visible.reduce((sum, param) => sum + 1 + parts(param).length, 0);
  const wanted = text.trim().toLowerCase() || undefined;
  return {
    wanted,
    nothing: wanted !== undefined && !visible.some((param) => isFound(param, wanted, parts)),
    box: count > MOST_UNSEARCHED && <SearchField value={text} onChange={setText} label={t("inspector.find")} clearLabel={t("picker.clear")} className="mb-4" />,
  };
}

function NodeBody({ view, onSelect }: { view: NodeView; onSelect: (id: string) => void }) {
  const { t } = useTranslation("canvas");
  const { editor, catalog, kind } = useParts();
  const readOnly = useEditor((state) => state.readOnly);
  const { node } = view;
  const params = useMemo(() => paramsOf(node), [node]);
  const values = useMemo((): JsonObject => ({ ...inputsOf(node), credential: asText(node.data["credential"]) ?? inputsOf(node)["FLOWISE_CREDENTIAL_ID"] ?? "" }), [node]);
  const errors = useMemo(
    () => new Map(view.problems.flatMap((problem) => (fieldOf(problem) && fieldSentence(problem) ? [[fieldOf(problem) ?? "", t(`field.${fieldSentence(problem) ?? "needed"}`)] as const] : []))),
    [view.problems, t],
  );
  const search = useFieldSearch(view.id, params, values);
  const scope: FormScope = {
    wanted: search.wanted,
    nodeId: view.id,
    component: nameOf(node),
    root: values,
    path: "",
    readOnly,
    form: FieldForm,
    errors,
    pins: readOnly ? undefined : { names: pinnedOf(node), toggle: (name) => editor.edit("pin", (graph) => togglePinned(graph, view.id, name)) },
  };
  const change = (next: JsonObject) => {
    const { credential, FLOWISE_CREDENTIAL_ID: _, ...fields } = next;
    const names = Object.keys(next).join(",");
    editor.edit(
      "set",
      (graph) => {
        const filled = Object.keys(fields).length > 0 ? setInputs(graph, view.id, fields) : graph;
        return typeof credential === "string" ? setCredential(filled, view.id, credential) : filled;
      },
      `${view.id}.${names}`,
    );
  };
  const update = view.newerVersion !== undefined && catalog ? byName(catalog).get(nameOf(node)) : undefined;
  return (
    <>
      {update && !readOnly && (
        <Notice tone="info" className="mt-4" action={<Button size="sm" onClick={() => editor.edit("update", (graph) => updateNode(graph, view.id, update))}>{t("update.action")}</Button>}>
          <CircleArrowUp aria-hidden className="hidden" />
          {t("update.body", { from: String(node.data["version"]), to: String(view.newerVersion) })}
        </Notice>
      )}
      {kind === "agent" && isStart(node) && <StartLink view={view} />}
      <Section title={t("inspector.settings")}>
        {search.box}
        {search.nothing && <p className="text-sm text-muted">{t("inspector.noField")}</p>}
        {params.length === 0 ? <p className="text-sm text-muted">{t("inspector.noSettings")}</p> : <FieldForm params={params} values={values} scope={scope} onChange={change} />}
      </Section>
      {kind === "agent" && isStep(node) && <EnvelopeSection view={view} />}
      {kind === "agent" && isStep(node) && <TrialSection view={view} />}
      <OutputChoice view={view} />
      <Connections view={view} onSelect={onSelect} />
    </>
  );
}

function NoteBody({ view }: { view: NodeView }) {
  const { t } = useTranslation("canvas");
  const { editor } = useParts();
  const readOnly = useEditor((state) => state.readOnly);
  const id = fieldId(view.id, "", "note");
  return (
    <div data-field="note" className="py-4">
      <label htmlFor={id} className="mb-1.5 block text-sm font-medium text-ink">
        {t(view.kind === "group" ? "frame.name" : "note.text")}
      </label>
      <textarea
        id={id}
        rows={view.kind === "group" ? 1 : 8}
        disabled={readOnly}
        value={noteTextOf(view.node)}
        onChange={(event) => editor.edit("write", (graph) => setInputs(graph, view.id, { note: event.target.value }), `${view.id}.note`)}
        className={`${CONTROL} resize-y py-2`}
      />
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

/** Which of several outputs the node gives. */
function OutputChoice({ view }: { view: NodeView }) {
  const { t } = useTranslation("canvas");
  const { editor } = useParts();
  const readOnly = useEditor((state) => state.readOnly);
  const id = useId();
  const anchor = asObject(asArray(view.node.data["outputAnchors"])[0]);
  const options = asArray(anchor?.["options"]).map(asObject).filter((option) => option !== null);
  if (options.length < 2 || options.some((option) => option["isAnchor"] === true)) return null;
  const chosen = asText(asObject(view.node.data["outputs"])?.[asText(anchor?.["name"]) ?? "output"]) ?? asText(anchor?.["default"]) ?? "";
  return (
    <Section title={t("inspector.output")}>
      <select id={id} aria-label={t("inspector.output")} disabled={readOnly} value={chosen} onChange={(event) => editor.edit("output", (graph) => setOutput(graph, view.id, event.target.value))} className={`${CONTROL} h-9`}>
        {options.map((option) => (
          <option key={String(option["name"])} value={String(option["name"])}>
            {asText(option["label"]) ?? String(option["name"])}
          </option>
        ))}
      </select>
    </Section>
  );
}

function Connections({ view, onSelect }: { view: NodeView; onSelect: (id: string) => void }) {
  const { t } = useTranslation("canvas");
  const graph = useGraph();
  if (view.inputs.length === 0 && view.outputs.length === 0) return null;
  return (
    <Section title={t("inspector.connections")}>
      <ul className="flex flex-col gap-3">
        {view.inputs.map((port) => (
          <PortWires key={port.id} view={view} port={port} side="target" edges={graph.edges.filter((edge) => edge.target === view.id && edge.targetHandle === port.id)} onSelect={onSelect} />
        ))}
        {view.outputs.map((port) => (
          <PortWires key={port.id} view={view} port={port} side="source" edges={graph.edges.filter((edge) => edge.source === view.id && edge.sourceHandle === port.id)} onSelect={onSelect} />
        ))}
      </ul>
    </Section>
  );
}

interface PortWiresProps {
  view: NodeView;
  port: PortView;
  side: "source" | "target";
  edges: { id: string; source: string; target: string }[];
  onSelect: (id: string) => void;
}

function PortWires({ view, port, side, edges, onSelect }: PortWiresProps) {
  const { t } = useTranslation("canvas");
  const { editor, panels } = useParts();
  const readOnly = useEditor((state) => state.readOnly);
  const graph = useGraph();
  const wanting = side === "target" && !port.optional && !port.connected;
  const nameOfPort = usePortName();
  const label = nameOfPort(view.node, port, side);
  const list = port.list && side === "target" ? asArray(inputsOf(view.node)[port.name]) : [];
  const sorted = list.length > 1 ? edges.toSorted((a, b) => list.indexOf(instanceOf(a.source)) - list.indexOf(instanceOf(b.source))) : edges;
  return (
    <li>
      <div className="flex items-center gap-2">
        <span className={wanting ? "text-sm font-medium text-warning" : "text-sm font-medium text-muted"}>
          {label}
          <span className="font-normal text-faint"> · {t(side === "source" ? "connect.output" : "connect.input")}</span>
        </span>
        {!readOnly && (
          <Button
            variant="ghost"
            size="icon-sm"
            className="ms-auto"
            aria-label={t("connect.of", { port: label })}
            title={t("connect.of", { port: label })}
            onClick={() => panels.setState({ dialog: { name: "connect", nodeId: view.id, end: { nodeId: view.id, handle: port.id, side } } })}
          >
            <Plus aria-hidden />
          </Button>
        )}
      </div>
      {sorted.length === 0 && <p className={wanting ? "text-sm text-warning" : "text-sm text-faint"}>{t("inspector.notConnected")}</p>}
      {sorted.map((edge, at) => {
        const other = graph.nodes.find((node) => node.id === (side === "source" ? edge.target : edge.source));
        if (!other) return null;
        return (
          <div key={edge.id} className="mt-1 flex items-center gap-1">
            <Button size="sm" className="min-w-0 flex-1 justify-start!" onClick={() => onSelect(other.id)}>
              <IconTile look={other.look} icon={other.icon} size="xs" className="-ms-1.5" />
              <span className="truncate">{other.label}</span>
            </Button>
            {!readOnly && list.length > 1 && (
              <>
                <Button variant="ghost" size="icon-sm" disabled={at === 0} aria-label={t("array.up", { item: other.label })} onClick={() => editor.edit("order", (before) => reorderList(before, view.id, port.name, at, at - 1))}>
                  <ArrowUp aria-hidden />
                </Button>
                <Button variant="ghost" size="icon-sm" disabled={at === sorted.length - 1} aria-label={t("array.down", { item: other.label })} onClick={() => editor.edit("order", (before) => reorderList(before, view.id, port.name, at, at + 1))}>
                  <ArrowDown aria-hidden />
                </Button>
              </>
            )}
            {!readOnly && (
              <Button variant="ghost" size="icon-sm" aria-label={t("connect.cut", { label: other.label })} onClick={() => editor.edit("disconnect", (before) => disconnect(before, new Set([edge.id])))}>
                <Unplug aria-hidden />
              </Button>
            )}
          </div>
        );
      })}
    </li>
  );
}

function About({ view }: { view: NodeView }) {
  const { t } = useTranslation("canvas");
  const { t: common } = useTranslation();
  const { catalog } = useParts();
  const description = asText(catalog && byName(catalog).get(nameOf(view.node))?.description);
  const rows: [string, string | undefined][] = [
    [t("inspector.category"), categoryOf(view.node)],
    [t("inspector.type"), String(view.node.data["name"] ?? "")],
    [t("inspector.version"), view.node.data["version"] === undefined ? undefined : String(view.node.data["version"])],
  ];
  return (
    <Section title={t("inspector.about")}>
      {description && <p className="mb-3 text-sm text-muted">{description}</p>}
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-1.5 text-sm">
        {rows
          .filter(([, value]) => value)
          .map(([label, value]) => (
            <div key={label} className="contents">
              <dt className="text-muted">{label}</dt>
              <dd className="text-ink [overflow-wrap:anywhere]">{value}</dd>
            </div>
          ))}
        <dt className="text-muted">{t("inspector.id")}</dt>
        <dd className="flex items-center gap-1 font-mono text-xs text-ink [overflow-wrap:anywhere]">
          {view.id}
          <CopyButton text={view.id} label={common("copy")} size="icon-sm" />
        </dd>
      </dl>
    </Section>
  );
}
