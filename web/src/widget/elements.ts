// The custom elements `flowise-chatbot` and `flowise-fullchatbot`, each with a shadow of its own.
import { type ComponentType, h, render } from "preact";
import { Bubble, FullPage, type RootProps } from "./bubble";
import { lookOf } from "./look";
import { type BotProps, PROP_NAMES } from "./props";
import css from "./widget.css?inline";
import footCss from "./widget-foot.css?inline";

/** Attributes that plain HTML may set; the rest are properties. */
const ATTRIBUTES = { chatflowid: "chatflowid", apihost: "apiHost", "api-host": "apiHost" } as const;

let sheet: CSSStyleSheet | undefined;

/** The widget's rules as one sheet for all: pages whose policy forbids inline styles allow it. */
function ownSheet(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(`${css}\n${footCss}`);
  }
  return sheet;
}

function elementOf(Root: ComponentType<RootProps>) {
  return class BotElement extends HTMLElement {
    static readonly observedAttributes = Object.keys(ATTRIBUTES);
    #props: Partial<BotProps> = {};
    #applied: string[] = [];
    #due = false;

    constructor() {
      super();
      for (const name of PROP_NAMES) {
        // What was set before the element was known lies on it as a plain property.
        const early = Object.getOwnPropertyDescriptor(this, name)?.value as unknown;
        Object.defineProperty(this, name, {
          get: () => this.#props[name],
          set: (value: unknown) => {
            this.#set(name, value);
          },
          configurable: true,
        });
        if (early !== undefined) this.#set(name, early);
      }
    }

    #set(name: string, value: unknown): void {
      this.#props = { ...this.#props, [name]: value };
      if (this.isConnected) this.#schedule();
    }

    attributeChangedCallback(name: keyof typeof ATTRIBUTES, _: string | null, value: string | null): void {
      if (value !== null) this.#set(ATTRIBUTES[name], value);
    }

    connectedCallback(): void {
      this.#schedule();
    }

    disconnectedCallback(): void {
      if (this.shadowRoot) render(null, this.shadowRoot);
    }

    /** Several properties set in a row are drawn once. */
    #schedule(): void {
      if (this.#due) return;
      this.#due = true;
      queueMicrotask(() => {
        this.#due = false;
        if (this.isConnected) this.#draw();
      });
    }

    #draw(): void {
      const { chatflowid, theme } = this.#props;
      if (!chatflowid) return;
      const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
      const extra = new CSSStyleSheet();
      extra.replaceSync(theme?.customCSS ?? "");
      root.adoptedStyleSheets = [ownSheet(), extra];
      for (const name of this.#applied) this.style.removeProperty(name);
      const look = lookOf(theme);
      for (const [name, value] of Object.entries(look)) this.style.setProperty(name, value);
      this.#applied = Object.keys(look);
      render(h(Root, { props: { ...this.#props, chatflowid }, elementId: this.id || undefined, host: this }), root);
    }
  };
}

/** Makes the elements known to the page; a second copy of the script does nothing. */
export function defineElements(): void {
  if (!customElements.get("flowise-chatbot")) customElements.define("flowise-chatbot", elementOf(Bubble));
  if (!customElements.get("flowise-fullchatbot")) customElements.define("flowise-fullchatbot", elementOf(FullPage));
}
