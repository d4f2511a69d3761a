// `/document-stores/chunks/:store/:loader`: the chunks as they are kept; each can be read whole, changed and deleted.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight, Pencil, Rows3, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ALL_LOADERS, CHUNKS_A_PAGE, chunksQuery, deleteChunk, type DocumentChunk, saveChunk, storeQuery } from "~/api/document-stores";
import { useMay } from "~/api/session";
import { deleteWithUndo, useLeaving } from "~/features/list";
import { cx } from "~/lib/cx";
import { asObject, parseJson } from "~/lib/json";
import { useTitle } from "~/lib/use-title";
import { Button } from "~/ui/button";
import { Card, Notice } from "~/ui/card";
import { CodeEditor } from "~/ui/code-editor";
import { SelectField, TextAreaField } from "~/ui/form";
import { FormDialog } from "~/ui/form-dialog";
import { PageHeader } from "~/ui/page";
import { EmptyState, ErrorState, Hidden, Skeleton, useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { ChunkHead, ChunkText, Metadata } from "./chunk-view";
import { metadataOf } from "./model";
import { PAGE, useNumber } from "./parts";

const ROUTE = "/signed-in/shell/store/document-stores/chunks/$storeId/$fileId";

export function ChunksPage() {
  const { t } = useTranslation("documentStores");
  const { t: common } = useTranslation();
  const { t: listText } = useTranslation("list");
  const { storeId, fileId } = useParams({ from: ROUTE });
  const { page = 1 } = useSearch({ from: ROUTE });
  const navigate = useNavigate();
  const number = useNumber();
  const may = useMay();
  const errorText = useErrorText();
  const client = useQueryClient();
  const { data: store } = useQuery(storeQuery(storeId));
  const query = useQuery({ ...chunksQuery(storeId, fileId, page), placeholderData: keepPreviousData });
  const leaving = useLeaving((state) => state.ids);
  const [open, setOpen] = useState<DocumentChunk | null>(null);
  useTitle(store ? `${t("pages.chunks")} · ${store.name}` : t("pages.chunks"));
  const chunks = (query.data?.chunks ?? []).filter((chunk) => !leaving.has(chunk.id));
  const count = query.data?.count ?? 0;
  const last = Math.max(1, Math.ceil(count / CHUNKS_A_PAGE));
  const names = new Map((store?.loaders ?? []).map((loader) => [loader.id, loader.loaderName]));
  const mayEdit = may("documentStores:update");
  const mayDelete = mayEdit || may("documentStores:delete");
  const reread = () => Promise.all([["document-chunks", storeId], ["document-store", storeId], ["document-stores"]].map((queryKey) => client.invalidateQueries({ queryKey })));
  const remove = (chunk: DocumentChunk) =>
    deleteWithUndo({
      ids: [chunk.id],
      done: t("chunk.deleted", { number: chunk.chunkNo }),
      undo: listText("undo"),
      remove: () => deleteChunk(chunk),
      settled: reread,
      failed: (error) => toast.error(listText("deleteFailed", { reason: errorText(error) })),
    });
  const to = (next: number) => void navigate({ to: ".", search: { page: next > 1 ? next : undefined } });
  const body = () => {
    if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
    if (query.isPending) {
      return (
        <div role="status" className="grid gap-4 lg:grid-cols-2">
          <Hidden>{common("loading")}</Hidden>
          {Array.from({ length: 6 }, (_, at) => (
            <Skeleton key={at} className="h-40" />
          ))}
        </div>
      );
    }
    if (count === 0) {
      return (
        <EmptyState
          icon={<Rows3 />}
          title={t("chunksPage.empty.title")}
          body={t("chunksPage.empty.body")}
          action={
            <Button asChild variant="primary">
              <Link to="/document-stores/$storeId" params={{ storeId }}>
                {t("chunksPage.empty.action")}
              </Link>
            </Button>
          }
        />
      );
    }
    return (
      <ul className={cx("grid gap-4 lg:grid-cols-2", query.isPlaceholderData && "opacity-60")}>
        {chunks.map((chunk) => (
          <li key={chunk.id} id={`chunk-${chunk.id}`}>
            <Card className="flex h-full flex-col gap-2 p-4">
              <div className="flex min-h-7 items-center gap-2">
                <ChunkHead number={chunk.chunkNo} length={chunk.pageContent.length} className="min-w-0 flex-1" />
                {fileId === ALL_LOADERS && <span className="max-w-40 min-w-0 truncate text-xs text-faint">{names.get(chunk.docId)}</span>}
                {mayEdit && (
                  <Button variant="ghost" size="icon-sm" aria-label={t("chunk.edit", { number: chunk.chunkNo })} onClick={() => setOpen(chunk)}>
                    <Pencil aria-hidden />
                  </Button>
                )}
                {mayDelete && (
                  <Button variant="ghost" size="icon-sm" aria-label={t("chunk.delete", { number: chunk.chunkNo })} onClick={() => remove(chunk)}>
                    <Trash2 aria-hidden />
                  </Button>
                )}
              </div>
              <ChunkText text={chunk.pageContent} />
              <div className="mt-auto">
                <Metadata metadata={metadataOf(chunk.metadata)} />
              </div>
            </Card>
          </li>
        ))}
      </ul>
    );
  };
  return (
    <div className={PAGE}>
      <PageHeader title={t("pages.chunks")} lead={t("chunksPage.lead")} />
      <div className="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <SelectField
          className="w-full sm:w-80"
          label={t("chunksPage.of")}
          value={fileId}
          onChange={(next) => void navigate({ to: "/document-stores/chunks/$storeId/$fileId", params: { storeId, fileId: next } })}
          choices={[{ value: ALL_LOADERS, label: t("chunksPage.all") }, ...(store?.loaders ?? []).map((loader) => ({ value: loader.id, label: `${loader.loaderName} (${number(loader.totalChunks)})` }))]}
        />
        {count > 0 && <Paging page={page} last={last} count={count} onChange={to} />}
      </div>
      {store?.status === "STALE" && store.vectorStoreConfig && count > 0 && <Notice tone="info">{t("chunksPage.stale")}</Notice>}
      {body()}
      {last > 1 && (
        <div className="flex justify-end">
          <Paging page={page} last={last} count={count} onChange={to} />
        </div>
      )}
      {open && <ChunkDialog key={open.id} chunk={open} onClose={() => setOpen(null)} onSaved={reread} />}
    </div>
  );
}

function Paging({ page, last, count, onChange }: { page: number; last: number; count: number; onChange: (page: number) => void }) {
  const { t } = useTranslation();
  const number = useNumber();
  return (
    <nav aria-label={t("pager.label")} className="flex items-center gap-3 text-sm text-muted">
      <span className="tabular-nums">{t("pager.range", { from: number((page - 1) * CHUNKS_A_PAGE + 1), to: number(Math.min(count, page * CHUNKS_A_PAGE)), total: number(count) })}</span>
      {last > 1 && (
        <span className="flex gap-1">
          <Button size="icon" aria-label={t("pager.previous")} disabled={page <= 1} onClick={() => onChange(page - 1)}>
            <ChevronLeft aria-hidden className="rtl:rotate-180" />
          </Button>
          <Button size="icon" aria-label={t("pager.next")} disabled={page >= last} onClick={() => onChange(page + 1)}>
            <ChevronRight aria-hidden className="rtl:rotate-180" />
          </Button>
        </span>
      )}
    </nav>
  );
}

function ChunkDialog({ chunk, onClose, onSaved }: { chunk: DocumentChunk; onClose: () => void; onSaved: () => Promise<unknown> }) {
  const { t } = useTranslation("documentStores");
  const { t: common } = useTranslation();
  const number = useNumber();
  const [before] = useState(() => ({ text: chunk.pageContent, metadata: JSON.stringify(metadataOf(chunk.metadata), null, 2) }));
  const [form, setForm] = useState(before);
  const [checked, setChecked] = useState(false);
  const metadata = asObject(parseJson(form.metadata.trim() || "{}"));
  const isEmpty = form.text.trim() === "";
  const save = useMutation({
    mutationFn: () => saveChunk(chunk, { pageContent: form.text, metadata: metadata ?? {} }),
    onSuccess: async () => {
      await onSaved();
      toast.success(t("chunk.saved", { number: chunk.chunkNo }));
      onClose();
    },
  });
  return (
    <FormDialog
      open
      onOpenChange={(next) => !next && onClose()}
      title={t("chunk.edit", { number: chunk.chunkNo })}
      size="lg"
      submit={common("save")}
      busy={save.isPending}
      error={save.error}
      dirty={form.text !== before.text || form.metadata !== before.metadata}
      onSubmit={() => {
        setChecked(true);
        if (!isEmpty && metadata) save.mutate();
      }}
    >
      <TextAreaField
        label={t("chunk.text")}
        rows={12}
        value={form.text}
        onChange={(text) => setForm({ ...form, text })}
        hint={t("chars", { count: form.text.length, shown: number(form.text.length) })}
        error={checked && isEmpty ? t("chunk.textMissing") : undefined}
      />
      <div>
        <p className="mb-1.5 text-sm font-medium">{t("chunk.metadata")}</p>
        <CodeEditor label={t("chunk.metadata")} language="json" value={form.metadata} onChange={(text) => setForm({ ...form, metadata: text })} className="min-h-28 max-h-64" />
        {checked && !metadata && <p className="mt-1.5 text-sm text-danger">{t("chunk.metadataWrong")}</p>}
      </div>
      <p className="text-sm text-muted">{t("chunk.editHint")}</p>
    </FormDialog>
  );
}
