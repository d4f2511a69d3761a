// Searching long text for long patterns: the engine's own search tries every place and could take
// days for text made to that end. The host's takes time in proportion to the text.

(host, { plain }) => {
  const places = (text, pattern, backwards, most) => host.search(plain(text), plain(pattern), backwards, most);
  const whole = (value, fallback) => {
    const number = Math.trunc(Number(value));
    return Number.isNaN(number) ? fallback : number;
  };

  const indexOf = (text, pattern, from) => {
    const start = Math.max(0, whole(from, 0));
    const [place] = places(text.slice(start), pattern, false, 1);
    return place === undefined ? -1 : start + place;
  };
  const lastIndexOf = (text, pattern, from) => {
    const end = Math.max(0, whole(from, text.length)) + pattern.length;
    return places(text.slice(0, end), pattern, true, 1)[0] ?? -1;
  };
  const includes = (text, pattern, from) => indexOf(text, pattern, from) >= 0;

  const split = (text, pattern, limit) => {
    const pieces = [];
    const most = limit === undefined ? 4294967295 : limit >>> 0;
    let at = 0;
    for (const place of places(text, pattern, false, most)) {
      pieces.push(text.slice(at, place));
      at = place + pattern.length;
    }
    pieces.push(text.slice(at));
    return pieces.slice(0, most);
  };

  const replaced = (most) => (text, pattern, replacement) => {
    const pieces = [];
    let at = 0;
    for (const place of places(text, pattern, false, most)) {
      const after = place + pattern.length;
      const meanings = { "$$": () => "$", "$&": () => pattern, "$`": () => text.slice(0, place), "$'": () => text.slice(after) };
      const piece = typeof replacement === "function"
        ? replacement(pattern, place, text)
        : `${replacement}`.replace(/\$[$&`']/g, (sign) => meanings[sign]());
      pieces.push(text.slice(at, place), piece);
      at = after;
    }
    pieces.push(text.slice(at));
    return pieces.join("");
  };

  return { includes, indexOf, lastIndexOf, split, replace: replaced(1), replaceAll: replaced(4294967295) };
};
