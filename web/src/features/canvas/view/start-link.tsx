// From the step that begins to the page of what starts the flow: its schedule, its webhook, its form.
import { Link } from "@tanstack/react-router";
import { Zap } from "lucide-react";
import { useTranslation } from "react-i18next";
import { webhookAddress } from "~/api/triggers";
import { Button } from "~/ui/button";
import { CopyButton } from "~/ui/copy-button";
import { inputsOf } from "../model/node-data";
import type { NodeView } from "../model/view-graph";
import { useParts } from "./editor-context";

const KINDS = ["webhookTrigger", "scheduleInput", "formInput"] as const;

export function StartLink({ view }: { view: NodeView }) {
  const { t } = useTranslation("canvas");
  const { flowId } = useParts();
  const kind = KINDS.find((one) => one === inputsOf(view.node)["startInputType"]);
  if (!kind || !flowId) return null;
  const address = webhookAddress(flowId);
  return (
    <div className="mt-4 flex flex-col gap-2 rounded-md border border-line bg-sunken/50 p-3 text-sm">
      <p className="text-muted">{t(`startLink.${kind}`)}</p>
      {kind === "webhookTrigger" && (
        <span className="flex min-w-0 items-center gap-1 rounded-md border border-line bg-surface ps-2">
          <code className="min-w-0 flex-1 truncate font-mono text-xs" title={address}>
            {address}
          </code>
          <CopyButton text={address} label={t("startLink.copy")} size="icon-sm" />
        </span>
      )}
      <Button asChild size="sm" className="self-start">
        <Link to="/flow/$id/trigger" params={{ id: flowId }}>
          <Zap aria-hidden />
          {t(`startLink.open.${kind}`)}
        </Link>
      </Button>
    </div>
  );
}
