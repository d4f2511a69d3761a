// `/embed.js`: a flow's chat on any page, with the globals and properties of the npm package `flowise-embed`.
import { defineElements } from "./elements";
import type { BotProps } from "./props";
import { CLEAR } from "./use-bot";

let current: Element | undefined;

/** Puts a chat button into the corner of the page. */
function init(props: BotProps): void {
  destroy();
  nameTab(props);
  current = Object.assign(document.createElement("flowise-chatbot"), props);
  document.body.append(current);
}

/** Puts the chat into the element with `props.id`, into the first `flowise-fullchatbot`, or at the end of the page. */
function initFull(props: BotProps & { id?: string }): void {
  destroy();
  nameTab(props);
  let place: Element | null = props.id ? document.querySelector(`#${CSS.escape(props.id)}`) : document.querySelector("flowise-fullchatbot");
  if (!place) {
    place = document.createElement("flowise-fullchatbot");
    document.body.append(place);
  }
  const { id: _, ...rest } = props;
  current = Object.assign(place, rest);
}

/** Takes the chat off the page. */
function destroy(): void {
  current?.remove();
  current = undefined;
}

/** Begins a new conversation: in the element with `id`, or in every one. */
function clearChat(id?: string): void {
  document.dispatchEvent(new CustomEvent(CLEAR, id ? { detail: { id } } : undefined));
}

function nameTab({ pageTitle }: BotProps): void {
  if (pageTitle !== undefined) document.title = pageTitle.trim();
}

const Chatbot = { init, initFull, destroy, clearChat };

declare global {
  interface Window {
    Chatbot: typeof Chatbot;
  }
}

defineElements();
window.Chatbot = { ...Chatbot };

export default Chatbot;
