// axios, as much of it as flow scripts use, over this realm's fetch.

(_host, { part }) => {
  const { fetch, Headers } = part("fetch");
  const { URL, URLSearchParams } = part("url");
  const { AbortSignal } = part("abort");

  class AxiosError extends Error {
    constructor(message, code, config, response) {
      super(message);
      this.name = "AxiosError";
      this.isAxiosError = true;
      this.code = code;
      this.config = config;
      if (response) {
        this.response = response;
        this.status = response.status;
      }
    }
    toJSON() {
      return { message: this.message, name: this.name, code: this.code ?? null, status: this.status ?? null };
    }
  }

  const methods = ["delete", "get", "head", "options", "patch", "post", "put"];

  /** Header names are looked up without regard to case, so they are kept in Headers until the end. */
  const headersOf = (defaults, given, method) => {
    const headers = new Headers();
    const lay = (source) => {
      for (const [name, value] of Object.entries(source ?? {})) {
        if (value === undefined || value === null || value === false) continue;
        if (typeof value === "object" && (name === "common" || methods.includes(name))) continue;
        headers.set(name, value);
      }
    };
    lay(defaults?.common);
    lay(defaults?.[method]);
    lay(defaults);
    lay(given);
    return headers;
  };

  const addressOf = (config) => {
    const relative = !/^[a-z][a-z\d+.-]*:/i.test(config.url ?? "");
    const joined = config.baseURL && relative
      ? `${config.baseURL.replace(/\/+$/, "")}/${(config.url ?? "").replace(/^\/+/, "")}`.replace(/\/$/, config.url ? "$&" : "")
      : config.url;
    const address = new URL(joined);
    const add = (name, value) => {
      if (value === undefined || value === null) return;
      if (Array.isArray(value)) {
        for (const item of value) add(`${name}[]`, item);
      } else if (value instanceof Date) {
        address.searchParams.append(name, value.toISOString());
      } else if (typeof value === "object") {
        for (const [key, item] of Object.entries(value)) add(`${name}[${key}]`, item);
      } else {
        address.searchParams.append(name, value);
      }
    };
    if (config.params instanceof URLSearchParams) {
      for (const [name, value] of config.params) address.searchParams.append(name, value);
    } else {
      for (const [name, value] of Object.entries(config.params ?? {})) add(name, value);
    }
    return address.href;
  };

  const bodyOf = (data, headers) => {
    if (data === undefined || data === null) return undefined;
    const raw = typeof data === "string" || data instanceof URLSearchParams || data instanceof ArrayBuffer || ArrayBuffer.isView(data);
    if (raw) {
      if (typeof data === "string" && !headers.has("content-type")) headers.set("Content-Type", "application/x-www-form-urlencoded");
      return data;
    }
    if (headers.get("content-type")?.startsWith("application/x-www-form-urlencoded")) return new URLSearchParams(data);
    if (!headers.has("content-type")) headers.set("Content-Type", "application/json");
    return JSON.stringify(data);
  };

  const readAnswer = async (answer, kind) => {
    if (kind === "arraybuffer") return part("buffer").Buffer.from(await answer.arrayBuffer());
    if (kind === "stream" || kind === "blob" || kind === "document") {
      throw new AxiosError(`responseType '${kind}' is not available here; use json, text or arraybuffer`, "ERR_BAD_OPTION");
    }
    const text = await answer.text();
    if (kind === "text") return text;
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  };

  const make = (defaults) => {
    const handlers = () => {
      const list = [];
      return { list, use: (good, bad) => list.push({ good, bad }) - 1, eject: (id) => { list[id] = undefined; }, clear: () => { list.length = 0; } };
    };
    const interceptors = { request: handlers(), response: handlers() };

    const send = async (config) => {
      const method = (config.method ?? "get").toLowerCase();
      const headers = headersOf(defaults.headers, config.headers, method);
      if (!headers.has("accept")) headers.set("Accept", "application/json, text/plain, */*");
      if (config.auth) {
        const { username = "", password = "" } = config.auth;
        headers.set("Authorization", `Basic ${part("buffer").Buffer.from(`${username}:${password}`).toString("base64")}`);
      }
      const body = method === "get" || method === "head" ? undefined : bodyOf(config.data, headers);
      const signals = [config.signal, config.timeout > 0 ? AbortSignal.timeout(config.timeout) : undefined].filter(Boolean);
      let answer;
      let data;
      try {
        const signal = signals.length > 1 ? AbortSignal.any(signals) : signals[0];
        answer = await fetch(addressOf(config), { method, headers, body, signal });
        data = await readAnswer(answer, config.responseType);
      } catch (error) {
        if (error?.name === "TimeoutError") throw new AxiosError(`timeout of ${config.timeout}ms exceeded`, "ECONNABORTED", config);
        if (error?.name === "AbortError") throw new AxiosError("canceled", "ERR_CANCELED", config);
        if (error instanceof AxiosError) throw error;
        const failure = new AxiosError(error?.message ?? String(error), error?.message?.startsWith("Invalid URL") ? "ERR_INVALID_URL" : "ERR_NETWORK", config);
        failure.stack = error?.stack ?? failure.stack;
        throw failure;
      }
      const response = { data, status: answer.status, statusText: answer.statusText, headers: Object.fromEntries(answer.headers), config,
        request: { responseURL: answer.url } };
      const accept = config.validateStatus === undefined ? (status) => status >= 200 && status < 300 : config.validateStatus;
      if (accept && !accept(answer.status)) {
        const code = answer.status >= 500 ? "ERR_BAD_RESPONSE" : "ERR_BAD_REQUEST";
        throw new AxiosError(`Request failed with status code ${answer.status}`, code, config, response);
      }
      return response;
    };

    const request = (first, second) => {
      const given = typeof first === "string" ? { ...second, url: first } : { ...first };
      const { headers: _defaultHeaders, ...rest } = defaults;
      let step = Promise.resolve({ ...rest, ...given, headers: { ...given.headers } });
      for (const handler of [...interceptors.request.list].reverse()) {
        if (handler) step = step.then(handler.good, handler.bad);
      }
      step = step.then(send);
      for (const handler of interceptors.response.list) {
        if (handler) step = step.then(handler.good, handler.bad);
      }
      return step;
    };

    const instance = (first, second) => request(first, second);
    Object.assign(instance, {
      defaults,
      interceptors,
      request,
      getUri: (config) => addressOf({ ...defaults, ...config }),
      create: (more = {}) => make({ ...defaults, ...more, headers: { common: {}, ...defaults.headers, ...more.headers } }),
    });
    for (const method of methods) {
      instance[method] = ["patch", "post", "put"].includes(method)
        ? (url, data, config) => request({ ...config, url, data, method })
        : (url, config) => request({ ...config, url, method });
    }
    for (const method of ["patch", "post", "put"]) {
      instance[`${method}Form`] = (url, data, config) =>
        request({ ...config, url, data, method, headers: { "Content-Type": "application/x-www-form-urlencoded", ...config?.headers } });
    }
    return instance;
  };

  const axios = make({ headers: { common: {} }, timeout: 0 });
  Object.assign(axios, {
    AxiosError,
    all: (promises) => Promise.all(promises),
    default: axios,
    isAxiosError: (value) => value?.isAxiosError === true,
    isCancel: (value) => value?.code === "ERR_CANCELED",
    spread: (callback) => (list) => callback(...list),
  });
  return { axios };
};
