// The output of a step written by hand, as JSON.
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { asObject, type JsonObject, parseJson } from "~/lib/json";
import { CodeEditor } from "~/ui/code-editor";
import { FormDialog } from "~/ui/form-dialog";
import { labelOf } from "../model/node-data";
import { indexOf } from "../model/graph-index";
import { setPin } from "../model/trial";
import { useEditor, useParts } from "./editor-context";

export function PinDialog({ nodeId, output, onClose }: { nodeId: string; output: JsonObject | undefined; onClose: () => void }) {
  const { t } = useTranslation("canvas");
  const { editor } = useParts();
  const node = useEditor((state) => indexOf(state.graph).nodes.get(nodeId));
  const [first] = useState(() => JSON.stringify(output ?? { content: "" }, null, 2));
  const [text, setText] = useState(first);
  const [tried, setTried] = useState(false);
  const value = asObject(parseJson(text));
  if (!node) return null;
  const save = () => {
    setTried(true);
    if (!value) return;
    editor.edit("pinOutput", (graph) => setPin(graph, nodeId, value));
    onClose();
  };
  return (
    <FormDialog open onOpenChange={(open) => !open && onClose()} size="lg" title={t("trial.pinTitle", { label: labelOf(node) })} description={t("trial.pinnedBody")} submit={t("trial.pinAction")} dirty={text !== first} onSubmit={save}>
      <CodeEditor label={t("trial.output")} language="json" value={text} onChange={setText} wrap className="min-h-48 max-h-96" />
      {tried && !value && (
        <p role="alert" className="text-sm text-danger">
          {t("trial.notObject")}
        </p>
      )}
    </FormDialog>
  );
}
