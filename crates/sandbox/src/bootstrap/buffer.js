// Buffer: the everyday part of Node's (from, alloc, concat, toString in utf8, base64, hex, latin1).

(_host, { part }) => {
  const { bytesOf, decode, encode } = part("encoding");

  const encodingOf = (name) => {
    const text = String(name ?? "utf8").toLowerCase();
    const known = { utf8: "utf8", "utf-8": "utf8", base64: "base64", base64url: "base64url", hex: "hex",
      latin1: "latin1", binary: "latin1", ascii: "latin1" };
    if (!Object.hasOwn(known, text)) throw new TypeError(`Unknown encoding: ${name}`);
    return known[text];
  };
  // Node reads base64 leniently: both alphabets, padding and blanks optional, ends at rubbish.
  const fromBase64 = (text) => {
    let clean = text.replaceAll("-", "+").replaceAll("_", "/").replace(/=[\s\S]*$/, "").replace(/[^A-Za-z0-9+/]/g, "");
    if (clean.length % 4 === 1) clean = clean.slice(0, -1);
    return Uint8Array.fromBase64(clean);
  };
  const fromHex = (text) => {
    const clean = /^(?:[0-9a-f]{2})*/i.exec(text)[0];
    return Uint8Array.from({ length: clean.length / 2 }, (_, index) => parseInt(clean.slice(index * 2, index * 2 + 2), 16));
  };
  const bytesOfText = (text, encoding) => {
    switch (encodingOf(encoding)) {
      case "utf8": return encode(text);
      case "hex": return fromHex(text);
      case "latin1": return Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 255);
      default: return fromBase64(text);
    }
  };

  class Buffer extends Uint8Array {
    static from(source, encodingOrOffset, length) {
      if (typeof source === "string") return Buffer.#wrap(bytesOfText(source, encodingOrOffset));
      if (source instanceof ArrayBuffer) return new Buffer(source, encodingOrOffset ?? 0, length);
      if (source?.type === "Buffer" && Array.isArray(source.data)) return Buffer.#copy(source.data);
      if (source === null || typeof source !== "object") {
        throw new TypeError("Buffer.from needs text, an array, an ArrayBuffer or a Buffer");
      }
      return Buffer.#copy(source);
    }
    static #wrap(bytes) { return new Buffer(bytes.buffer, bytes.byteOffset, bytes.byteLength); }
    static #copy(list) {
      const buffer = new Buffer(list.length);
      buffer.set(list);
      return buffer;
    }
    static alloc(size, fill = 0, encoding = "utf8") {
      const buffer = new Buffer(size);
      return fill === 0 ? buffer : buffer.fill(fill, encoding);
    }
    static allocUnsafe(size) { return new Buffer(size); }
    static isBuffer(value) { return value instanceof Buffer; }
    static isEncoding(name) {
      try {
        encodingOf(name);
        return true;
      } catch {
        return false;
      }
    }
    static byteLength(value, encoding) {
      return typeof value === "string" ? bytesOfText(value, encoding).length : value.byteLength;
    }
    static concat(list, total) {
      const size = total ?? list.reduce((sum, bytes) => sum + bytes.length, 0);
      const buffer = new Buffer(size);
      let at = 0;
      for (const bytes of list) {
        const fitting = bytes.subarray(0, Math.max(0, size - at));
        buffer.set(fitting, at);
        at += fitting.length;
      }
      return buffer;
    }
    static compare(left, right) {
      for (let index = 0; index < Math.min(left.length, right.length); index++) {
        if (left[index] !== right[index]) return left[index] < right[index] ? -1 : 1;
      }
      return Math.sign(left.length - right.length);
    }
    fill(value, encoding) {
      if (typeof value !== "string") return super.fill(value);
      const bytes = bytesOfText(value, encoding);
      if (bytes.length === 0) return super.fill(0);
      for (let index = 0; index < this.length; index++) this[index] = bytes[index % bytes.length];
      return this;
    }
    equals(other) { return Buffer.compare(this, other) === 0; }
    slice(start, end) { return this.subarray(start, end); }
    subarray(start, end) { return Buffer.#wrap(Uint8Array.prototype.subarray.call(bytesOf(this), start, end)); }
    toString(encoding, start = 0, end = this.length) {
      const bytes = bytesOf(this).subarray(start, end);
      switch (encodingOf(encoding)) {
        case "utf8": return decode(bytes);
        case "base64": return bytes.toBase64();
        case "base64url": return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
        case "hex": return bytes.toHex();
        default: {
          let text = "";
          for (const byte of bytes) text += String.fromCharCode(byte);
          return text;
        }
      }
    }
    toJSON() { return { type: "Buffer", data: Array.from(this) }; }
  }

  return { Buffer };
};
