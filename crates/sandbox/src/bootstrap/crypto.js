// crypto: the web object (randomUUID, getRandomValues, subtle.digest) and the everyday part of
// Node's module (createHash, createHmac, randomBytes). Hashing is the host's.

(host, { part }) => {
  const { bytesOf } = part("encoding");
  const known = ["md5", "sha1", "sha256", "sha384", "sha512"];

  const algorithmOf = (name) => {
    const plainName = String(name).toLowerCase().replace(/^sha-/, "sha");
    if (!known.includes(plainName)) throw new TypeError(`Unknown hash '${name}'. Hashes available here: ${known.join(", ")}`);
    return plainName;
  };
  const randomUUID = () => host.uuid();
  const getRandomValues = (target) => {
    if (!ArrayBuffer.isView(target)) throw new TypeError("getRandomValues needs a typed array");
    bytesOf(target).set(host.random(target.byteLength));
    return target;
  };
  const toBytes = (data, encoding) => (typeof data === "string" ? part("buffer").Buffer.from(data, encoding) : bytesOf(data));

  class Hash {
    #chunks = [];
    #finish;
    constructor(finish) { this.#finish = finish; }
    update(data, encoding) {
      if (!this.#finish) throw new Error("Digest already called");
      this.#chunks.push(toBytes(data, encoding));
      return this;
    }
    digest(encoding) {
      if (!this.#finish) throw new Error("Digest already called");
      const { Buffer } = part("buffer");
      const sum = Buffer.from(this.#finish(Buffer.concat(this.#chunks).toString("base64")));
      this.#finish = undefined;
      return encoding === undefined ? sum : sum.toString(encoding);
    }
  }

  const createHash = (name) => {
    const algorithm = algorithmOf(name);
    return new Hash((data) => host.digest(algorithm, data));
  };
  const createHmac = (name, key) => {
    const algorithm = algorithmOf(name);
    const secret = bytesOf(toBytes(key)).toBase64();
    return new Hash((data) => host.hmac(algorithm, secret, data));
  };
  const randomBytes = (size) => part("buffer").Buffer.from(host.random(size));
  const randomInt = (low, high) => {
    const [from, to] = high === undefined ? [0, low] : [low, high];
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || to <= from || to - from > 281474976710655) {
      throw new RangeError("randomInt needs whole numbers, the lower one first");
    }
    // Values beyond the last full span would favour the small results.
    const span = to - from;
    const end = 281474976710656 - (281474976710656 % span);
    for (;;) {
      const value = host.random(6).reduce((sum, byte) => sum * 256 + byte, 0);
      if (value < end) return from + (value % span);
    }
  };
  const timingSafeEqual = (left, right) => {
    const [a, b] = [bytesOf(left), bytesOf(right)];
    if (a.length !== b.length) throw new RangeError("Input buffers must have the same byte length");
    let difference = 0;
    for (let index = 0; index < a.length; index++) difference |= a[index] ^ b[index];
    return difference === 0;
  };
  const subtle = {
    async digest(algorithm, data) {
      const sum = host.digest(algorithmOf(algorithm?.name ?? algorithm), bytesOf(data).toBase64());
      return sum.buffer;
    },
  };

  const crypto = { getRandomValues, randomUUID, subtle };
  const module = { createHash, createHmac, getHashes: () => [...known], getRandomValues, randomBytes, randomInt, randomUUID,
    subtle, timingSafeEqual, webcrypto: crypto };
  return { crypto, module };
};
