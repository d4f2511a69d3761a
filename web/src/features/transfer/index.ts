// Files out of the workspace and into it.
export { ExportDialog } from "./export-dialog";
export { ImportDialog } from "./import-dialog";
