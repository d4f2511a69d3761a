// Why a wire was refused, and what would make it fit.
import { CircleAlert, X } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { CatalogNode } from "~/api/types";
import { lookOf } from "~/design/categories";
import { nodeIconUrl } from "~/api/client";
import { Button } from "~/ui/button";
import { IconTile } from "~/ui/icon-tile";
import { converters, findInput, findOutput, joinTo, type Refusal, type Wire } from "../model/connect";
import type { Point } from "../model/flow-data";
import { indexOf } from "../model/graph-index";
import { makeNode } from "../model/make-node";
import { addNodes, connect } from "../model/operations";
import { offered } from "../model/search";
import { useParts } from "./editor-context";
import type { Actions } from "./use-actions";

export interface RefusedWire {
  wire: Wire;
  refusal: Refusal;
  /** Where it was dropped, on the screen. */
  point: Point;
}

export function useRefusalText(): (refusal: Refusal) => string {
  const { t } = useTranslation("canvas");
  return (refusal) => (refusal.code === "type" ? t("refused.type", { gives: refusal.gives, needs: refusal.needs, at: refusal.at }) : t(`refused.${refusal.code}`));
}

export function RefusalCard({ refused, onClose }: { refused: RefusedWire; onClose: () => void; actions: Actions }) {
  const { t } = useTranslation("canvas");
  const text = useRefusalText();
  const { editor, catalog, kind } = useParts();
  const close = useRef<HTMLButtonElement>(null);
  const { wire, refusal, point } = refused;
  const suggestions = refusal.code === "type" && catalog && kind === "chat" ? suggestionsFor(wire, editor.getState().graph, catalog) : [];
  useEffect(() => close.current?.focus(), [refused]);

  const insert = (entry: CatalogNode) => {
    editor.edit("add", (graph) => {
      const { nodes } = indexOf(graph);
      const [from, to] = [nodes.get(wire.source)?.position, nodes.get(wire.target)?.position];
      const made = makeNode(entry, graph, { x: ((from?.x ?? 0) + (to?.x ?? 0)) / 2, y: ((from?.y ?? 0) + (to?.y ?? 0)) / 2 + 140 });
      const added = addNodes(graph, [made]);
      const first = joinTo(added, made, { nodeId: wire.source, handle: wire.sourceHandle, side: "source" });
      const second = joinTo(added, made, { nodeId: wire.target, handle: wire.targetHandle, side: "target" });
      return first && second ? connect(connect(added, first), second) : graph;
    });
    onClose();
  };
  const pane = document.querySelector("[data-canvas]")?.getBoundingClientRect();
  const left = Math.max(12, Math.min(point.x - (pane?.left ?? 0), (pane?.width ?? 400) - 332));
  const top = Math.max(12, Math.min(point.y - (pane?.top ?? 0) + 12, (pane?.height ?? 400) - 220));
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- only listens for Escape
    <div role="alert" style={{ left, top }} onKeyDown={(event) => event.key === "Escape" && onClose()} className="absolute z-30 w-80 animate-pop-in rounded-lg border border-line bg-overlay p-3 shadow-lg">
      <div className="flex items-start gap-2.5">
        <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-danger" />
        <p className="min-w-0 flex-1 text-sm text-ink [overflow-wrap:anywhere]">{text(refusal)}</p>
        <Button ref={close} variant="ghost" size="icon-sm" aria-label={t("refused.close")} onClick={onClose} className="-m-1">
          <X aria-hidden />
        </Button>
      </div>
      {suggestions.length > 0 && (
        <div className="mt-3 border-t border-line pt-2.5">
          <p className="mb-1.5 text-xs font-medium text-muted">{t("refused.between")}</p>
          <ul className="flex flex-col">
            {suggestions.map((entry) => (
              <li key={entry.name}>
                <button type="button" onClick={() => insert(entry)} className="flex w-full items-center gap-2 rounded-md p-1.5 text-start text-sm hover:bg-hover">
                  <IconTile look={lookOf(entry.category, entry.name)} icon={entry.icon ? nodeIconUrl(entry.name) : undefined} size="sm" />
                  {entry.label}
                </button>
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

function suggestionsFor(wire: Wire, graph: Parameters<typeof indexOf>[0], catalog: readonly CatalogNode[]): CatalogNode[] {
  const { nodes } = indexOf(graph);
  const [source, target] = [nodes.get(wire.source), nodes.get(wire.target)];
  if (!source || !target) return [];
  return converters(offered(catalog, false), findOutput(source, wire.sourceHandle).types, findInput(target, wire.targetHandle).types);
}
