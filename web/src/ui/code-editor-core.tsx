// CodeMirror in our colours: the part of the code field that loads on demand.
import { autocompletion, closeBrackets, closeBracketsKeymap, type CompletionContext, completionKeymap, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { javascript, javascriptLanguage } from "@codemirror/lang-javascript";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { linter } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { Decoration, type DecorationSet, drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, MatchDecorator, placeholder, ViewPlugin, type ViewUpdate } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useMemo, useRef } from "react";
import type { CodeCompletion, CodeEditorProps } from "./code-editor";

const LOOK = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "transparent", fontSize: "12.5px", flex: "1 1 auto", minHeight: "0", minWidth: "0" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font-mono, monospace)", lineHeight: "20px" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 10px" },
  ".cm-gutters": { backgroundColor: "transparent", color: "var(--ink-faint)", border: "none", paddingInline: "4px" },
  ".cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--surface-hover) 60%, transparent)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--primary) 28%, transparent)" },
  ".cm-matchingBracket": { backgroundColor: "color-mix(in srgb, var(--primary) 22%, transparent)", outline: "none" },
  ".cm-tooltip": { backgroundColor: "var(--surface-overlay)", border: "1px solid var(--line)", borderRadius: "6px", boxShadow: "var(--shadow-lg)", color: "var(--ink)", overflow: "hidden" },
  ".cm-tooltip-autocomplete ul li": { padding: "3px 8px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { backgroundColor: "var(--primary-soft)", color: "var(--primary-ink)" },
  ".cm-completionDetail": { color: "var(--ink-muted)", fontStyle: "normal" },
  ".cm-variable": { color: "var(--primary-ink)", backgroundColor: "var(--primary-soft)", borderRadius: "3px" },
  ".cm-placeholder": { color: "var(--ink-faint)" },
  ".cm-panels": { backgroundColor: "var(--surface-sunken)", color: "var(--ink)", borderColor: "var(--line)" },
});

const COLOURS = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword, tags.definitionKeyword, tags.moduleKeyword], color: "var(--cat-code)" },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--cat-start)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--cat-logic)" },
  { tag: [tags.comment], color: "var(--ink-faint)", fontStyle: "italic" },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--cat-model)" },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: "var(--cat-agent)" },
  { tag: [tags.typeName, tags.className], color: "var(--cat-parser)" },
  { tag: tags.invalid, color: "var(--danger)" },
]);

/** Offers `options` after `$`, a word or a dot. */
function offering(options: readonly CodeCompletion[]) {
  return (context: CompletionContext): CompletionResult | null => {
    const word = context.matchBefore(/[$\w][$\w.]*/);
    if (!word && !context.explicit) return null;
    return { from: word?.from ?? context.pos, options: options.map((option) => ({ type: "variable", ...option })), validFor: /^[$\w.]*$/ };
  };
}

