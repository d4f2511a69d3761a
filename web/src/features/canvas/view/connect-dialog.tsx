// Wiring without a mouse: choose a port, then one of all the places where its wire may lead.
import { ArrowRight, Plus, Unplug } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { Button } from "~/ui/button";
import { Chip } from "~/ui/card";
import { Dialog } from "~/ui/dialog";
import { IconTile } from "~/ui/icon-tile";
import { candidates, type LooseEnd, variablePortsOf } from "../model/connect";
import { labelOf } from "../model/node-data";
import { connect, disconnect } from "../model/operations";
import { announce } from "./announce";
import { useEditor, useGraph, useParts } from "./editor-context";
import { usePortName } from "./use-port-name";

export function ConnectDialog({ nodeId, end: first, onClose }: { nodeId: string; end?: LooseEnd | undefined; onClose: () => void }) {
  const { t } = useTranslation("canvas");
  const { editor, panels } = useParts();
  const graph = useEditor((state) => state.graph);
  const nameOfPort = usePortName();
  const drawn = useGraph();
  const view = drawn.nodes.find((node) => node.id === nodeId);
  const [chosen, setChosen] = useState<LooseEnd | undefined>(first);
  if (!view) return null;
  const outputs = view.outputs.map((port) => [port, "source"] as const);
  const inputs = [...view.inputs, ...variablePortsOf(view.node)].map((port) => [port, "target"] as const);
  const ports = [...outputs, ...inputs];
  // What a person most likely came for: a port that is free and has somewhere to lead.
  const likely = ports.find(([port, side]) => !drawn.edges.some((edge) => (side === "source" ? edge.source === nodeId && edge.sourceHandle === port.id : edge.target === nodeId && edge.targetHandle === port.id)) && candidates(graph, view.node, port.id, side).length > 0) ?? ports[0];
  const end = chosen ?? (likely ? { nodeId, handle: likely[0].id, side: likely[1] } : undefined);
  const places = end ? candidates(graph, view.node, end.handle, end.side) : [];
  const wires = end ? drawn.edges.filter((edge) => (end.side === "source" ? edge.source === nodeId && edge.sourceHandle === end.handle : edge.target === nodeId && edge.targetHandle === end.handle)) : [];
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={t("connect.title", { label: view.label })} description={t("connect.body")} size="lg">
      <div className="grid gap-4 sm:grid-cols-[14rem_1fr]">
        <div role="radiogroup" aria-label={t("connect.ports")} className="flex flex-col gap-0.5">
          {ports.map(([port, side]) => {
            const isChosen = end?.handle === port.id && end.side === side;
            return (
              <button
                key={`${side}-${port.id}`}
                type="button"
                role="radio"
                aria-checked={isChosen}
                {...(isChosen ? { "data-autofocus": true } : {})}
                onClick={() => setChosen({ nodeId, handle: port.id, side })}
                className={cx("flex items-center gap-2 rounded-md px-2.5 py-1.5 text-start text-sm", isChosen ? "bg-primary-soft text-primary-ink" : "text-ink hover:bg-hover")}
              >
                <ArrowRight aria-hidden className={cx("size-3.5 shrink-0 text-muted rtl:rotate-180", side === "target" && "order-none")} />
                <span className="min-w-0 flex-1 truncate">{nameOfPort(view.node, port, side)}</span>
                <span className="text-xs text-muted">{t(side === "source" ? "connect.output" : "connect.input")}</span>
              </button>
            );
          })}
        </div>
        <div className="min-w-0">
          {wires.length > 0 && (
            <ul aria-label={t("connect.present")} className="mb-3 flex flex-col gap-1">
              {wires.map((edge) => {
                const other = drawn.nodes.find((node) => node.id === (end?.side === "source" ? edge.target : edge.source));
                return (
                  <li key={edge.id} className="flex items-center gap-2 rounded-md border border-line px-2.5 py-1.5 text-sm">
                    <span className="min-w-0 flex-1 truncate">{other?.label}</span>
                    <Button size="sm" variant="ghost" aria-label={t("connect.cut", { label: other?.label ?? "" })} onClick={() => editor.edit("disconnect", (before) => disconnect(before, new Set([edge.id])))}>
                      <Unplug aria-hidden />
                      {t("connect.cutShort")}
                    </Button>
                  </li>
                );
              })}
            </ul>
          )}
          {places.length === 0 && <p className="py-3 text-sm text-muted">{t("connect.nowhere")}</p>}
          <ul aria-label={t("connect.places")} className="flex max-h-72 flex-col overflow-y-auto">
            {places.map(({ wire, node, port, replaces }) => {
              const other = drawn.nodes.find((candidate) => candidate.id === node.id);
              return (
                <li key={`${wire.sourceHandle}>${wire.targetHandle}`}>
                  <button
                    type="button"
                    onClick={() => {
                      editor.edit("connect", (before) => connect(before, wire));
                      announce(t("say.connected", { source: end?.side === "source" ? view.label : labelOf(node), target: end?.side === "source" ? labelOf(node) : view.label }));
                      onClose();
                    }}
                    className="flex w-full items-center gap-2.5 rounded-md px-2 py-1.5 text-start hover:bg-hover"
                  >
                    {other && <IconTile look={other.look} icon={other.icon} size="sm" />}
                    <span className="min-w-0 flex-1">
                      <span className="block truncate text-sm font-medium text-ink">{labelOf(node)}</span>
                      <span className="block truncate text-xs text-muted">{nameOfPort(node, port, end?.side === "source" ? "target" : "source")}</span>
                    </span>
                    {replaces && <Chip>{t("connect.replaces")}</Chip>}
                  </button>
                </li>
              );
            })}
          </ul>
          {end && (
            <Button className="mt-3" onClick={() => panels.setState({ dialog: { name: "picker", for: { end } } })}>
              <Plus aria-hidden />
              {t("connect.addNew")}
            </Button>
          )}
        </div>
      </div>
    </Dialog>
  );
}
