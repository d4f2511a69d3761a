// Runs first in every realm: keeps the host's functions out of reach of the script, lays down the
// globals (most of them loaded on first use) and starts the script.
//
// Everything the script could have changed (prototypes, globals) is captured here beforehand.

(host, foreseen, functionNames, longestArray) => {
  const { apply, defineProperty, getOwnPropertyDescriptor } = Reflect;
  const { stringify } = JSON;
  const { isArray } = Array;
  const CapturedPromise = Promise;
  const CapturedRegExp = RegExp;
  const CapturedString = String;
  const CapturedTypeError = TypeError;
  const toWellFormed = CapturedString.prototype.toWellFormed;

  /** Text that the host can take: lone surrogates become U+FFFD. */
  const plain = (value) => apply(toWellFormed, `${value}`, []);

  const define = (owner, name, value) =>
    defineProperty(owner, name, { value, writable: true, configurable: true, enumerable: false });

  // --- calls to the host: ids on this side, futures on the other -----------------------------

  const pending = { __proto__: null };

  /** Starts a host call. `Failure` is the error class the promise rejects with; the error is made
   *  now, so that its stack names the script's line and not the host's answer. */
  const call = (kind, request, Failure) => {
    const error = new Failure("");
    const id = host.call(kind, stringify(request));
    const promise = new CapturedPromise((resolve, reject) => {
      pending[id] = { resolve, reject, error };
    });
    return { id, promise };
  };

  const cancel = (id, reason) => {
    const waiting = pending[id];
    if (!waiting) return;
    delete pending[id];
    host.cancel(id);
    waiting.reject(reason);
  };

  const settle = (id, good, value) => {
    const waiting = pending[id];
    if (!waiting) return;
    delete pending[id];
    if (good) {
      waiting.resolve(value);
      return;
    }
    define(waiting.error, "message", value);
    waiting.reject(waiting.error);
  };

  // --- timers ----------------------------------------------------------------------------------

  const timers = { __proto__: null };
  let lastTimer = 0;

  const addTimer = (callback, delay, values, repeats) => {
    if (typeof callback !== "function") throw new TypeError("The first argument of a timer must be a function");
    const wait = +delay;
    const milliseconds = wait >= 1 ? (wait < 2147483647 ? wait : 2147483647) : 1;
    const id = ++lastTimer;
    host.arm(id, milliseconds);
    timers[id] = { callback, values, milliseconds, repeats };
    return id;
  };
  const removeTimer = (id) => {
    if (!timers[id]) return;
    delete timers[id];
    host.disarm(+id);
  };
  const fire = (id) => {
    const timer = timers[id];
    if (!timer) return;
    if (timer.repeats) host.arm(id, timer.milliseconds);
    else delete timers[id];
    apply(timer.callback, undefined, timer.values);
  };

  define(globalThis, "setTimeout", (callback, delay, ...values) => addTimer(callback, delay, values, false));
  define(globalThis, "setInterval", (callback, delay, ...values) => addTimer(callback, delay, values, true));
  define(globalThis, "setImmediate", (callback, ...values) => addTimer(callback, 0, values, false));
  define(globalThis, "clearTimeout", removeTimer);
  define(globalThis, "clearInterval", removeTimer);
  define(globalThis, "clearImmediate", removeTimer);

  // --- parts: bigger globals, loaded when the script first touches them ------------------------

  const parts = { __proto__: null };
  const part = (name) => {
    if (parts[name]) return parts[name];
    const make = foreseen[name];
    if (!make) throw new ReferenceError("A global or module was asked for by a name that the code does not write out");
    return (parts[name] = make(host.natives(name), library));
  };
  const library = { call, cancel, define, part, plain };

  const later = (name, partName) =>
    defineProperty(globalThis, name, {
      configurable: true,
      enumerable: false,
      get: () => {
        const value = part(partName)[name];
        define(globalThis, name, value);
        return value;
      },
      set: (value) => define(globalThis, name, value),
    });
  later("console", "console");
  later("TextEncoder", "encoding");
  later("TextDecoder", "encoding");
  later("URL", "url");
  later("URLSearchParams", "url");
  later("structuredClone", "clone");
  later("crypto", "crypto");
  later("Buffer", "buffer");
  later("AbortController", "abort");
  later("AbortSignal", "abort");
  later("fetch", "fetch");
  later("Headers", "fetch");
  later("Request", "fetch");
  later("Response", "fetch");

  const modules = {
    __proto__: null,
    axios: () => part("axios").axios,
    buffer: () => ({ Buffer: part("buffer").Buffer }),
    crypto: () => part("crypto").module,
    "node-fetch": () => part("fetch").module,
    url: () => ({ URL: part("url").URL, URLSearchParams: part("url").URLSearchParams }),
  };
  define(globalThis, "require", (name) => {
    const text = plain(name);
    const make = modules[text.startsWith("node:") ? text.slice(5) : text];
    if (make) return make();
    const error = new Error(`Cannot find module '${text}'. Modules available here: axios, buffer, crypto, node-fetch, url`);
    error.code = "MODULE_NOT_FOUND";
    throw error;
  });

  // --- built-ins that run long without asking whether they may go on ---------------------------

  /** Refuses what the engine would walk element by element although nothing is there: an array of
   *  four billion holes, an object that claims to be one, a proxy that changes its answer. */
  const walkable = (list) => {
    if (host.check(list)) throw new TypeError("Array methods do not work on a Proxy here; copy it first: [...list]");
    if (list === null || typeof list !== "object") return;
    const length = getOwnPropertyDescriptor(list, "length");
    if (!length) return;
    if (typeof length.value !== "number") throw new TypeError("Array methods need a plain number as length here");
    if (length.value > longestArray) throw new RangeError(`The array is too long: ${length.value} elements, at most ${longestArray} fit into the memory`);
  };
  const listGuard = {
    apply(native, self, values) {
      walkable(self);
      return apply(native, self, values);
    },
  };
  const concatGuard = {
    apply(native, self, values) {
      walkable(self);
      for (let index = 0; index < values.length; index++) {
        if (isArray(values[index])) walkable(values[index]);
      }
      return apply(native, self, values);
    },
  };
  // Comparing long strings that differ at their end, many times over, is one single native call:
  // with a comparison written here the engine asks between two of them.
  const sortGuard = {
    apply(native, self, values) {
      walkable(self);
      if (values[0] === undefined && isArray(self)) {
        for (let index = 0; index < self.length; index++) {
          if (typeof self[index] !== "string" || self[index].length < 256) continue;
          values = [(left, right) => {
            host.check();
            const a = `${left}`;
            const b = `${right}`;
            return a < b ? -1 : a > b ? 1 : 0;
          }];
          break;
        }
      }
      return apply(native, self, values);
    },
  };
  // The engine searches text by trying every place: left alone up to a tenth of a second's work.
  const searchGuard = (name, symbol) => ({
    apply(native, self, values) {
      host.check();
      if (self === null || self === undefined) return apply(native, self, values);
      let pattern = values[0];
      if (pattern !== null && typeof pattern === "object") {
        if (symbol ? pattern[symbol] != null : pattern instanceof CapturedRegExp) return apply(native, self, values);
        pattern = values[0] = `${pattern}`;
      }
      const text = `${self}`;
      if (typeof pattern === "string" && text.length * pattern.length > 33554432) {
        return part("search")[name](text, pattern, values[1]);
      }
      return apply(native, text, values);
    },
  });
  const timeGuard = {
    apply(native, self, values) {
      host.check();
      return apply(native, self, values);
    },
  };
  const guard = (owner, names, handler) => {
    for (let index = 0; index < names.length; index++) {
      const native = owner[names[index]];
      owner[names[index]] = new Proxy(native, handler);
    }
  };
  guard(Array.prototype, ["copyWithin", "fill", "flat", "flatMap", "join", "reverse", "slice", "splice",
    "toReversed", "toSpliced", "unshift"], listGuard);
  guard(Array.prototype, ["concat"], concatGuard);
  guard(Array.prototype, ["sort", "toSorted"], sortGuard);
  for (const name of ["indexOf", "lastIndexOf", "includes"]) guard(CapturedString.prototype, [name], searchGuard(name));
  guard(CapturedString.prototype, ["split"], searchGuard("split", Symbol.split));
  for (const name of ["replace", "replaceAll"]) guard(CapturedString.prototype, [name], searchGuard(name, Symbol.replace));
  guard(CapturedString.prototype, ["repeat", "padStart", "padEnd"], timeGuard);
  guard(JSON, ["parse", "stringify"], timeGuard);
  // The parser must not run while the script can use up the memory: see the crate's documentation.
  const makers = [function () {}, async function () {}, function* () {}, async function* () {}].map((sample) => {
    const prototype = Object.getPrototypeOf(sample);
    const { name } = prototype.constructor;
    const refuse = { [name]: function () { throw new EvalError("Code cannot be made from text here"); } }[name];
    refuse.prototype = prototype;
    defineProperty(prototype, "constructor", { value: refuse, writable: false, enumerable: false, configurable: true });
    return refuse;
  });
  define(globalThis, "Function", makers[0]);
  define(globalThis, "eval", () => makers[0]());
  // The engine would call this hook with the functions on the stack, ours among them.
  delete Error.prepareStackTrace;
  // Waiting and sharing between threads have no meaning in a realm that owns its only thread.
  delete globalThis.Atomics;
  delete globalThis.SharedArrayBuffer;

  // --- functions of the host, by their dotted names --------------------------------------------

  for (const name of functionNames) {
    const path = name.split(".");
    const last = path.pop();
    let owner = globalThis;
    const put = (step, value) =>
      defineProperty(owner, step, { value, writable: true, configurable: true, enumerable: owner !== globalThis });
    for (const step of path) {
      if (!Object.hasOwn(owner, step)) put(step, {});
      owner = owner[step];
    }
    put(last, (...values) => call("function", { name, values }, Error).promise);
  }

  // --- the script itself -------------------------------------------------------------------------

  const describe = (error) => {
    if (error === null) return { name: "null", message: "", stack: "" };
    try {
      if (error !== null && typeof error === "object" && "message" in error) {
        return { name: plain(error.name ?? "Error"), message: plain(error.message), stack: plain(error.stack ?? "") };
      }
      const text = typeof error === "string" ? error : (stringify(error) ?? CapturedString(error));
      return { name: "", message: plain(text), stack: "" };
    } catch {
      return { name: "", message: "The script threw a value that cannot be shown", stack: "" };
    }
  };
  const fail = (error) => {
    const { name, message, stack } = describe(error);
    host.fail(name, message, stack);
  };
  const run = async (script) => {
    let text;
    try {
      const value = await script();
      try {
        text = stringify(value) ?? "null";
      } catch (error) {
        if (!(error instanceof CapturedTypeError)) throw error;
        throw new CapturedTypeError(`The returned value cannot be written as JSON: ${describe(error).message}`);
      }
    } catch (error) {
      fail(error);
      return;
    }
    host.finish(text);
  };
  const variables = (values) => {
    for (const name of Object.keys(values)) define(globalThis, name, values[name]);
  };

  return { fail, fire, run, settle, variables };
};
