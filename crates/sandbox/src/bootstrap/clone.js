// structuredClone: a deep copy that keeps cycles, dates, maps, sets, errors and bytes.

() => {
  const refuse = (value) => {
    throw new DOMException(`${typeof value === "symbol" ? "A symbol" : "A function"} cannot be cloned`, "DataCloneError");
  };
  const errors = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

  const copy = (value, seen) => {
    if (typeof value === "function" || typeof value === "symbol") refuse(value);
    if (value === null || typeof value !== "object") return value;
    const known = seen.get(value);
    if (known) return known;
    const keep = (made) => {
      seen.set(value, made);
      return made;
    };
    if (value instanceof Date) return keep(new Date(value.getTime()));
    if (value instanceof RegExp) return keep(new RegExp(value.source, value.flags));
    if (value instanceof Boolean || value instanceof Number || value instanceof String) return keep(Object(value.valueOf()));
    if (value instanceof ArrayBuffer) return keep(value.slice(0));
    if (ArrayBuffer.isView(value)) {
      const buffer = copy(value.buffer, seen);
      const length = value instanceof DataView ? value.byteLength : value.length;
      return keep(new value.constructor(buffer, value.byteOffset, length));
    }
    if (value instanceof Error) {
      const made = keep(new (errors[value.name] ?? Error)(value.message));
      if ("cause" in value) made.cause = copy(value.cause, seen);
      return made;
    }
    if (value instanceof Map) {
      const made = keep(new Map());
      for (const [key, item] of [...value]) made.set(copy(key, seen), copy(item, seen));
      return made;
    }
    if (value instanceof Set) {
      const made = keep(new Set());
      for (const item of [...value]) made.add(copy(item, seen));
      return made;
    }
    if (value instanceof Promise || value instanceof WeakMap || value instanceof WeakSet) {
      throw new DOMException(`A ${value.constructor.name} cannot be cloned`, "DataCloneError");
    }
    const made = keep(Array.isArray(value) ? new Array(value.length) : {});
    for (const key of Object.keys(value)) {
      Object.defineProperty(made, key, { value: copy(value[key], seen), writable: true, enumerable: true, configurable: true });
    }
    return made;
  };

  return {
    structuredClone(value) {
      if (arguments.length === 0) throw new TypeError("structuredClone needs a value");
      return copy(value, new Map());
    },
  };
};
