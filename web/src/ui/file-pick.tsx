// A button that lets one choose files.
import { type ReactNode, useRef } from "react";
import { Button, type ButtonProps } from "./button";

export interface FilePickProps {
  label: string;
  icon?: ReactNode;
  accept: string;
  multiple?: boolean;
  onPick: (files: File[]) => void;
  variant?: ButtonProps["variant"];
}

export function FilePick({ label, icon, accept, multiple = false, onPick, variant = "secondary" }: FilePickProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <input
        ref={input}
        type="file"
        accept={accept}
        multiple={multiple}
        tabIndex={-1}
        aria-hidden
        className="hidden"
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          // Emptied, so that choosing the same file again counts as a change.
          event.target.value = "";
          if (files.length > 0) onPick(files);
        }}
      />
      <Button variant={variant} onClick={() => input.current?.click()}>
        {icon}
        {label}
      </Button>
    </>
  );
}
