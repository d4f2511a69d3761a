// The widget's colours and sizes, from the page's theme: what could not be read is mended. Pure.
import { readable } from "~/features/chat/model/public-theme";
import type { Theme } from "./props";

const OWN = { paper: "#ffffff", ink: "#1e2433", accent: "#4f46e5", answer: "#f1f3f8", title: "#4f46e5" };

/** `value` as a CSS length: numbers are pixels. */
export function length(value: number | string | undefined): string | undefined {
  if (value === undefined || value === "") return undefined;
  return typeof value === "number" || /^\d+(?:\.\d+)?$/.test(value) ? `${value}px` : value;
}

/** CSS variables for the window and its button. */
export function lookOf(theme: Theme = {}): Record<string, string> {
  const { chatWindow = {}, button = {}, tooltip = {}, disclaimer = {}, form = {} } = theme;
  const paper = chatWindow.backgroundColor ?? OWN.paper;
  const accent = button.backgroundColor ?? OWN.accent;
  const answer = chatWindow.botMessage?.backgroundColor ?? OWN.answer;
  const question = chatWindow.userMessage?.backgroundColor ?? accent;
  const field = chatWindow.textInput?.backgroundColor ?? OWN.paper;
  const send = chatWindow.textInput?.sendButtonColor ?? accent;
  const title = chatWindow.titleBackgroundColor ?? accent;
  const look: Record<string, string | undefined> = {
    "--paper": paper,
    "--ink": readable(paper, OWN.ink),
    "--accent": accent,
    "--on-accent": readable(accent, button.iconColor ?? "#ffffff"),
    "--answer": answer,
    "--answer-ink": readable(answer, chatWindow.botMessage?.textColor ?? OWN.ink),
    "--question": question,
    "--question-ink": readable(question, chatWindow.userMessage?.textColor ?? "#ffffff"),
    "--field": field,
    "--field-ink": readable(field, chatWindow.textInput?.textColor ?? OWN.ink),
    // The arrow itself has this colour in the npm widget; ours stands on it, so that it is seen on any field.
    "--send": send,
    "--on-send": readable(send, undefined),
    "--title": title,
    "--title-ink": readable(title, chatWindow.titleTextColor ?? "#ffffff"),
    "--foot-ink": readable(paper, chatWindow.footer?.textColor ?? chatWindow.poweredByTextColor),
    "--thumb": chatWindow.feedback?.color && readable(paper, chatWindow.feedback.color),
    "--tip": tooltip.tooltipBackgroundColor ?? "#1e2433",
    "--tip-ink": readable(tooltip.tooltipBackgroundColor ?? "#1e2433", tooltip.tooltipTextColor ?? "#ffffff"),
    "--tip-size": length(tooltip.tooltipFontSize),
    "--form": form.backgroundColor ?? OWN.paper,
    "--form-ink": readable(form.backgroundColor ?? OWN.paper, form.textColor ?? OWN.ink),
    "--note": disclaimer.backgroundColor ?? OWN.paper,
    "--note-ink": readable(disclaimer.backgroundColor ?? OWN.paper, disclaimer.textColor ?? OWN.ink),
    "--note-button": disclaimer.buttonColor ?? accent,
    "--note-button-ink": readable(disclaimer.buttonColor ?? accent, disclaimer.buttonTextColor ?? "#ffffff"),
    "--note-deny": disclaimer.denyButtonBgColor ?? "#e5e8ef",
    "--note-deny-ink": readable(disclaimer.denyButtonBgColor ?? "#e5e8ef", undefined),
    "--note-scrim": disclaimer.blurredBackgroundColor ?? "rgba(15, 23, 42, 0.5)",
    "--size": length(chatWindow.fontSize) ?? "15px",
    "--starter-size": length(chatWindow.starterPromptFontSize),
    "--width": length(chatWindow.width),
    "--height": length(chatWindow.height),
    "--right": length(button.right ?? 20),
    "--bottom": length(button.bottom ?? 20),
    "--button": `${buttonSize(button.size)}px`,
    "--backdrop": pictureOf(chatWindow.backgroundImage),
  };
  return Object.fromEntries(Object.entries(look).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function buttonSize(size: "small" | "medium" | "large" | number | undefined): number {
  if (typeof size === "number") return Math.min(120, Math.max(32, size));
  return size === "small" ? 44 : size === "large" ? 64 : 52;
}

function pictureOf(address: string | undefined): string | undefined {
  return address && /^(?:https?:\/\/|\/|data:image\/)/.test(address) ? `url("${address.replaceAll(/["\\\n]/g, "")}")` : undefined;
}
