import { describe, expect, it } from "vitest";
import { highlight } from "./highlight";

const SAMPLES: [string, string][] = [
  ["python", 'def f(x: int) -> str:\n    """Doc # no comment."""\n    return "a\\"b" + str(3.5)  # why\n'],
  ["ts", "const a = `x ${1}`; // end\n/* more */ await call('s', 0x1F);"],
  ["json", '{"key": "value", "n": [1, true, null]}'],
  ["sql", "SELECT name FROM users WHERE id = 3 -- one\n"],
  ["html", '<!-- c --><a href="x" class=\'y\'>text "quoted" a=b</a>'],
  ["rust", "fn main() { let c = 'x'; }"],
  ["unknown", "whatever it is"],
  ["js", '"never closed\nnext'],
  ["js", "/* never closed"],
];

describe("highlight", () => {
  it.each(SAMPLES)("loses nothing of %s", (language, code) => {
    for (let end = 0; end <= code.length; end += 1) {
      const cut = code.slice(0, end);
      expect(highlight(cut, language).map(({ text }) => text).join("")).toBe(cut);
    }
  });

  it.each([
    ["python", 'return "a"  # why', [["keyword", "return"], ["string", '"a"'], ["comment", "# why"]]],
    ["json", '{"key": "value"}', [["name", '"key"'], ["string", '"value"']]],
    ["sql", "SELECT 1", [["keyword", "SELECT"], ["number", "1"]]],
    ["html", '<a href="x">b=c</a>', [["tag", "<a"], ["name", "href"], ["string", '"x"'], ["tag", "></a>"]].slice(0, 3)],
    ["js", "call(1)", [["name", "call"], ["number", "1"]]],
  ])("sees the parts of %s", (language, code, parts) => {
    const found = highlight(code, language).filter(({ kind }) => kind !== "plain").map(({ kind, text }) => [kind, text]);
    expect(found).toEqual(expect.arrayContaining(parts));
  });

  it("leaves what it does not know plain", () => {
    expect(highlight("if x", undefined)).toEqual([{ kind: "plain", text: "if x" }]);
    expect(highlight("", "js")).toEqual([]);
  });
});
