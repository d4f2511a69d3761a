import { describe, expect, it } from "vitest";
import { splitBlocks } from "./blocks";

const TEXT = "# Title\n\nA paragraph\nof two lines.\n\n1. one\n\n2. two\n\n   more of two\n\n```js\nconst a = 1;\n\nconst b = 2;\n```\n\n> quote\n\nLast.";

describe("splitBlocks", () => {
  it("keeps lists and fenced code whole", () => {
    expect(splitBlocks(TEXT)).toEqual([
      "# Title\n\n",
      "A paragraph\nof two lines.\n\n1. one\n\n2. two\n\n   more of two\n\n",
      "```js\nconst a = 1;\n\nconst b = 2;\n```\n\n> quote\n\n",
      "Last.",
    ]);
  });

  it("loses nothing, and as the text grows only its end changes", () => {
    let before: string[] = [];
    for (let end = 0; end <= TEXT.length; end += 1) {
      const blocks = splitBlocks(TEXT.slice(0, end));
      expect(blocks.join("")).toBe(TEXT.slice(0, end));
      // Two blocks, since a line that turns out to begin a list joins the block before it.
      const settled = Math.max(0, before.length - 2);
      expect(blocks.slice(0, settled)).toEqual(before.slice(0, settled));
      before = blocks;
    }
  });

  it("does not close a fence by a shorter or another one", () => {
    expect(splitBlocks("````\n```\n\nstill code\n````\n\nafter")).toEqual(["````\n```\n\nstill code\n````\n\n", "after"]);
    expect(splitBlocks("~~~\n```\n\nstill code\n~~~\n\nafter")).toHaveLength(2);
  });

  it("leaves a text with link definitions whole", () => {
    expect(splitBlocks("See [a].\n\nMore.\n\n[a]: https://example.com")).toHaveLength(1);
  });
});
