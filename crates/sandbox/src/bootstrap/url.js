// URL and URLSearchParams. Parsing is the host's; this is the shape scripts know.

(host, { plain }) => {
  const detach = Symbol("detach");

  class URLSearchParams {
    #pairs = [];
    #changed;
    constructor(source = "") {
      if (source !== null && typeof source === "object") {
        const entries = typeof source[Symbol.iterator] === "function" ? source : Object.entries(source);
        for (const entry of entries) {
          const [name, value, ...rest] = entry;
          if (value === undefined || rest.length > 0) throw new TypeError("URLSearchParams needs pairs of name and value");
          this.#pairs.push([plain(name), plain(value)]);
        }
        return;
      }
      this.#read(plain(source));
    }
    #read(text) {
      this.#pairs = JSON.parse(host.parseForm(text.startsWith("?") ? text.slice(1) : text));
    }
    #write() { this.#changed?.(this.toString()); }
    static [detach](text, changed) {
      const params = new URLSearchParams(text);
      params.#changed = changed;
      return [params, (newText) => params.#read(newText)];
    }
    get size() { return this.#pairs.length; }
    append(name, value) {
      this.#pairs.push([plain(name), plain(value)]);
      this.#write();
    }
    delete(name, value) {
      const [key, wanted] = [plain(name), value === undefined ? undefined : plain(value)];
      this.#pairs = this.#pairs.filter((pair) => pair[0] !== key || (wanted !== undefined && pair[1] !== wanted));
      this.#write();
    }
    get(name) {
      const key = plain(name);
      return this.#pairs.find((pair) => pair[0] === key)?.[1] ?? null;
    }
    getAll(name) {
      const key = plain(name);
      return this.#pairs.filter((pair) => pair[0] === key).map((pair) => pair[1]);
    }
    has(name, value) {
      const [key, wanted] = [plain(name), value === undefined ? undefined : plain(value)];
      return this.#pairs.some((pair) => pair[0] === key && (wanted === undefined || pair[1] === wanted));
    }
    set(name, value) {
      const [key, text] = [plain(name), plain(value)];
      const first = this.#pairs.findIndex((pair) => pair[0] === key);
      if (first < 0) {
        this.#pairs.push([key, text]);
      } else {
        this.#pairs[first] = [key, text];
        this.#pairs = this.#pairs.filter((pair, index) => index <= first || pair[0] !== key);
      }
      this.#write();
    }
    sort() {
      this.#pairs.sort((left, right) => (left[0] < right[0] ? -1 : left[0] > right[0] ? 1 : 0));
      this.#write();
    }
    forEach(callback, self) {
      for (const [name, value] of this) callback.call(self, value, name, this);
    }
    *entries() {
      for (const [name, value] of this.#pairs) yield [name, value];
    }
    *keys() {
      for (const [name] of this.#pairs) yield name;
    }
    *values() {
      for (const [, value] of this.#pairs) yield value;
    }
    [Symbol.iterator]() { return this.entries(); }
    toString() { return host.formText(JSON.stringify(this.#pairs)); }
  }

  class URL {
    #parts;
    #params;
    #refresh;
    constructor(address, base) {
      this.#parts = host.parseUrl(plain(address), base === undefined ? undefined : plain(base));
      if (!this.#parts) throw new TypeError(`Invalid URL: ${address}`);
    }
    static canParse(address, base) {
      return host.parseUrl(plain(address), base === undefined ? undefined : plain(base)) !== undefined;
    }
    static parse(address, base) { return URL.canParse(address, base) ? new URL(address, base) : null; }
    #set(part, value) {
      const parts = host.changeUrl(this.#parts.href, part, plain(value));
      if (!parts) throw new TypeError(`Invalid URL: ${value}`);
      this.#parts = parts;
      this.#refresh?.(parts.search);
    }
    get href() { return this.#parts.href; }
    set href(value) { this.#set("href", value); }
    get origin() { return this.#parts.origin; }
    get protocol() { return this.#parts.protocol; }
    set protocol(value) { this.#set("protocol", value); }
    get username() { return this.#parts.username; }
    set username(value) { this.#set("username", value); }
    get password() { return this.#parts.password; }
    set password(value) { this.#set("password", value); }
    get host() { return this.#parts.host; }
    set host(value) { this.#set("host", value); }
    get hostname() { return this.#parts.hostname; }
    set hostname(value) { this.#set("hostname", value); }
    get port() { return this.#parts.port; }
    set port(value) { this.#set("port", value); }
    get pathname() { return this.#parts.pathname; }
    set pathname(value) { this.#set("pathname", value); }
    get search() { return this.#parts.search; }
    set search(value) { this.#set("search", value); }
    get hash() { return this.#parts.hash; }
    set hash(value) { this.#set("hash", value); }
    get searchParams() {
      if (!this.#params) {
        [this.#params, this.#refresh] = URLSearchParams[detach](this.search, (text) => {
          this.#parts = host.changeUrl(this.#parts.href, "search", text);
        });
      }
      return this.#params;
    }
    toString() { return this.href; }
    toJSON() { return this.href; }
  }

  return { URL, URLSearchParams };
};
