import { describe, expect, it } from "vitest";
import { type Block, type Inline, parseInline, parseMarkdown, safeAddress } from "./markdown";

const flat = (pieces: Inline[]): string => pieces.map((piece) => ("children" in piece ? `${piece.kind}(${flat(piece.children)})` : "text" in piece ? (piece.kind === "code" ? `code(${piece.text})` : piece.text) : piece.kind)).join("");
const kinds = (markdown: string) => parseMarkdown(markdown).map((block) => block.kind);

describe("parseMarkdown", () => {
  it("knows the blocks that models write", () => {
    expect(kinds("# T\n\npara\nmore\n\n- a\n- b\n\n1. x\n\n> q\n\n```js\nlet a;\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n---\nend")).toEqual(["heading", "paragraph", "list", "list", "quote", "code", "table", "rule", "paragraph"]);
  });

  it("nests lists and keeps code inside them", () => {
    const [list] = parseMarkdown("- a\n  - b\n\n    ```sh\n    ls\n    ```\n- [x] done\n- [ ] open") as [Extract<Block, { kind: "list" }>];
    expect(list.items.map(({ checked }) => checked)).toEqual([undefined, true, false]);
    const inner = list.items[0]?.children[1] as Extract<Block, { kind: "list" }>;
    expect(inner.items[0]?.children).toContainEqual({ kind: "code", language: "sh", text: "ls" });
  });

  it("numbers from where the writer began, through blank lines", () => {
    const [list] = parseMarkdown("3. a\n\n4. b") as [Extract<Block, { kind: "list" }>];
    expect(list).toMatchObject({ ordered: true, start: 3 });
    expect(list.items).toHaveLength(2);
  });

  it("reads tables with bars in their cells and rows of any length", () => {
    const [table] = parseMarkdown("a | b\n- | -\n1 \\| 2 | `x`\n3") as [Extract<Block, { kind: "table" }>];
    expect(table.rows.map((row) => row.map(flat))).toEqual([["1 | 2", "code(x)"]]);
  });

  it("takes an open fence as code to the end", () => {
    expect(parseMarkdown("```py\nx = 1\n")).toEqual([{ kind: "code", language: "py", text: "x = 1\n" }]);
  });

  it("ends, however deep and odd the text is", () => {
    for (const text of ["> ".repeat(400), "- ".repeat(300), "*".repeat(2000), "[".repeat(500), "`".repeat(999), "|".repeat(300), "1.".repeat(100), "\n".repeat(200)]) {
      expect(() => parseMarkdown(text)).not.toThrow();
    }
  });
});

describe("parseInline", () => {
  it.each([
    ["**a** and *b* or __c__ _d_ ~~e~~", "strong(a) and em(b) or strong(c) em(d) del(e)"],
    ["`**no**` snake_case_name 2*3*4", "code(**no**) snake_case_name 2em(3)4"],
    ["[t](https://a.b/c?d=1) https://e.f/g. \\*x\\*", "link(t) link(https://e.f/g). *x*"],
    ["**half", "**half"],
    ["a  \nb", "abreakb"],
  ])("reads %j", (text, read) => expect(flat(parseInline(text))).toBe(read));

  it.each(["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "/\u0000javascript:x", "java\nscript:x"])("links nowhere that runs: %j", (address) => {
    expect(safeAddress(address)).toBeUndefined();
    expect(JSON.stringify(parseInline(`[x](${address})`))).not.toContain('"link"');
  });
});
