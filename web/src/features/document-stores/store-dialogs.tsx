// Dialogs about a whole store: its name, its end, and what a model says it is good for.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { Sparkles, Workflow } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { createStore, deleteLoader, deleteStore, describeStore, type DocumentStore, type DocumentStoreLoader, removeVectors, updateStore } from "~/api/document-stores";
import { nodesQuery } from "~/api/queries";
import { defaultsOfEntry, makeNode, NodeForm, problemsOfEntry } from "~/features/canvas/forms";
import { asText, type JsonObject } from "~/lib/json";
import { Button } from "~/ui/button";
import { Notice } from "~/ui/card";
import { ConfirmDialog, Dialog } from "~/ui/dialog";
import { CheckboxField, TextAreaField } from "~/ui/form";
import { FormDialog, TypedConfirmDialog } from "~/ui/form-dialog";
import { Field } from "~/ui/input";
import { ErrorNotice } from "~/ui/states";
import { toast } from "~/ui/toast";
import { NodePicker } from "./node-picker";
import { useNumber } from "./parts";

/** Names a store: a new one, or one that is there. */
export function StoreDialog({ store, onClose, onSaved }: { store: DocumentStore | undefined; onClose: () => void; onSaved: (id: string) => void }) {
  const { t } = useTranslation("documentStores");
  const { t: common } = useTranslation();
  const client = useQueryClient();
  const before = { name: store?.name ?? "", description: store?.description ?? "" };
  const [form, setForm] = useState(before);
  const [checked, setChecked] = useState(false);
  const save = useMutation({
    mutationFn: () => {
      const body = { name: form.name.trim(), description: form.description.trim() || null };
      return store ? updateStore(store.id, body) : createStore(body);
    },
    onSuccess: async ({ id }) => {
      await client.invalidateQueries({ queryKey: ["document-stores"] });
      if (store) await client.invalidateQueries({ queryKey: ["document-store", store.id] });
      onClose();
      onSaved(id);
    },
  });
  return (
    <FormDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t(store ? "dialog.rename" : "dialog.add")}
      submit={store ? common("save") : t("dialog.create")}
      busy={save.isPending}
      error={save.error}
      dirty={form.name !== before.name || form.description !== before.description}
      onSubmit={() => {
        setChecked(true);
        if (form.name.trim()) save.mutate();
      }}
    >
      <Field label={t("dialog.name")} value={form.name} onChange={(event) => setForm({ ...form, name: event.target.value })} autoComplete="off" error={checked && !form.name.trim() ? t("dialog.nameMissing") : undefined} />
      <TextAreaField label={t("dialog.description")} optional={common("optional")} hint={t("dialog.descriptionHint")} rows={3} value={form.description} onChange={(description) => setForm({ ...form, description })} />
    </FormDialog>
  );
}

/** A new store from anywhere: it leads to the store. */
export function NewStoreDialog({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  return <StoreDialog store={undefined} onClose={onClose} onSaved={(id) => void navigate({ to: "/document-stores/$storeId", params: { storeId: id } })} />;
}

/** Asks before a store that holds something is gone, and names what goes with it. */
export function DeleteStoreDialog({ store, onClose, onDeleted }: { store: DocumentStore; onClose: () => void; onDeleted: () => void }) {
  const { t } = useTranslation("documentStores");
  const client = useQueryClient();
  const number = useNumber();
  const canEmpty = store.recordManagerConfig !== null && store.vectorStoreConfig !== null;
  const [withVectors, setWithVectors] = useState(false);
  const removal = useMutation({
    mutationFn: async () => {
      if (withVectors) await removeVectors(store.id);
      await deleteStore(store.id);
    },
    onSuccess: async () => {
      toast.success(t("delete.done", { name: store.name }));
      onClose();
      onDeleted();
      client.removeQueries({ queryKey: ["document-store", store.id] });
      await client.invalidateQueries({ queryKey: ["document-stores"] });
    },
  });
  return (
    <TypedConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("delete.title", { name: store.name })}
      word={store.name}
      confirm={t("delete.confirm")}
      busy={removal.isPending}
      error={removal.error}
      onConfirm={() => removal.mutate()}
    >
      <p className="text-base text-muted">{t("delete.body", { loaders: t("loaders", { count: store.loaders.length }), chunks: t("chunks", { count: store.totalChunks, shown: number(store.totalChunks) }) })}</p>
      {store.whereUsed.length > 0 && (
        <Notice tone="warning">
          {t("delete.used", { count: store.whereUsed.length })}
          <FlowLinks flows={store.whereUsed} />
        </Notice>
      )}
      {store.vectorStoreConfig && <CheckboxField label={t("delete.vectors")} hint={t(canEmpty ? "delete.vectorsHint" : "delete.vectorsCannot")} disabled={!canEmpty} checked={withVectors} onChange={setWithVectors} />}
    </TypedConfirmDialog>
  );
}

