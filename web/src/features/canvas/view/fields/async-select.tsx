// Choices that the server knows: models, tools, stores; with the reason where it knows none.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "~/api";
import { nodeIconUrl } from "~/api/client";
import type { CatalogNode } from "~/api/types";
import { lookOf } from "~/design/categories";
import { asArray, asObject, asText, type JsonObject } from "~/lib/json";
import { Checkbox } from "~/ui/checkbox";
import { Combobox, type ComboOption } from "~/ui/combobox";
import { IconTile } from "~/ui/icon-tile";
import { useErrorText } from "~/ui/states";
import type { FlowGraph } from "../../model/flow-data";
import { indexOf, reachable } from "../../model/graph-index";
import { inputsOf, labelOf, nameOf } from "../../model/node-data";
import { byName } from "../../model/view-graph";
import { useGraphAround, useSurroundings } from "./surroundings";
import { chosenOf, type ControlProps, type FormScope, type PlainOption } from "./types";

/** What the server is told, so that it can fill the list: the form so far, and the nodes before this one. */
function bodyFor(graph: FlowGraph, scope: FormScope, loadMethod: string, values: JsonObject, credential: string): JsonObject {
  const { nodes } = indexOf(graph);
  const brief = (id: string) => {
    const node = nodes.get(id);
    return node ? [{ id, name: nameOf(node), label: labelOf(node), inputs: withoutFiles(inputsOf(node)) }] : [];
  };
  const inputs = withoutFiles(values);
  return { loadMethod, name: scope.component, id: scope.nodeId, credential, inputs, currentNode: brief(scope.nodeId)[0] ?? { id: scope.nodeId }, previousNodes: [...reachable(graph, scope.nodeId, "up")].flatMap(brief), nodes: graph.nodes.flatMap((node) => (nameOf(node) === "startAgentflow" ? brief(node.id) : [])) };
}

function withoutFiles(inputs: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => !(typeof value === "string" && value.length > 20_000)));
}

export function AsyncSelect({ id, labelId, param, value, values, scope, onChange, describedBy, invalid, many }: ControlProps & { many: boolean }) {
  const { t } = useTranslation("canvas");
  const errorText = useErrorText();
  const { editor, catalog } = useSurroundings();
  const method = asText(param.definition["loadMethod"]) ?? "";
  const node = useGraphAround((graph) => indexOf(graph).nodes.get(scope.nodeId));
  const credential = asText(values["FLOWISE_CREDENTIAL_ID"]) ?? asText(values["credential"]) ?? (scope.path === "" ? (asText(node?.data["credential"]) ?? "") : "");
  const [wanted, setWanted] = useState(true);
  const query = useQuery({
    queryKey: ["node-options", scope.component, method, scope.nodeId, credential],
    queryFn: ({ signal }) => api.request<unknown>(`/node-load-method/${encodeURIComponent(scope.component)}`, { method: "POST", body: bodyFor(editor.getState().graph, scope, method, values, credential), signal }),
    enabled: wanted && method !== "",
    staleTime: 30_000,
    retry: false,
  });
  const known = catalog && byName(catalog);
  const options = asArray(query.data).flatMap((entry): PlainOption[] => {
    const option = asObject(entry);
    const name = asText(option?.["name"]);
    return option && name ? [{ value: name, label: asText(option["label"]) ?? name, detail: asText(option["description"]) }] : [];
  });
  const needsCredential = known?.get(scope.component)?.credential !== undefined && credential === "";
  const empty = query.isPending ? t("field.loading") : query.isError ? errorText(query.error) : needsCredential ? t("field.noCredential") : t("field.emptyList");
  const refresh = { label: t("field.refresh"), run: () => void query.refetch() };
  if (many) {
    return (
      <div>
        <TickList labelId={labelId} options={options} value={value} readOnly={scope.readOnly} onChange={onChange} />
        {options.length === 0 && <p className="text-sm text-muted">{empty}</p>}
        {!scope.readOnly && (
          <button type="button" onClick={refresh.run} className="mt-1.5 rounded-sm text-sm text-primary-ink hover:underline">
            {refresh.label}
          </button>
        )}
      </div>
    );
  }
  const chosen = asText(value) ?? asText(param.definition["default"]) ?? "";
  return (
    <>
      <Combobox
        id={id}
        label={param.label}
        value={chosen}
        onChange={onChange}
        options={options.map((option) => withIcon(option, known?.get(option.value)))}
        placeholder={t("field.choose")}
        searchLabel={t("field.search")}
        clearLabel={t("picker.clear")}
        empty={options.length === 0 ? empty : t("field.nothingFound")}
        free={param.definition["freeSolo"] === true || param.definition["loadConfig"] !== true ? (text) => t("field.use", { text }) : undefined}
        busy={query.isFetching}
        onOpen={() => {
          setWanted(true);
          // The rest of the form may have changed since the list was filled.
          if (options.length === 0 || param.definition["refresh"] === true) void query.refetch();
        }}
        refresh={refresh}
        invalid={invalid}
        disabled={scope.readOnly}
        describedBy={describedBy}
      />
      {query.isError && <p className="mt-1 text-xs text-warning [overflow-wrap:anywhere]">{errorText(query.error)}</p>}
    </>
  );
}

/** A choice that is a node of the catalog has that node's tile. */
function withIcon(option: PlainOption, entry: CatalogNode | undefined): ComboOption {
  return entry ? { ...option, icon: <IconTile look={lookOf(entry.category, entry.name)} icon={entry.icon ? nodeIconUrl(entry.name) : undefined} size="xs" /> } : option;
}

/** Any number of choices. Flowise keeps them as JSON text. */
export function TickList({ labelId, options, value, readOnly, onChange }: { labelId: string; options: readonly PlainOption[]; value: unknown; readOnly: boolean; onChange: (value: unknown) => void }) {
  const chosen = chosenOf(value);
  const all = [...options, ...chosen.filter((name) => !options.some((option) => option.value === name)).map((name): PlainOption => ({ value: name, label: name, detail: undefined }))];
  const toggle = (name: string) => {
    const next = chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name];
    onChange(next.length === 0 ? "" : JSON.stringify(next));
  };
  if (all.length === 0) return null;
  return (
    <div role="group" aria-labelledby={labelId} className="flex max-h-64 flex-col gap-1 overflow-y-auto rounded-md border border-line p-2">
      {all.map((option) => (
        // oxlint-disable-next-line jsx-a11y/label-has-associated-control -- the box inside is its control
        <label key={option.value} className="flex cursor-pointer items-start gap-2.5 rounded-sm px-1 py-0.5 text-sm text-ink hover:bg-hover">
          <Checkbox checked={chosen.includes(option.value)} disabled={readOnly} onChange={() => toggle(option.value)} aria-label={option.label} />
          <span className="min-w-0">
            <span className="block">{option.label}</span>
            {option.detail && <span className="block text-xs text-muted">{option.detail}</span>}
          </span>
        </label>
      ))}
    </div>
  );
}
