// Puts a file into the person's downloads.

/** Saves `content` as JSON under `name`, cleaned of what file systems refuse. */
export function saveJson(name: string, content: unknown): void {
  saveFile(name, new Blob([JSON.stringify(content, null, 2)], { type: "application/json" }));
}

export function saveFile(name: string, blob: Blob): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = safeFileName(name);
  link.click();
  // The browser has taken hold of it by then.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** `name` without what no file system takes. */
export function safeFileName(name: string): string {
  // oxlint-disable-next-line no-control-regex -- exactly these are not allowed
  return name.replace(/[\\/:*?"<>|\u0000-\u001f]+/g, "_").replace(/^\.+/, "").slice(0, 200).trim() || "file";
}
