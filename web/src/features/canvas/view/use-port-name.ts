// What a port is called wherever it is shown: on the card, in the details, where wires are laid.
import { useTranslation } from "react-i18next";
import { isStep } from "../model/connect";
import type { FlowNode } from "../model/flow-data";
import type { Port } from "../model/node-data";
import { wayOf } from "../model/ways";

export function usePortName(): (node: FlowNode, port: Port, side: "source" | "target") => string {
  const { t } = useTranslation("canvas");
  return (node, port, side) => {
    if (side === "target") return port.label || t("connect.in");
    if (!isStep(node)) return port.label || t("connect.out");
    const way = wayOf(node, port);
    if (way.kind === "case") return way.text;
    return way.kind === "port" ? port.label || t("connect.out") : t(`way.${way.kind}`);
  };
}
