// TextEncoder and TextDecoder, for UTF-8 only.

(host, { plain }) => {
  const bytesOf = (input) => {
    if (input === undefined) return new Uint8Array(0);
    if (ArrayBuffer.isView(input)) return new Uint8Array(input.buffer, input.byteOffset, input.byteLength);
    return new Uint8Array(input);
  };
  const encode = (text) => host.encode(plain(text));
  const decode = (input, fatal = false) => host.decode(bytesOf(input).toBase64(), fatal);

  class TextEncoder {
    get encoding() { return "utf-8"; }
    encode(text = "") { return encode(text); }
  }

  class TextDecoder {
    #fatal;
    #keepMark;
    constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
      if (!["utf-8", "utf8", "unicode-1-1-utf-8"].includes(String(label).trim().toLowerCase())) {
        throw new RangeError(`TextDecoder knows utf-8 only, not '${label}'`);
      }
      this.#fatal = Boolean(fatal);
      this.#keepMark = Boolean(ignoreBOM);
    }
    get encoding() { return "utf-8"; }
    get fatal() { return this.#fatal; }
    get ignoreBOM() { return this.#keepMark; }
    decode(input) {
      const text = decode(input, this.#fatal);
      return !this.#keepMark && text.startsWith("\uFEFF") ? text.slice(1) : text;
    }
  }

  return { TextEncoder, TextDecoder, bytesOf, decode, encode };
};
