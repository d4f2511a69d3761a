// Files that are kept inside the flow.
import { FileText, Upload, X } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { cx } from "~/lib/cx";
import { asText, parseJson } from "~/lib/json";
import { Button } from "~/ui/button";
import { isUnset } from "../../model/fields";
import type { ControlProps } from "./types";

/** Larger files would make the flow too heavy to save, in bytes. */
const LARGEST = 8_000_000;

/** How forms name files that the server keeps. */
const STORED = "FILE-STORAGE::";

interface KeptFile {
  name: string;
  bytes: number | undefined;
  raw: string;
}

/** `data:…;base64,…,filename:NAME`, several of these as JSON text, or `FILE-STORAGE::` with names the server keeps. */
export function filesIn(value: unknown): KeptFile[] {
  if (isUnset(value)) return [];
  const text = String(value);
  if (text.startsWith(STORED)) {
    const names = parseJson(text.slice(STORED.length));
    return (Array.isArray(names) ? names.map(String) : [text.slice(STORED.length)]).map((name) => ({ name, bytes: undefined, raw: text }));
  }
  const list = text.startsWith("[") ? parseJson(text) : undefined;
  return (Array.isArray(list) ? list.map(String) : [text]).map((raw) => {
    // Looked at from both ends only: what lies between may be many megabytes.
    const [start, end] = [raw.indexOf(",") + 1, raw.lastIndexOf(",filename:")];
    const name = end === -1 ? "" : raw.slice(end + ",filename:".length);
    return { name: name || raw.slice(0, 40), bytes: raw.startsWith("data:") ? Math.floor((((end === -1 ? raw.length : end) - start) * 3) / 4) : undefined, raw };
  });
}

function read(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(`${String(reader.result)},filename:${file.name}`));
    reader.addEventListener("error", () => reject(reader.error ?? new Error(file.name)));
    reader.readAsDataURL(file);
  });
}

export function FileField({ id, labelId, param, value, scope, onChange }: ControlProps) {
  const { t } = useTranslation("canvas");
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string>();
  const files = useMemo(() => filesIn(value), [value]);
  const accept = asText(param.definition["fileType"]);
  const isFolder = param.type === "folder";
  const most = scope.mostBytes ?? LARGEST;
  const [over, setOver] = useState(false);
  const take = async (list: FileList | null) => {
    const chosen = [...(list ?? [])];
    if (chosen.length === 0) return;
    if (chosen.reduce((sum, file) => sum + file.size, 0) > most) {
      setProblem(t("file.tooLarge", { megabytes: most / 1_000_000 }));
      return;
    }
    setProblem(undefined);
    try {
      const texts = await Promise.all(chosen.map(read));
      onChange(texts.length === 1 && !isFolder ? texts[0] : JSON.stringify(texts));
    } catch {
      setProblem(t("file.unreadable"));
    }
  };
  const remove = (file: KeptFile) => {
    if (file.raw.startsWith(STORED)) {
      const names = files.filter((other) => other !== file).map((other) => other.name);
      onChange(names.length === 0 ? "" : `${STORED}${JSON.stringify(names)}`);
      return;
    }
    const left = files.filter((other) => other !== file && other.raw !== file.raw).map((other) => other.raw);
    onChange(left.length === 0 ? "" : left.length === 1 ? left[0] : JSON.stringify(left));
  };
  return (
    <div
      onDragOver={(event) => {
        if (scope.readOnly || !event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        if (scope.readOnly || event.dataTransfer.files.length === 0) return;
        event.preventDefault();
        setOver(false);
        void take(event.dataTransfer.files);
      }}
      className={cx("rounded-md", over && "outline-2 outline-offset-4 outline-primary")}
    >
      {files.length > 0 && (
        <ul aria-labelledby={labelId} className="mb-2 flex flex-col gap-1">
          {files.map((file) => (
            <li key={file.name} className="flex items-center gap-2 rounded-md border border-line ps-2.5 text-sm">
              <FileText aria-hidden className="size-4 shrink-0 text-muted" />
              <span className="min-w-0 flex-1 truncate py-1.5">{file.name}</span>
              {file.bytes !== undefined && <span className="shrink-0 text-xs text-muted tabular-nums">{t("file.size", { kilobytes: Math.max(1, Math.round(file.bytes / 1000)) })}</span>}
              <Button variant="ghost" size="icon-sm" disabled={scope.readOnly} aria-label={t("file.remove", { name: file.name })} onClick={() => remove(file)}>
                <X aria-hidden />
              </Button>
            </li>
          ))}
        </ul>
      )}
      <input ref={input} type="file" hidden multiple {...(accept && !isFolder ? { accept } : {})} {...(isFolder ? { webkitdirectory: "" } : {})} onChange={(event) => void take(event.target.files).finally(() => input.current && (input.current.value = ""))} />
      <Button id={id} size="sm" disabled={scope.readOnly} aria-label={t("file.chooseFor", { field: param.label })} onClick={() => input.current?.click()}>
        <Upload aria-hidden />
        {t(isFolder ? "file.chooseFolder" : "file.choose")}
      </Button>
      {accept && <span className="ms-2 text-xs text-muted">{accept}</span>}
      {problem && <p className="mt-1 text-xs text-danger">{problem}</p>}
    </div>
  );
}
