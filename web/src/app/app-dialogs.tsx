// Draws whichever of the product-wide dialogs is open; each loads when it is first wanted.
import { lazy, Suspense } from "react";
import { closeDialog, useAppDialog } from "~/app/dialogs";

const ImportDialog = lazy(async () => ({ default: (await import("~/features/transfer")).ImportDialog }));
const ExportDialog = lazy(async () => ({ default: (await import("~/features/transfer")).ExportDialog }));
const NewStoreDialog = lazy(async () => ({ default: (await import("~/features/document-stores")).NewStoreDialog }));
const NewFromDescription = lazy(async () => ({ default: (await import("~/features/generator")).NewFromDescription }));
const ShortcutsDialog = lazy(() => import("~/app/shortcuts-dialog"));

export function AppDialogs() {
  const dialog = useAppDialog((state) => state.dialog);
  if (!dialog) return null;
  return (
    <Suspense fallback={null}>
      {dialog.kind === "import" && <ImportDialog files={dialog.files ?? []} onClose={closeDialog} />}
      {dialog.kind === "export" && <ExportDialog onClose={closeDialog} />}
      {dialog.kind === "store" && <NewStoreDialog onClose={closeDialog} />}
      {dialog.kind === "generate" && <NewFromDescription onClose={closeDialog} />}
      {dialog.kind === "shortcuts" && <ShortcutsDialog onClose={closeDialog} />}
    </Suspense>
  );
}
