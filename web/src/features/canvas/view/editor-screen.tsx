// The editor: palette, canvas, inspector and chat side by side; one at a time where it is narrow.
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { LayoutTemplate, MessageSquareDashed, Plus, Sparkles, Workflow } from "lucide-react";
import { type KeyboardEvent, lazy, type ReactNode, Suspense, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { saveLive } from "~/api/flow-drafts";
import { chatflowQuery } from "~/api/queries";
import type { CatalogNode, Chatflow } from "~/api/types";
import type { CanvasSearch } from "~/app/router";
import { LoadingPage } from "~/app/layouts/root";
import { useCommands } from "~/lib/commands";
import { cx } from "~/lib/cx";
import { WIDE, useMedia } from "~/lib/use-media";
import { Button } from "~/ui/button";
import { Notice } from "~/ui/card";
import { Sheet } from "~/ui/dialog";
import { ResizeHandle } from "~/ui/resize-handle";
import { EmptyState, useErrorText } from "~/ui/states";
import { toast } from "~/ui/toast";
import { UnsavedGuard } from "~/ui/unsaved-guard";
import type { Session } from "../model/session";
import { trialMarks } from "../model/trial";
import { CanvasAnnouncer } from "./announce";
import { CanvasHeader } from "./canvas-header";
import { ConnectDialog } from "./connect-dialog";
import { CHAT_MAX, CHAT_MIN, useDock } from "./dock";
import { EditorContext, type EditorParts, type FlowKind, GraphContext, type LeftPanel, type PanelState, useEditor, useGraph, usePanels, useParts, useViewGraph } from "./editor-context";
import { FindBar } from "./find-bar";
import { FlowCanvas } from "./flow-canvas";
import { NodePicker, PickerDialog } from "./node-picker";
import { Outline } from "./outline";
import { RunsPanel } from "./runs-panel";
import { type Actions, useActions } from "./use-actions";
import { usePageKeys } from "./use-canvas-keys";

// What is not on the first picture comes by itself, after it.
const ChatPanel = lazy(() => import("~/features/chat").then((chat) => ({ default: chat.ChatPanel })));
const Inspector = lazy(() => import("./inspector").then((part) => ({ default: part.Inspector })));
const PublishDialog = lazy(() => import("./publish-dialog").then((part) => ({ default: part.PublishDialog })));
const GeneratorDialog = lazy(() => import("~/features/generator").then((part) => ({ default: part.GeneratorDialog })));
const PinDialog = lazy(() => import("./pin-dialog").then((part) => ({ default: part.PinDialog })));
const RerunDialog = lazy(() => import("./rerun-dialog").then((part) => ({ default: part.RerunDialog })));
const ShortcutsDialog = lazy(() => import("./shortcuts-dialog").then((part) => ({ default: part.ShortcutsDialog })));
const TemplateDialog = lazy(() => import("./template-dialog").then((part) => ({ default: part.TemplateDialog })));
const UpsertDialog = lazy(() => import("./upsert-dialog").then((part) => ({ default: part.UpsertDialog })));
const VersionsPanel = lazy(() => import("./versions-panel").then((part) => ({ default: part.VersionsPanel })));

export interface EditorScreenProps {
  session: Session;
  flow: Chatflow;
  kind: FlowKind;
  catalog: CatalogNode[] | undefined;
  wasPlaced: boolean;
}

export function EditorScreen({ session, flow, kind, catalog, wasPlaced }: EditorScreenProps) {
  const { t } = useTranslation("canvas");
  const { editor, saver } = session;
  const [panels] = useState(() =>
    createStore<PanelState>(() => ({
      // Whoever has (almost) nothing yet wants to add something.
      left: kind !== "old" && editor.getState().graph.nodes.length < 2 ? "nodes" : undefined,
      inspector: true,
      dialog: undefined,
      finding: false,
      snap: false,
      marquee: false,
      focusField: undefined,
      server: wasPlaced ? [{ code: "placed", severity: "info" }] : [],
    })),
  );
  const parts = useMemo(
    (): EditorParts => ({ editor, saver, panels, kind, flowId: flow.id || undefined, flowName: flow.name || t(kind === "agent" ? "new.agentflow" : "new.chatflow"), catalog, drafts: session.drafts }),
    [editor, saver, panels, kind, flow.id, flow.name, catalog, session.drafts, t],
  );
  useKeepSafe(session);
  return (
    <EditorContext value={parts}>
      <WithGraph>
        <Screen flow={flow} />
      </WithGraph>
      <CanvasAnnouncer />
      <Guard />
    </EditorContext>
  );
}

function WithGraph({ children }: { children: ReactNode }) {
  return <GraphContext value={useViewGraph()}>{children}</GraphContext>;
}

/** What waits for a pause in the typing is sent when the page is left, and the browser asks before its window closes. */
function useKeepSafe({ saver, editor }: Session): void {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (saver.getState().status !== "saved" && !editor.getState().readOnly) event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => {
      window.removeEventListener("beforeunload", ask);
      if (!editor.getState().readOnly) void saver.flush();
    };
  }, [saver, editor]);
}

