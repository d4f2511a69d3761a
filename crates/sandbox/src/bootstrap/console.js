// console: what a script prints is collected and handed back with its value.

(host, { plain }) => {
  const mostEntries = 100;
  const deepest = 4;

  const inspect = (value, depth, above) => {
    switch (typeof value) {
      case "string": return depth === 0 ? value : JSON.stringify(value);
      case "bigint": return `${value}n`;
      case "function": return `[Function: ${value.name || "anonymous"}]`;
      case "object": return value === null ? "null" : inspectObject(value, depth, above);
      default: return String(value);
    }
  };

  const inspectObject = (value, depth, above) => {
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
    if (value instanceof RegExp) return String(value);
    if (value instanceof Promise) return "Promise {}";
    if (above.includes(value)) return "[Circular]";
    const kind = value.constructor?.name ?? "Object";
    if (depth > deepest) return Array.isArray(value) ? "[Array]" : `[${kind}]`;
    const path = [...above, value];
    const list = (items) => {
      const shown = [];
      let left = 0;
      for (const item of items) {
        if (shown.length < mostEntries) shown.push(item);
        else left++;
      }
      if (left > 0) shown.push(`... ${left} more`);
      return shown.join(", ");
    };
    const each = function* (items) {
      for (const item of items) yield inspect(item, depth + 1, path);
    };
    const pairs = function* (items) {
      for (const [key, item] of items) yield `${inspect(key, depth + 1, path)} => ${inspect(item, depth + 1, path)}`;
    };
    const fields = function* () {
      for (const key of Object.keys(value)) {
        const name = /^[\w$]+$/.test(key) ? key : JSON.stringify(key);
        yield `${name}: ${inspect(value[key], depth + 1, path)}`;
      }
    };
    if (Array.isArray(value)) return `[${list(each(value))}]`;
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return `${kind}(${value.length}) [${list(each(value))}]`;
    if (value instanceof Map) return `Map(${value.size}) {${list(pairs(value))}}`;
    if (value instanceof Set) return `Set(${value.size}) {${list(each(value))}}`;
    const body = list(fields());
    const prefix = kind === "Object" ? "" : `${kind} `;
    return body === "" ? `${prefix}{}` : `${prefix}{ ${body} }`;
  };

  const print = (prefix) => (...values) => {
    host.log(plain(prefix + values.map((value) => inspect(value, 0, [])).join(" ")));
  };
  const console = {
    log: print(""),
    info: print(""),
    debug: print(""),
    trace: print(""),
    dir: (value) => print("")(value),
    table: (value) => print("")(value),
    warn: print("warn: "),
    error: print("error: "),
    assert: (condition, ...values) => {
      if (!condition) print("error: Assertion failed: ")(...values);
    },
  };
  return { console };
};
