// Hands a text to the browser as a file to keep.

/** Saves `text` under `name`; characters that file systems refuse become dashes. */
export function download(name: string, text: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = address;
  link.download = safeName(name);
  link.click();
  // The browser has taken it by then; an address that is never given back would hold the text in memory.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

export function safeName(name: string): string {
  // oxlint-disable-next-line no-control-regex -- those are the characters that file systems refuse
  return name.replaceAll(/[\u0000-\u001f<>:"/\\|?*]+/g, "-").slice(0, 150) || "file";
}