/** Offers `options` after `{{`; what is chosen gets its closing braces. */
function bracing(current: () => readonly CodeCompletion[]) {
  return (context: CompletionContext): CompletionResult | null => {
    const open = context.matchBefore(/\{\{\s*[$\w.[\]]*/);
    if (!open) return null;
    const from = open.from + (/^\{\{\s*/.exec(open.text)?.[0].length ?? 2);
    const apply = (name: string) => (view: EditorView, _: unknown, start: number, end: number) => {
      const rest = view.state.sliceDoc(end, end + 12);
      const closing = /^\s*\}\}/.exec(rest)?.[0] ?? /^\}/.exec(rest)?.[0] ?? "";
      const before = view.state.sliceDoc(start - 1, start) === "{" ? " " : "";
      const text = `${before}${name} }}`;
      view.dispatch({ changes: { from: start, to: end + closing.length, insert: text }, selection: { anchor: start + text.length } });
    };
    // In the order in which they are offered, not by the alphabet: the likeliest first.
    const options = current().map((option, at) => ({ type: "variable", ...option, apply: apply(option.label), boost: Math.max(0, 60 - at) }));
    return { from, options, validFor: /^[$\w.[\]]*$/ };
  };
}

/** What stands between braces is a variable, and looks like one. */
const VARIABLES = ViewPlugin.fromClass(
  class {
    decorations: DecorationSet;
    readonly matcher = new MatchDecorator({ regexp: /\{\{[^{}\n]+\}\}/g, decoration: Decoration.mark({ class: "cm-variable" }) });
    constructor(view: EditorView) {
      this.decorations = this.matcher.createDeco(view);
    }
    update(update: ViewUpdate): void {
      this.decorations = this.matcher.updateDeco(update, this.decorations);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

function languageOf(language: CodeEditorProps["language"], completions: readonly CodeCompletion[], braced: ReturnType<typeof bracing> | undefined): Extension {
  const own = speechOf(language, completions);
  return braced ? [own, VARIABLES, EditorState.languageData.of(() => [{ autocomplete: braced }])] : own;
}

function speechOf(language: CodeEditorProps["language"], completions: readonly CodeCompletion[]): Extension {
  if (language === "json") return [json(), linter((view) => (view.state.doc.toString().trim() && !view.state.doc.toString().includes("{{") ? jsonParseLinter()(view) : []))];
  if (language === "javascript") return [javascript(), javascriptLanguage.data.of({ autocomplete: offering(completions) })];
  return completions.length > 0 ? EditorState.languageData.of(() => [{ autocomplete: offering(completions) }]) : [];
}

const NO_COMPLETIONS: readonly CodeCompletion[] = [];

export default function CodeEditorCore({ label, value, onChange, language, readOnly = false, completions = NO_COMPLETIONS, onSubmit, wrap = false, braced, placeholder: hint }: CodeEditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const handlers = useRef({ onChange, onSubmit });
  const initial = useRef(value);
  // What is offered changes while one types; a new source each time would close the list.
  const latestBraced = useRef(braced);
  const hasBraced = braced !== undefined;
  const offers = useMemo(() => (hasBraced ? bracing(() => latestBraced.current ?? []) : undefined), [hasBraced]);
  const speech = useRef(new Compartment());

  useEffect(() => {
    handlers.current = { onChange, onSubmit };
    initial.current = value;
    latestBraced.current = braced;
  });

  useEffect(() => {
    if (!box.current) return undefined;
    const submit = () => {
      handlers.current.onSubmit?.();
      return handlers.current.onSubmit !== undefined;
    };
    const made = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: initial.current,
        extensions: [
          keymap.of([{ key: "Mod-Enter", run: submit }, ...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...(language === "text" ? [] : [indentWithTab])]),
          ...(language === "text" ? [] : [lineNumbers()]),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          autocompletion(),
          ...(language === "text" ? [] : [highlightActiveLine()]),
          highlightSelectionMatches(),
          syntaxHighlighting(COLOURS),
          LOOK,
          ...(hint ? [placeholder(hint)] : []),
          ...(wrap ? [EditorView.lineWrapping] : []),
          // An editable element takes the focus without it, which not every checker knows.
          EditorView.contentAttributes.of({ tabindex: "0", "aria-label": label, ...(readOnly ? { "aria-readonly": "true" } : {}) }),
          EditorState.readOnly.of(readOnly),
          speech.current.of(languageOf(language, completions, offers)),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) handlers.current.onChange?.(update.state.doc.toString());
          }),
        ],
      }),
    });
    // A scrolling region must be reachable by keyboard also where nothing in it can be edited.
    made.scrollDOM.tabIndex = -1;
    view.current = made;
    return () => made.destroy();
    // oxlint-disable-next-line react/exhaustive-deps -- completions are changed in place below
  }, [label, language, readOnly, wrap]);

  useEffect(() => {
    view.current?.dispatch({ effects: speech.current.reconfigure(languageOf(language, completions, offers)) });
  }, [language, completions, offers]);

  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const present = editor.state.doc.toString();
    if (present !== value) editor.dispatch({ changes: { from: 0, to: present.length, insert: value } });
  }, [value]);

  return <div ref={box} className="flex min-h-0 flex-1 flex-col" />;
}
