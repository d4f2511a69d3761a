// A text or code field with a way to a large one, for what is too long for the side of the page.
import { Maximize2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "~/ui/button";
import { CodeEditor, type CodeEditorProps } from "~/ui/code-editor";
import { Dialog } from "~/ui/dialog";

export function RoomyEditor(props: CodeEditorProps) {
  const { t } = useTranslation("canvas");
  const [large, setLarge] = useState(false);
  return (
    <div className="relative [&>.code-editor_.cm-content]:pe-9">
      <CodeEditor {...props} />
      <Button variant="ghost" size="icon-sm" className="absolute end-1 top-1 bg-surface/80" title={t("field.enlarge")} aria-label={t("field.enlargeOf", { field: props.label })} onClick={() => setLarge(true)}>
        <Maximize2 aria-hidden />
      </Button>
      {large && (
        <Dialog open onOpenChange={setLarge} title={props.label} size="xl">
          <Large {...props} />
        </Dialog>
      )}
    </div>
  );
}

function Large(props: CodeEditorProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Once the dialog has given the focus to its first button.
    const frame = requestAnimationFrame(() => box.current?.querySelector<HTMLElement>(".cm-content")?.focus());
    return () => cancelAnimationFrame(frame);
  }, []);
  return (
    <div ref={box}>
      <CodeEditor {...props} className="h-[62dvh]" />
    </div>
  );
}