function Guard() {
  const { t } = useTranslation("canvas");
  const { saver } = useParts();
  const status = useStore(saver, (state) => state.status);
  return <UnsavedGuard when={status === "offline" || status === "conflict" || status === "refused"} body={t("save.leave")} />;
}

const VIEWS = ["graph", "outline", "chat"] as const;

function Screen({ flow }: { flow: Chatflow }) {
  const { t } = useTranslation("canvas");
  const { kind, editor, panels, saver, drafts } = useParts();
  const actions = useActions();
  const wide = useMedia(WIDE);
  // Room for palette, graph, inspector and chat side by side.
  const roomy = useMedia("(min-width: 1720px)");
  const dock = useDock();
  const { view: shown = "graph" } = useSearch({ strict: false }) as CanvasSearch;
  const rename = useRename(flow);
  const isSingle = useEditor((state) => state.selection.size === 1);
  const covered = usePanels((state) => state.inspector) && isSingle;
  useSelectionInAddress();
  usePageKeys(actions);
  useManyNodesCommands();
  const beforeAsk = useCallback(async () => {
    if (!editor.getState().readOnly) await saver.flush();
    // Pins and breakpoints count only for the draft, also where it is the same as what is live.
    const { pins, breakpoints } = trialMarks(editor.getState().graph);
    return { draft: drafts && (saver.getState().ahead || pins + breakpoints > 0) };
  }, [editor, saver, drafts]);
  const chatShown = wide ? dock.open : shown === "chat";
  const closeOnEscape = (event: KeyboardEvent) => {
    if (event.key === "Escape" && !event.defaultPrevented && !(event.target as HTMLElement).closest("[role=dialog],input,textarea,.cm-editor")) editor.select([]);
  };
  return (
    <>
      <CanvasHeader actions={actions} onRename={rename} />
      <main id="main" tabIndex={-1} className={cx("flex min-h-0 flex-1 outline-none", !wide && "flex-col")}>
        {!wide && <ViewTabs shown={shown} />}
        {wide && kind !== "old" && <LeftSide actions={actions} />}
        {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- only listens for Escape, which works in all it holds */}
        <div onKeyDown={closeOnEscape} className={cx("relative flex min-h-0 min-w-0 flex-1", !wide && chatShown && "hidden")}>
          <div className="flex min-w-0 flex-1 flex-col">
          <div className="relative min-h-0 flex-1 overflow-y-auto">
            {kind === "old" && <Notice tone="info" className="absolute inset-x-3 top-3 z-10 shadow-md">{t("old.body")}</Notice>}
            {!wide && shown === "outline" ? <Outline actions={actions} onOpen={(id) => openDetails(editor, panels, id)} /> : <Drawing name={flow.name} actions={actions} />}
            <Finder actions={actions} />
          </div>
          <RunsPanel actions={actions} />
          </div>
          {(!wide || roomy || !dock.open) && <NodeDetails actions={actions} docked={wide} />}
        </div>
        {/* One place in both layouts, hidden rather than gone: an answer goes on whatever is looked at. */}
        <div style={wide ? { width: dock.width } : undefined} className={cx(chatShown ? "flex" : "hidden", wide ? "relative shrink-0" : "min-h-0 flex-1")}>
          {wide && <ResizeHandle label={t("resizeChat")} width={dock.width} min={CHAT_MIN} max={CHAT_MAX} onResize={dock.resize} onReset={dock.reset} />}
          {wide && !roomy && dock.open && <NodeDetails actions={actions} docked over />}
          <div inert={wide && !roomy && covered} className="min-w-0 flex-1">
            <Suspense fallback={<LoadingPage />}>{flow.id ? <ChatPanel key={flow.id} flowId={flow.id} chatbotConfig={flow.chatbotConfig} flowData={flow.flowData} beforeAsk={beforeAsk} /> : <EmptyState icon={<MessageSquareDashed />} title={t("new.chatTitle")} body={t("new.chatBody")} className="h-full" />}</Suspense>
          </div>
        </div>
      </main>
      <Dialogs actions={actions} />
    </>
  );
}

