import { describe, expect, it } from "vitest";
import { csvCell, csvText } from "./csv";
import { safeName } from "./download";

describe("a cell", () => {
  it.each([
    ["plain", '"plain"'],
    ['say "hi"', '"say ""hi"""'],
    ["a,b\nc", '"a,b\nc"'],
    ["=HYPERLINK(\"http://evil\")", '"\'=HYPERLINK(""http://evil"")"'],
    ["+1 555", '"\'+1 555"'],
    ["@SUM(A1)", '"\'@SUM(A1)"'],
    ["-2+3", '"\'-2+3"'],
    ["\t=1", '"\'\t=1"'],
    ["-12.5", '"-12.5"'],
    [-3, '"-3"'],
    [null, '""'],
    [undefined, '""'],
    [{ a: 1 }, '"{""a"":1}"'],
    [true, '"true"'],
  ])("of %j is %s", (value, cell) => expect(csvCell(value)).toBe(cell));
});

describe("a table", () => {
  it("has a head, lines and a mark", () => expect(csvText(["a"], [["=1"], [2]])).toBe('\uFEFF"a"\r\n"\'=1"\r\n"2"\r\n'));
});

describe("a file's name", () => {
  it("keeps what file systems take", () => {
    expect(safeName('a/b:c*"d".csv')).toBe("a-b-c-d-.csv");
    expect(safeName("")).toBe("file");
  });
});
