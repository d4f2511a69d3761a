// A new flow: its name, then straight to the canvas.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { createFlow, flowPath } from "~/api/flows";
import type { FlowType } from "~/api/types";
import { FormDialog } from "~/ui/form-dialog";
import { Field } from "~/ui/input";

const EMPTY = JSON.stringify({ nodes: [], edges: [] });

export function NewFlowDialog({ type, onClose }: { type: FlowType; onClose: () => void }) {
  const { t } = useTranslation("flows");
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const texts = type === "CHATFLOW" ? "chatflows" : "agentflows";
  const make = useMutation({
    mutationFn: () => createFlow({ name: name.trim() || t("untitled"), flowData: EMPTY, type }),
    onSuccess: async (flow) => {
      void queryClient.invalidateQueries({ queryKey: ["chatflows"] });
      onClose();
      await navigate({ to: flowPath({ id: flow.id, type }) });
    },
  });
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t(`${texts}.add`)}
      description={t(`${texts}.addLead`)}
      submit={t("create")}
      busy={make.isPending}
      error={make.error}
      onSubmit={() => make.mutate()}
      aside={
        <Link to="/marketplaces" onClick={onClose} className="rounded-sm text-sm font-medium text-primary-ink hover:underline">
          {t("fromTemplate")}
        </Link>
      }
    >
      <Field label={t("column.name")} value={name} placeholder={t("untitled")} onChange={(event) => setName(event.target.value)} maxLength={200} autoComplete="off" />
    </FormDialog>
  );
}