function openDetails(editor: EditorParts["editor"], panels: EditorParts["panels"], id: string): void {
  editor.select([id]);
  panels.setState({ inspector: true });
}

function useRename(flow: Chatflow): (name: string) => void {
  const client = useQueryClient();
  const errorText = useErrorText();
  const { saver } = useParts();
  return (name) => {
    void (async () => {
      try {
        // A new flow gets its place first.
        if (!flow.id) await saver.flush();
        if (!flow.id) return;
        const saved = await saveLive(flow.id, { name });
        client.setQueryData(chatflowQuery(flow.id).queryKey, (before) => (before ? { ...before, name: saved.name } : saved));
        await client.invalidateQueries({ queryKey: ["chatflows"] });
      } catch (error) {
        toast.error(errorText(error));
      }
    })();
  };
}

/** The one selected node lives in the address, so that it can be linked to. */
function useSelectionInAddress(): void {
  const { editor } = useParts();
  const navigate = useNavigate();
  const { node } = useSearch({ strict: false }) as CanvasSearch;
  const selection = useEditor((state) => state.selection);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      if (node && editor.getState().graph.nodes.some((one) => one.id === node)) editor.select([node]);
      return;
    }
    const only = selection.size === 1 ? [...selection][0] : undefined;
    if (only !== node) void navigate({ to: ".", search: (before: CanvasSearch) => ({ ...before, node: only }), replace: true } as never);
    // oxlint-disable-next-line react/exhaustive-deps -- the address follows the selection, not the other way round
  }, [selection]);
}

/** Where there is no room side by side, one view at a time. */
function ViewTabs({ shown }: { shown: (typeof VIEWS)[number] }) {
  const { t } = useTranslation("canvas");
  const navigate = useNavigate();
  return (
    <nav aria-label={t("views")} className="flex shrink-0 gap-1 border-b border-line bg-surface px-2">
      {VIEWS.map((name) => (
        <button
          key={name}
          type="button"
          aria-current={name === shown ? "true" : undefined}
          onClick={() => void navigate({ to: ".", search: (before: CanvasSearch) => ({ ...before, view: name === "graph" ? undefined : name }), replace: true } as never)}
          className="h-11 flex-1 border-b-2 border-transparent text-base font-medium text-muted -outline-offset-2 aria-[current=true]:border-primary aria-[current=true]:text-primary-ink"
        >
          {t(`view.${name}`)}
        </button>
      ))}
    </nav>
  );
}