export function FlowLinks({ flows }: { flows: DocumentStore["whereUsed"] }) {
  return (
    <ul className="mt-1.5 flex flex-wrap gap-x-4 gap-y-1">
      {flows.map((flow) => (
        <li key={flow.id}>
          <Link to="/canvas/$id" params={{ id: flow.id }} className="inline-flex items-center gap-1.5 font-medium underline underline-offset-2">
            <Workflow aria-hidden className="size-3.5" />
            {flow.name}
          </Link>
        </li>
      ))}
    </ul>
  );
}

export function DeleteLoaderDialog({ store, loader, onClose }: { store: DocumentStore; loader: DocumentStoreLoader; onClose: () => void }) {
  const { t } = useTranslation("documentStores");
  const client = useQueryClient();
  const number = useNumber();
  const canEmpty = store.recordManagerConfig !== null && store.vectorStoreConfig !== null;
  const [withVectors, setWithVectors] = useState(canEmpty);
  const removal = useMutation({
    mutationFn: async () => {
      if (withVectors) await removeVectors(store.id, loader.id);
      await deleteLoader(store.id, loader.id);
    },
    onSuccess: async () => {
      toast.success(t("deleteLoader.done", { name: loader.loaderName }));
      onClose();
      await Promise.all([["document-store", store.id], ["document-stores"], ["document-chunks", store.id]].map((queryKey) => client.invalidateQueries({ queryKey })));
    },
  });
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("deleteLoader.title", { name: loader.loaderName })}
      description={t("deleteLoader.body", { chunks: t("chunks", { count: loader.totalChunks, shown: number(loader.totalChunks) }) })}
      confirm={t("deleteLoader.confirm")}
      busy={removal.isPending}
      onConfirm={() => removal.mutate()}
    >
      <div className="flex flex-col gap-4">
        <ErrorNotice error={removal.error} />
        {store.vectorStoreConfig && <CheckboxField label={t("deleteLoader.vectors")} hint={t(canEmpty ? "deleteLoader.vectorsHint" : "delete.vectorsCannot")} disabled={!canEmpty} checked={withVectors} onChange={setWithVectors} />}
      </div>
    </ConfirmDialog>
  );
}

/** Lets a model say what the store is good for, by which agents decide when to look into it. */
export function DescribeDialog({ store, onClose }: { store: DocumentStore; onClose: () => void }) {
  const { t } = useTranslation("documentStores");
  const { t: common } = useTranslation();
  const client = useQueryClient();
  const nodes = useQuery(nodesQuery());
  const models = (nodes.data ?? []).filter((node) => node.category === "Chat Models" && !node.tags?.includes("LlamaIndex"));
  const [name, setName] = useState("");
  const [config, setConfig] = useState<JsonObject>({});
  const [text, setText] = useState(store.description ?? "");
  const [checked, setChecked] = useState(false);
  const model = models.find((node) => node.name === name);
  const asking = useMutation({
    mutationFn: async () => {
      if (!model) return "";
      const node = makeNode(model, { nodes: [], edges: [], unread: [], extra: {} }, { x: 0, y: 0 });
      return describeStore(store.id, { ...node.data, inputs: config, credential: asText(config["credential"]) ?? "" });
    },
    onSuccess: setText,
  });
  const save = useMutation({
    mutationFn: () => updateStore(store.id, { description: text.trim() || null }),
    onSuccess: async () => {
      toast.success(t("describe.saved"));
      onClose();
      await Promise.all([["document-store", store.id], ["document-stores"]].map((queryKey) => client.invalidateQueries({ queryKey })));
    },
  });
  const generate = () => {
    setChecked(true);
    if (model && problemsOfEntry(model, config).length === 0) asking.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("describe.title")}
      description={t("describe.lead")}
      size="lg"
      footer={
        <>
          <Button onClick={onClose}>{common("cancel")}</Button>
          <Button variant="primary" busy={save.isPending} disabled={text.trim() === (store.description ?? "").trim()} onClick={() => save.mutate()}>
            {t("describe.save")}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <ErrorNotice error={asking.error ?? save.error} />
        <NodePicker
          label={t("describe.model")}
          entries={models}
          value={name}
          onChange={(next) => {
            setName(next);
            const entry = models.find((node) => node.name === next);
            setConfig(entry ? defaultsOfEntry(entry) : {});
            setChecked(false);
          }}
        />
        {model && (
          <div className="rounded-md border border-line p-4">
            <NodeForm entry={model} values={config} onChange={setConfig} checked={checked} id="describe" />
          </div>
        )}
        <Button className="self-start" busy={asking.isPending} disabled={!model || store.totalChunks === 0} onClick={generate}>
          {!asking.isPending && <Sparkles aria-hidden />}
          {t(asking.isPending ? "describe.working" : "describe.action")}
        </Button>
        {store.totalChunks === 0 && <p className="text-sm text-muted">{t("describe.noChunks")}</p>}
        <TextAreaField label={t("describe.text")} hint={t("describe.textHint")} rows={4} value={text} onChange={setText} />
      </div>
    </Dialog>
  );
}
