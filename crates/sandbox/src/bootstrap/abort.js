// AbortController and AbortSignal, as much as fetch and its callers need.

() => {
  const secret = Symbol("signal");

  class AbortSignal {
    #aborted = false;
    #reason;
    #listeners = [];
    onabort = null;
    constructor(key) {
      if (key !== secret) throw new TypeError("Make an AbortController to get a signal");
    }
    get aborted() { return this.#aborted; }
    get reason() { return this.#reason; }
    throwIfAborted() {
      if (this.#aborted) throw this.#reason;
    }
    addEventListener(type, listener) {
      if (type === "abort" && !this.#listeners.includes(listener)) this.#listeners.push(listener);
    }
    removeEventListener(type, listener) {
      if (type === "abort") this.#listeners = this.#listeners.filter((other) => other !== listener);
    }
    static [secret](signal, reason) {
      if (signal.#aborted) return;
      signal.#aborted = true;
      signal.#reason = reason;
      const event = { type: "abort", target: signal };
      const listeners = signal.#listeners;
      signal.#listeners = [];
      signal.onabort?.(event);
      for (const listener of listeners) {
        if (typeof listener === "function") listener.call(signal, event);
        else listener.handleEvent(event);
      }
    }
    static abort(reason) {
      const controller = new AbortController();
      controller.abort(reason);
      return controller.signal;
    }
    static timeout(milliseconds) {
      const controller = new AbortController();
      const late = () => controller.abort(new DOMException("The operation timed out", "TimeoutError"));
      setTimeout(late, milliseconds);
      return controller.signal;
    }
    static any(signals) {
      const controller = new AbortController();
      for (const signal of signals) {
        if (signal.aborted) controller.abort(signal.reason);
        else signal.addEventListener("abort", () => controller.abort(signal.reason));
      }
      return controller.signal;
    }
  }

  class AbortController {
    #signal = new AbortSignal(secret);
    get signal() { return this.#signal; }
    abort(reason = new DOMException("This operation was aborted", "AbortError")) {
      AbortSignal[secret](this.#signal, reason);
    }
  }

  return { AbortController, AbortSignal };
};
