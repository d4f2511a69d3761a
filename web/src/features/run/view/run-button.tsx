// Opens the trace of an answer from the chat; the trace itself loads when it is asked for.
import "../texts";
import { Activity } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "~/ui/button";
import { Tip } from "~/ui/tooltip";

const Drawer = lazy(() => import("./run-drawer").then((module) => ({ default: module.RunDrawer })));

export function RunButton({ runId }: { runId: string }) {
  const { t } = useTranslation("run");
  const [open, setOpen] = useState(false);
  return (
    <>
      <Tip text={t("showTrace")}>
        <Button variant="ghost" size="icon-sm" aria-label={t("showTrace")} onClick={() => setOpen(true)}>
          <Activity aria-hidden />
        </Button>
      </Tip>
      {open && (
        <Suspense fallback={null}>
          <Drawer id={runId} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