/** Palette, outline and versions. */
function LeftSide({ actions }: { actions: Actions }) {
  const { t } = useTranslation("canvas");
  const { panels, flowId, drafts, editor } = useParts();
  const left = usePanels((state) => state.left);
  const readOnly = useEditor((state) => state.readOnly);
  if (!left || readOnly) return null;
  const tabs: LeftPanel[] = drafts && flowId ? ["nodes", "outline", "versions"] : ["nodes", "outline"];
  return (
    <aside aria-label={t("left.title")} className="flex w-72 shrink-0 flex-col border-e border-line bg-surface">
      <div role="tablist" aria-label={t("left.title")} className="flex gap-1 border-b border-line px-2">
        {tabs.map((tab) => (
          <button
            key={tab}
            type="button"
            role="tab"
            id={`left-${tab}`}
            aria-selected={tab === left}
            aria-controls="left-panel"
            onClick={() => panels.setState({ left: tab })}
            className="h-10 flex-1 border-b-2 border-transparent text-sm font-medium text-muted -outline-offset-2 aria-selected:border-primary aria-selected:text-primary-ink"
          >
            {t(`left.${tab}`)}
          </button>
        ))}
      </div>
      <div id="left-panel" role="tabpanel" aria-labelledby={`left-${left}`} className="flex min-h-0 flex-1 flex-col overflow-y-auto">
        {left === "nodes" && (
          <>
            <NodePicker className="min-h-0 flex-1" onPick={(entry, joined) => actions.add(entry, {}, !joined)} />
            <div className="border-t border-line p-2">
              <Button variant="ghost" className="w-full" onClick={() => panels.setState({ dialog: { name: "template" } })}>
                <LayoutTemplate aria-hidden />
                {t("template.command")}
              </Button>
            </div>
          </>
        )}
        {left === "outline" && <Outline actions={actions} onOpen={(id) => { openDetails(editor, panels, id); actions.reveal(id); }} />}
        <Suspense fallback={<LoadingPage />}>{left === "versions" && flowId && <VersionsPanel flowId={flowId} actions={actions} />}</Suspense>
      </div>
    </aside>
  );
}

/** The canvas, with an invitation on it while it is empty. */
function Drawing({ name, actions }: { name: string; actions: Actions }) {
  const { t } = useTranslation("canvas");
  const { kind, panels } = useParts();
  const { nodes } = useGraph();
  const wide = useMedia(WIDE);
  const isEmpty = nodes.length === 0;
  // A new agentflow holds its Start and nothing else.
  const isBare = kind === "agent" && nodes.length === 1;
  const readOnly = useEditor((state) => state.readOnly);
  return (
    <>
      <FlowCanvas name={name} actions={actions} />
      {isBare && !readOnly && (
        <div className="pointer-events-none absolute inset-x-0 top-4 z-10 flex justify-center px-4">
          <div className="pointer-events-auto flex flex-wrap items-center justify-center gap-3 rounded-lg border border-line bg-surface px-4 py-3 shadow-md">
            <p className="text-base text-muted">{t("generate.invite")}</p>
            <Describe />
          </div>
        </div>
      )}
      {isEmpty && (
        <div className="pointer-events-none absolute inset-0 flex items-center justify-center">
          <div className="pointer-events-auto">
            <EmptyState
              icon={<Workflow />}
              title={t(readOnly ? "empty.title" : kind === "agent" ? "empty.agent" : "empty.chat")}
              body={readOnly ? undefined : t(wide ? "empty.body" : "empty.bodyNarrow")}
              action={
                !readOnly && (
                  <>
                    <Button variant="primary" onClick={() => actions.openPicker()}>
                      <Plus aria-hidden />
                      {t("empty.add")}
                    </Button>
                    <Button onClick={() => panels.setState({ dialog: { name: "template" } })}>
                      <LayoutTemplate aria-hidden />
                      {t("template.command")}
                    </Button>
                    {kind === "agent" && <Describe />}
                  </>
                )
              }
            />
          </div>
        </div>
      )}
    </>
  );
}

/** Lets a model draw the flow. */
function Describe() {
  const { t } = useTranslation("canvas");
  const { panels } = useParts();
  return (
    <Button onClick={() => panels.setState({ dialog: { name: "generate" } })}>
      <Sparkles aria-hidden />
      {t("generate.action")}
    </Button>
  );
}

