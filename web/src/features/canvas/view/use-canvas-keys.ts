// The keys: those of the canvas while it has the focus, and those of the page wherever it is.
import { useReactFlow } from "@xyflow/react";
import { type KeyboardEvent as ReactKeyboardEvent, useEffect, useRef } from "react";
import { reachable } from "../model/graph-index";
import { toggleBreakpoints } from "../model/trial";
import { neighbour } from "../model/walk";
import { useDock } from "./dock";
import { useParts } from "./editor-context";
import { useCanvasCommands } from "./palette-commands";
import { useRunsPanel } from "./runs-panel";
import { type Command, commandFor, isTyping } from "./shortcuts";
import { GRID, type Actions } from "./use-actions";

type Handlers = Record<Command, (key: string) => void>;

function useHandlers(actions: Actions): Handlers {
  const { editor, panels, saver, kind } = useParts();
  const runs = useRunsPanel();
  const { fitView, zoomIn, zoomOut, zoomTo } = useReactFlow();
  const dock = useDock();
  const only = () => [...editor.getState().selection][0];
  const step = (key: string, size: number) => {
    const [dx, dy] = DIRECTIONS[key] ?? [0, 0];
    actions.move(dx * size, dy * size);
  };
  const along = (direction: "up" | "down") => {
    const found = [...editor.getState().selection].flatMap((id) => [id, ...reachable(editor.getState().graph, id, direction)]);
    editor.select(found);
  };
  return {
    undo: actions.undo,
    redo: actions.redo,
    copy: () => void actions.copy(),
    cut: () => void actions.cut(),
    // The browser's own paste event brings the text without asking for a permission.
    paste: () => undefined,
    pasteWired: () => undefined,
    duplicate: actions.duplicate,
    selectAll: actions.selectAll,
    clear: () => editor.select([]),
    delete: () => actions.remove(true),
    deleteNoHeal: () => actions.remove(false),
    add: () => actions.openPicker(),
    note: () => actions.addNote(false),
    frame: () => actions.addNote(true),
    connect: () => {
      const id = only();
      if (id) panels.setState({ dialog: { name: "connect", nodeId: id } });
    },
    open: () => panels.setState({ inspector: true, focusField: only() ? { nodeId: only() ?? "", name: "" } : undefined }),
    rename: () => only() && panels.setState({ inspector: true, focusField: { nodeId: only() ?? "", name: "@label" } }),
    tidy: () => void actions.tidyUp(),
    find: () => panels.setState({ finding: true }),
    save: () => void saver.flush(),
    publish: () => panels.setState({ dialog: { name: "publish" } }),
    fitAll: () => void fitView({ padding: 0.12, maxZoom: 1, duration: 180 }),
    fitSelection: () => void fitView({ nodes: [...editor.getState().selection].map((id) => ({ id })), padding: 0.3, maxZoom: 1, duration: 180 }),
    zoomIn: () => void zoomIn({ duration: 120 }),
    zoomOut: () => void zoomOut({ duration: 120 }),
    zoomReset: () => void zoomTo(1, { duration: 120 }),
    left: () => panels.setState(({ left }) => ({ left: left ? undefined : "nodes" })),
    inspector: () => panels.setState(({ inspector }) => ({ inspector: !inspector })),
    chat: dock.toggle,
    outline: () => panels.setState(({ left }) => ({ left: left === "outline" ? undefined : "outline" })),
    hand: () => panels.setState({ marquee: false }),
    select: () => panels.setState({ marquee: true }),
    snap: () => panels.setState(({ snap }) => ({ snap: !snap })),
    move: (key) => step(key, GRID),
    moveFar: (key) => step(key, GRID * 5),
    walk: (key) => {
      const next = neighbour(editor.getState().graph, only(), key);
      if (!next) return;
      editor.select([next]);
      document.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(next)}"]`)?.focus();
    },
    upstream: () => along("up"),
    downstream: () => along("down"),
    shortcuts: () => panels.setState({ dialog: { name: "shortcuts" } }),
    breakpoint: () => kind === "agent" && editor.edit("breakpoint", (graph) => toggleBreakpoints(graph, [...editor.getState().selection])),
    runs: runs.toggle,
  };
}

const DIRECTIONS: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const isPaste = (command: Command) => command === "paste" || command === "pasteWired";

/** What changes nothing works on a flow that may only be looked at. */
const LOOKING = new Set<Command>(["copy", "selectAll", "clear", "open", "find", "fitAll", "fitSelection", "zoomIn", "zoomOut", "zoomReset", "left", "inspector", "chat", "outline", "hand", "select", "walk", "upstream", "downstream", "shortcuts", "runs"]);

/** For the canvas: its letters and arrows. A node that has the focus but is not selected becomes selected first. */
export function useCanvasKeys(actions: Actions): (event: ReactKeyboardEvent) => void {
  const handlers = useHandlers(actions);
  const { editor } = useParts();
  return (event) => {
    if (event.defaultPrevented || isTyping(event.target)) return;
    const target = event.target as HTMLElement;
    const node = target.classList.contains("react-flow__node") ? target.dataset["id"] : undefined;
    const shortcut = commandFor(event);
    if (node && event.key === " ") {
      event.preventDefault();
      const selection = new Set(editor.getState().selection);
      if (!selection.delete(node)) selection.add(node);
      editor.select(selection);
      return;
    }
    if (!shortcut || shortcut.everywhere || isPaste(shortcut.command)) return;
    // Enter on a button inside the canvas presses the button.
    if (shortcut.command === "open" && !node) return;
    if (editor.getState().readOnly && !LOOKING.has(shortcut.command)) return;
    if (node && !editor.getState().selection.has(node) && shortcut.command !== "clear") editor.select([node]);
    if (shortcut.command === "clear" && editor.getState().selection.size + editor.getState().wires.size === 0) return;
    event.preventDefault();
    handlers[shortcut.command](event.key);
  };
}

/** For the page: undo, find, panels, and pasting a fragment. */
export function usePageKeys(actions: Actions): void {
  const handlers = useHandlers(actions);
  const { editor } = useParts();
  const latest = useRef({ handlers, actions });
  useEffect(() => {
    latest.current = { handlers, actions };
  });
  useCanvasCommands(latest, editor.getState().readOnly);
  useEffect(() => {
    // The key comes before the browser's paste event, which does not tell it.
    let wired = false;
    const onKey = (event: KeyboardEvent) => {
      const shortcut = commandFor(event);
      if (shortcut && isPaste(shortcut.command)) wired = shortcut.command === "pasteWired";
      if (!shortcut?.everywhere || event.defaultPrevented) return;
      const inText = isTyping(event.target);
      // In a field, letters are letters and its own undo is nearer; saving and panels work there too.
      if (inText && (!(event.ctrlKey || event.metaKey) || shortcut.command === "undo" || shortcut.command === "redo" || shortcut.command === "find")) return;
      if (inText && (event.target as HTMLElement).closest("[role=dialog]")) return;
      if (editor.getState().readOnly && !LOOKING.has(shortcut.command)) return;
      event.preventDefault();
      latest.current.handlers[shortcut.command](event.key);
    };
    const onPaste = (event: ClipboardEvent) => {
      if (isTyping(event.target)) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (latest.current.actions.pasteText(text, undefined, wired)) event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    document.addEventListener("paste", onPaste);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("paste", onPaste);
    };
  }, [editor]);
}
