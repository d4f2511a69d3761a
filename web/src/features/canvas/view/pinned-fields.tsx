// The settings that were pinned to a card, changed where they stand; what needs more room opens the inspector at its field.
import type { KeyboardEvent } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { asText } from "~/lib/json";
import { Switch } from "~/ui/form";
import { isUnset, shortValue } from "../model/fields";
import { inputsOf, type Param, paramsOf } from "../model/node-data";
import { pinnedOf, setInputs } from "../model/operations";
import { byName, type NodeView } from "../model/view-graph";
import { useEditor, useParts } from "./editor-context";
import { asNumber, asShownText, isLong, optionsOf } from "./fields/types";

/** `reachable`: the keyboard gets into the fields, as the node itself is selected. */
export function PinnedFields({ view, reachable }: { view: NodeView; reachable: boolean }) {
  const readOnly = useEditor((state) => state.readOnly);
  const pinned = pinnedOf(view.node);
  if (pinned.length === 0) return null;
  const params = new Map(paramsOf(view.node).map((param) => [param.name, param]));
  return (
    <dl className="card-rows flex flex-col gap-0.5 border-t border-line px-3 py-1.5 text-xs">
      {pinned.map((name) => {
        const shown = shortValue(view.node, name);
        const param = params.get(name);
        if (!shown || !param) return null;
        return (
          <div key={name} className="flex min-h-6 items-center gap-2">
            <dt className="max-w-1/2 shrink-0 truncate text-muted">{shown.label}</dt>
            <dd className="ms-auto flex min-w-0 flex-1 justify-end text-ink">{readOnly ? <span className="truncate">{shown.text || "–"}</span> : <PinnedControl view={view} param={param} text={shown.text} reachable={reachable} />}</dd>
          </div>
        );
      })}
    </dl>
  );
}

const BOX = "nodrag nopan min-w-0 rounded-sm border border-transparent bg-transparent px-1 text-xs text-ink hover:border-line focus-visible:border-primary focus-visible:bg-surface";

function PinnedControl({ view, param, text, reachable }: { view: NodeView; param: Param; text: string; reachable: boolean }) {
  const { t } = useTranslation("canvas");
  const { editor, panels, catalog } = useParts();
  const { name, definition, type } = param;
  const value = inputsOf(view.node)[name];
  const set = (next: unknown) => editor.edit("set", (graph) => setInputs(graph, view.id, { [name]: next }), `${view.id}.${name}`);
  const common = { "aria-label": t("node.pinned", { field: param.label, label: view.label }), tabIndex: reachable ? 0 : -1, onKeyDown: backToNode };
  const placeholder = isUnset(definition["default"]) ? "–" : asShownText(definition["default"]);
  switch (type) {
    case "boolean":
      return (
        <span className="nodrag flex">
          <Switch {...common} checked={value === true || value === "true" || (isUnset(value) && definition["default"] === true)} onChange={set} />
        </span>
      );
    case "options": {
      const options = optionsOf(definition);
      const chosen = asText(value) ?? asText(definition["default"]) ?? "";
      if (definition["freeSolo"] === true) break;
      return (
        <select {...common} value={chosen} onChange={(event) => set(event.target.value)} className={cx(BOX, "bare h-6 w-full truncate text-end [text-align-last:right] rtl:[text-align-last:left]")}>
          {(chosen === "" || definition["optional"] === true) && <option value="">–</option>}
          {chosen !== "" && !options.some((option) => option.value === chosen) && <option value={chosen}>{chosen}</option>}
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      );
    }
    case "number":
      return <input {...common} inputMode="decimal" value={asShownText(value)} placeholder={placeholder} onChange={(event) => set(asNumber(event.target.value))} className={cx(BOX, "h-6 w-full text-end tabular-nums")} />;
    case "string": {
      const shown = asShownText(value);
      // What was written with formatting keeps it in the inspector.
      if (typeof value === "string" && shown !== value) break;
      if (isLong(param) || shown.includes("\n")) {
        return <textarea {...common} rows={2} value={shown} placeholder={placeholder} onChange={(event) => set(event.target.value)} className={cx(BOX, "nowheel w-full resize-none")} />;
      }
      return <input {...common} value={shown} placeholder={placeholder} onChange={(event) => set(event.target.value)} className={cx(BOX, "h-6 w-full truncate text-end")} />;
    }
  }
  // What the server offers is kept by its name there; a person knows it by its label.
  const shown = (type === "asyncOptions" && catalog && byName(catalog).get(text)?.label) || text;
  const open = () => {
    editor.select([view.id]);
    panels.setState({ inspector: true, focusField: { nodeId: view.id, name } });
  };
  return (
    <button type="button" {...common} aria-label={`${shown || "–"}, ${common["aria-label"]}`} onClick={open} className={cx(BOX, "h-6 min-w-6 truncate text-end")}>
      {shown || "–"}
    </button>
  );
}

/** Keys belong to the field; Enter (in one line) and Escape lead back to the card. */
function backToNode(event: KeyboardEvent<HTMLElement>): void {
  if (event.key === "Tab") return;
  event.stopPropagation();
  const isDone = event.key === "Escape" || (event.key === "Enter" && event.currentTarget.tagName === "INPUT");
  if (isDone) event.currentTarget.closest<HTMLElement>(".react-flow__node")?.focus();
}