/** What brings many nodes at once, as commands of the palette: a template, and on flows that a model can draw a description. */
function useManyNodesCommands(): void {
  const { t } = useTranslation("canvas");
  const { panels, kind } = useParts();
  const readOnly = useEditor((state) => state.readOnly);
  useCommands(
    useMemo(() => {
      if (readOnly) return [];
      const open = (name: "generate" | "template") => () => panels.setState({ dialog: { name } });
      const template = { id: "canvas-template", label: t("template.command"), icon: LayoutTemplate, run: open("template") };
      return kind === "agent" ? [template, { id: "canvas-generate", label: t("generate.command"), icon: Sparkles, run: open("generate") }] : [template];
    }, [readOnly, kind, t, panels]),
  );
}

function Generate({ actions, onClose }: { actions: Actions; onClose: () => void }) {
  const isBare = useGraph().nodes.length <= 1;
  return <GeneratorDialog replaces={!isBare} onDrawn={actions.replaceAll} onClose={onClose} />;
}

function Finder({ actions }: { actions: Actions }) {
  const finding = usePanels((state) => state.finding);
  return finding ? <FindBar actions={actions} /> : null;
}

/** The one selected node's inspector: docked beside the graph, in the chat's place (`over`), or over the graph where that is too narrow. */
function NodeDetails({ actions, docked, over = false }: { actions: Actions; docked: boolean; over?: boolean }) {
  const { t } = useTranslation("canvas");
  const { editor } = useParts();
  const graph = useGraph();
  const selection = useEditor((state) => state.selection);
  const open = usePanels((state) => state.inspector);
  // Where the details cover the graph, they make room for choosing where a wire leads.
  const isWiring = usePanels((state) => state.dialog?.name === "connect");
  const only = selection.size === 1 ? [...selection][0] : undefined;
  const chosen = open || !docked ? graph.nodes.find((node) => node.id === only) : undefined;
  const close = () => {
    editor.select([]);
    document.querySelector<HTMLElement>("[data-canvas]")?.focus();
  };
  const inspector = chosen && (
    <Suspense fallback={<LoadingPage />}>
      <Inspector key={chosen.id} view={chosen} onSelect={actions.reveal} onClose={close} />
    </Suspense>
  );
  if (!docked) {
    return (
      <Sheet open={chosen !== undefined && !isWiring} onOpenChange={(next) => !next && close()} title={t("inspector.title")}>
        {inspector}
      </Sheet>
    );
  }
  if (!chosen) return null;
  return (
    <aside aria-label={t("inspector.title")} className={over ? "absolute inset-y-0 end-0 start-px z-20 bg-surface" : "absolute inset-y-0 end-0 z-10 w-[22rem] border-s border-line bg-surface shadow-lg xl:static xl:shrink-0 xl:shadow-none"}>
      {inspector}
    </aside>
  );
}

function Dialogs({ actions }: { actions: Actions }) {
  return (
    <Suspense>
      <OpenDialog actions={actions} />
    </Suspense>
  );
}

function OpenDialog({ actions }: { actions: Actions }) {
  const { panels, flowId } = useParts();
  const dialog = usePanels((state) => state.dialog);
  const close = () => panels.setState({ dialog: undefined });
  switch (dialog?.name) {
    case "shortcuts":
      return <ShortcutsDialog onClose={close} />;
    case "picker":
      return <PickerDialog why={dialog.for} actions={actions} onClose={close} />;
    case "connect":
      return <ConnectDialog nodeId={dialog.nodeId} end={dialog.end} onClose={close} />;
    case "publish":
      return flowId ? <PublishDialog flowId={flowId} onClose={close} /> : null;
    case "generate":
      return <Generate actions={actions} onClose={close} />;
    case "template":
      return <TemplateDialog actions={actions} onClose={close} />;
    case "rerun":
      return <RerunDialog key={dialog.nodeId} nodeId={dialog.nodeId} visit={dialog.visit} onClose={close} />;
    case "pin":
      return <PinDialog key={dialog.nodeId} nodeId={dialog.nodeId} output={dialog.output} onClose={close} />;
    case "upsert":
      return flowId ? <UpsertDialog flowId={flowId} onClose={close} /> : null;
    default:
      return null;
  }
}
