// `/document-stores/:id`: what a store loads, and what to do with it next.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { ArrowRight, DatabaseZap, Ellipsis, FileStack, MessageSquareText, Pencil, Play, Plus, RefreshCw, Search, Trash2, Unplug } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type DocumentStore, type DocumentStoreLoader, isWorkedOn, storeQuery } from "~/api/document-stores";
import { useMay } from "~/api/session";
import { useCommands } from "~/lib/commands";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { Card } from "~/ui/card";
import { ConfirmDialog } from "~/ui/dialog";
import { Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from "~/ui/menu";
import { PageHeader } from "~/ui/page";
import { EmptyState } from "~/ui/states";
import { AddLoaderDialog } from "./add-loader-dialog";
import { useJob, useJobs } from "./jobs";
import { LoaderList } from "./loader-list";
import { nextStep, unprocessed } from "./model";
import { Figures, PAGE, useNumber } from "./parts";
import { DeleteLoaderDialog, DeleteStoreDialog, DescribeDialog, FlowLinks, StoreDialog } from "./store-dialogs";

type Open = "add" | "rename" | "delete" | "describe" | "refresh" | "removeVectors" | null;

export function StorePage() {
  const { storeId } = useParams({ from: "/signed-in/shell/store/document-stores/$storeId" });
  const { data } = useQuery(storeQuery(storeId));
  return data ? <Page key={storeId} store={data} /> : null;
}

function Page({ store }: { store: DocumentStore }) {
  const { t } = useTranslation("documentStores");
  const { t: common } = useTranslation();
  const number = useNumber();
  const may = useMay();
  const navigate = useNavigate();
  const jobs = useJobs(store.id, store.name);
  const [open, setOpen] = useState<Open>(null);
  const [doomed, setDoomed] = useState<DocumentStoreLoader | null>(null);
  useTitle(store.name);
  const isRunning = useJob(store.id)?.state === "running";
  const isBusy = isRunning || isWorkedOn(store);
  const [mayAdd, mayProcess, mayWrite] = [may("documentStores:add-loader"), may("documentStores:preview-process"), may("documentStores:upsert-config")];
  const [mayRename, mayDelete] = [may("documentStores:update") || may("documentStores:create"), may("documentStores:delete")];
  const canWrite = mayWrite && store.totalChunks > 0 && store.embeddingConfig !== null && store.vectorStoreConfig !== null;
  const toProcess = unprocessed(store);
  const close = () => setOpen(null);
  useCommands(
    useMemo(
      () => [
        ...(mayAdd ? [{ id: "store-add-loader", label: t("loader.add"), icon: Plus, run: () => setOpen("add") }] : []),
        ...(mayWrite ? [{ id: "store-targets", label: t("pages.vectors"), icon: DatabaseZap, run: () => void navigate({ to: "/document-stores/vector/$storeId", params: { storeId: store.id } }) }] : []),
        { id: "store-query", label: t("pages.query"), icon: Search, run: () => void navigate({ to: "/document-stores/query/$storeId", params: { storeId: store.id } }) },
      ],
      [mayAdd, mayWrite, navigate, store.id, t],
    ),
  );
  const add = mayAdd && (
    <Button variant="primary" onClick={() => setOpen("add")}>
      <Plus aria-hidden />
      {t("loader.add")}
    </Button>
  );
  return (
    <div className={PAGE}>
      <PageHeader
        title={t("pages.loaders")}
        lead={store.description ?? t("loader.lead")}
        actions={
          <>
            {canWrite && (
              <Button disabled={isBusy} onClick={() => void jobs.upsert()}>
                <DatabaseZap aria-hidden />
                {t("upsert.all")}
              </Button>
            )}
            <Menu>
              <MenuTrigger asChild>
                <Button size="icon" aria-label={t("menu.label")}>
                  <Ellipsis aria-hidden />
                </Button>
              </MenuTrigger>
              <MenuContent>
                {mayRename && (
                  <MenuItem onSelect={() => setOpen("rename")}>
                    <Pencil aria-hidden />
                    {t("menu.rename")}
                  </MenuItem>
                )}
                {mayRename && (
                  <MenuItem onSelect={() => setOpen("describe")}>
                    <MessageSquareText aria-hidden />
                    {t("menu.describe")}
                  </MenuItem>
                )}
                {canWrite && store.loaders.length > 0 && (
                  <MenuItem onSelect={() => setOpen("refresh")}>
                    <RefreshCw aria-hidden />
                    {t("menu.refresh")}
                  </MenuItem>
                )}
                {mayWrite && store.recordManagerConfig && (
                  <MenuItem onSelect={() => setOpen("removeVectors")}>
                    <Unplug aria-hidden />
                    {t("menu.removeVectors")}
                  </MenuItem>
                )}
                {mayDelete && (
                  <>
                    <MenuSeparator />
                    <MenuItem danger onSelect={() => setOpen("delete")}>
                      <Trash2 aria-hidden />
                      {t("menu.delete")}
                    </MenuItem>
                  </>
                )}
              </MenuContent>
            </Menu>
            {add}
          </>
        }
      />
      {store.loaders.length > 0 && (
        <Card className="flex flex-wrap items-center justify-between gap-x-8 gap-y-4 p-4 sm:px-5">
          <Figures
            rows={[
              [t("column.loaders"), number(store.loaders.length)],
              [t("column.chunks"), number(store.totalChunks)],
              [t("column.chars"), number(store.totalChars)],
            ]}
          />
          <Next store={store} toProcess={toProcess} isBusy={isBusy} onProcess={mayProcess ? () => void jobs.process(toProcess) : undefined} onUpsert={mayWrite ? () => void jobs.upsert() : undefined} />
        </Card>
      )}
      {store.loaders.length === 0 ? (
        <EmptyState icon={<FileStack />} title={t("loader.empty.title")} body={t("loader.empty.body")} action={add} />
      ) : (
        <LoaderList
          store={store}
          isBusy={isBusy}
          onProcess={(loader) => void jobs.process([loader])}
          onUpsert={(loader) => void jobs.upsert(loader.id)}
          onRefresh={(loader) => void jobs.refresh([loader.id])}
          onDelete={setDoomed}
        />
      )}
      {/* Of a store that holds nothing it goes without saying. */}
      {(store.loaders.length > 0 || store.whereUsed.length > 0) && (
        <section aria-label={t("used.title")} className="text-sm text-muted">
          {store.whereUsed.length === 0 ? (
            <p>{t("used.none")}</p>
          ) : (
            <>
              <h2 className="text-sm font-medium text-ink">{t("used.title")}</h2>
              <FlowLinks flows={store.whereUsed} />
            </>
          )}
        </section>
      )}
      {open === "add" && (
        <AddLoaderDialog
          onClose={close}
          onChoose={(name) => {
            close();
            void navigate({ to: "/document-stores/$storeId/$loaderName", params: { storeId: store.id, loaderName: name } });
          }}
        />
      )}
      {open === "rename" && <StoreDialog store={store} onClose={close} onSaved={() => undefined} />}
      {open === "describe" && <DescribeDialog store={store} onClose={close} />}
      {open === "delete" && <DeleteStoreDialog store={store} onClose={close} onDeleted={() => void navigate({ to: "/document-stores" })} />}
      <ConfirmDialog
        open={open === "refresh"}
        onOpenChange={(next) => !next && close()}
        title={t("refresh.title")}
        description={t("refresh.body", { loaders: t("loaders", { count: store.loaders.length }) })}
        confirm={t("refresh.confirm")}
        busy={false}
        onConfirm={() => {
          close();
          void jobs.refresh();
        }}
      />
      <ConfirmDialog
        open={open === "removeVectors"}
        onOpenChange={(next) => !next && close()}
        title={t("removeVectors.title")}
        description={t("removeVectors.body", { count: store.whereUsed.length })}
        confirm={common("delete")}
        busy={false}
        onConfirm={() => {
          close();
          void jobs.removeVectors();
        }}
      />
      {doomed && <DeleteLoaderDialog store={store} loader={doomed} onClose={() => setDoomed(null)} />}
    </div>
  );
}

interface NextProps {
  store: DocumentStore;
  toProcess: readonly DocumentStoreLoader[];
  isBusy: boolean;
  onProcess: (() => void) | undefined;
  onUpsert: (() => void) | undefined;
}

/** The one thing that brings the store further. */
function Next({ store, toProcess, isBusy, onProcess, onUpsert }: NextProps) {
  const { t } = useTranslation("documentStores");
  const step = nextStep(store);
  if (step === "addLoader") return null;
  const button = () => {
    switch (step) {
      case "process":
        return (
          onProcess && (
            <Button variant="primary" disabled={isBusy} onClick={onProcess}>
              <Play aria-hidden />
              {t("next.process.action", { count: toProcess.length })}
            </Button>
          )
        );
      case "chooseTargets":
        return (
          onUpsert && (
            <Button asChild variant="primary">
              <Link to="/document-stores/vector/$storeId" params={{ storeId: store.id }}>
                {t("next.chooseTargets.action")}
                <ArrowRight aria-hidden className="rtl:rotate-180" />
              </Link>
            </Button>
          )
        );
      case "upsert":
        return (
          onUpsert && (
            <Button variant="primary" disabled={isBusy} onClick={onUpsert}>
              <DatabaseZap aria-hidden />
              {t("upsert.all")}
            </Button>
          )
        );
      case "test":
        return (
          <Button asChild>
            <Link to="/document-stores/query/$storeId" params={{ storeId: store.id }}>
              <Search aria-hidden />
              {t("next.test.action")}
            </Link>
          </Button>
        );
    }
  };
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
      <p className="max-w-md text-sm text-muted">{t(step === "process" && toProcess.every((loader) => loader.error) ? "next.process.failed" : `next.${step}.body`)}</p>
      {button()}
    </div>
  );
}
