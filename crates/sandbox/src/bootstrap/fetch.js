// fetch, Headers, Request and Response over the host's one HTTP client.

(_host, { call, cancel, part, plain }) => {
  const { bytesOf, decode, encode } = part("encoding");

  class Headers {
    #pairs = new Map();
    constructor(source = {}) {
      if (source === null || typeof source !== "object") throw new TypeError("Headers needs an object or pairs of name and value");
      const entries = typeof source[Symbol.iterator] === "function" ? source : Object.entries(source);
      for (const [name, value] of entries) this.append(name, value);
    }
    static #key(name) {
      const text = plain(name).toLowerCase();
      if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(text)) throw new TypeError(`'${name}' is not a header name`);
      return text;
    }
    static #value(name, value) {
      const text = plain(value).trim();
      if (/[\0\r\n]/.test(text)) throw new TypeError(`The value of the header '${name}' holds a line break`);
      return text;
    }
    append(name, value) {
      const [key, text] = [Headers.#key(name), Headers.#value(name, value)];
      this.#pairs.set(key, this.#pairs.has(key) ? `${this.#pairs.get(key)}, ${text}` : text);
    }
    set(name, value) { this.#pairs.set(Headers.#key(name), Headers.#value(name, value)); }
    get(name) { return this.#pairs.get(Headers.#key(name)) ?? null; }
    has(name) { return this.#pairs.has(Headers.#key(name)); }
    delete(name) { this.#pairs.delete(Headers.#key(name)); }
    forEach(callback, self) {
      for (const [name, value] of this) callback.call(self, value, name, this);
    }
    *entries() { yield* [...this.#pairs].sort(([left], [right]) => (left < right ? -1 : 1)); }
    *keys() {
      for (const [name] of this.entries()) yield name;
    }
    *values() {
      for (const [, value] of this.entries()) yield value;
    }
    [Symbol.iterator]() { return this.entries(); }
  }

  /** A body taken over as it is, with no content type of its own. */
  class Received {
    constructor(content) { this.content = content; }
  }

  /** A body as text or bytes (`null`: none) and the content type that goes with it. */
  const readBody = (body) => {
    if (body === undefined || body === null) return [null, null];
    if (body instanceof Received) return [body.content, null];
    if (typeof body === "object") {
      if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return [bytesOf(body).slice(), null];
      if (body instanceof part("url").URLSearchParams) return [body.toString(), "application/x-www-form-urlencoded;charset=UTF-8"];
    }
    return [plain(body), "text/plain;charset=UTF-8"];
  };

  class Body {
    #content;
    #used = false;
    constructor(content) { this.#content = content; }
    get bodyUsed() { return this.#used; }
    #take() {
      if (this.#used) throw new TypeError("The body was already read");
      this.#used = this.#content !== null;
      return this.#content ?? "";
    }
    static peek(body) { return body.#content; }
    async text() {
      const content = this.#take();
      const text = typeof content === "string" ? content : decode(content);
      return text.startsWith("\uFEFF") ? text.slice(1) : text;
    }
    async json() { return JSON.parse(await this.text()); }
    async bytes() {
      const content = this.#take();
      return typeof content === "string" ? encode(content) : content.slice();
    }
    async arrayBuffer() { return (await this.bytes()).buffer; }
  }
  const contentOf = Body.peek;
  delete Body.peek;

  class Request extends Body {
    constructor(input, init = {}) {
      const from = input instanceof Request ? input : undefined;
      const [content, type] = init.body === undefined && from ? [contentOf(from), null] : readBody(init.body);
      super(content);
      const method = plain(init.method ?? from?.method ?? "GET");
      this.method = /^(delete|get|head|options|patch|post|put)$/i.test(method) ? method.toUpperCase() : method;
      this.url = from ? from.url : new (part("url").URL)(input).href;
      this.headers = new Headers(init.headers ?? from?.headers ?? {});
      this.signal = init.signal ?? from?.signal ?? null;
      if (content !== null && (this.method === "GET" || this.method === "HEAD")) {
        throw new TypeError(`A ${this.method} request cannot have a body`);
      }
      if (type && !this.headers.has("content-type")) this.headers.set("content-type", type);
    }
    clone() { return new Request(this); }
  }

  class Response extends Body {
    #init;
    constructor(body, { status = 200, statusText = "", headers = {}, url = "" } = {}) {
      const [content, type] = readBody(body);
      super(content);
      this.status = status;
      this.statusText = statusText;
      this.headers = new Headers(headers);
      this.url = url;
      this.ok = status >= 200 && status < 300;
      this.redirected = false;
      this.type = "default";
      if (type && !this.headers.has("content-type")) this.headers.set("content-type", type);
    }
    clone() {
      if (this.bodyUsed) throw new TypeError("The body was already read");
      const { status, statusText, headers, url } = this;
      return new Response(new Received(contentOf(this)), { status, statusText, headers, url });
    }
    static json(value, init = {}) {
      const headers = new Headers(init.headers ?? {});
      if (!headers.has("content-type")) headers.set("content-type", "application/json");
      return new Response(JSON.stringify(value), { ...init, headers });
    }
    static error() { return new Response(null, { status: 0 }); }
  }

  const fetch = async (input, init) => {
    const request = new Request(input, init ?? {});
    const { signal } = request;
    signal?.throwIfAborted();
    const content = contentOf(request);
    const { id, promise } = call("fetch", {
      method: request.method,
      url: request.url,
      headers: [...request.headers],
      text: typeof content === "string" ? content : undefined,
      base64: content !== null && typeof content === "object" ? content.toBase64() : undefined,
    }, TypeError);
    const stop = () => cancel(id, signal.reason);
    signal?.addEventListener("abort", stop);
    try {
      const answer = await promise;
      const noBody = [101, 204, 205, 304].includes(answer.status);
      const body = typeof answer.body === "string" ? answer.body : new Uint8Array(answer.body);
      const response = new Response(noBody ? null : new Received(body), answer);
      response.redirected = answer.url !== request.url;
      return response;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  };

  const module = Object.assign((...values) => fetch(...values), { default: fetch, fetch, Headers, Request, Response });
  return { fetch, Headers, Request, Response, module };
};
