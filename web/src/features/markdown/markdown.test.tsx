import { renderToStaticMarkup } from "react-dom/server";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { TooltipProvider } from "~/ui/tooltip";
import { Markdown } from "./markdown";

beforeAll(async () => {
  vi.stubGlobal("document", { documentElement: {} });
  const { startI18n } = await import("~/i18n");
  startI18n();
  vi.unstubAllGlobals();
});

const draw = (text: string, growing = false) =>
  renderToStaticMarkup(
    <TooltipProvider>
      <Markdown text={text} growing={growing} />
    </TooltipProvider>,
  );

describe("Markdown", () => {
  it.each([
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](data:text/html,<script>alert(1)</script>)",
    "![x](javascript:alert(1))",
    '<a href="javascript:alert(1)">x</a>',
    "<iframe src=https://example.com></iframe>",
    "```html\n<script>alert(1)</script>\n```",
  ])("makes nothing live of %s", (text) => {
    expect(draw(text)).not.toMatch(/<(?:script|iframe|img)|<[^>]*(?:href="(?:javascript|data):|\son\w+=)/i);
  });

  it("opens links elsewhere without telling where from", () => {
    expect(draw("[docs](https://example.com/a?b=1)")).toContain('href="https://example.com/a?b=1" target="_blank" rel="noopener noreferrer nofollow"');
  });

  it("loads no picture from elsewhere by itself, but our own", () => {
    expect(draw("![a](https://tracker.example.com/x.png?said=secret)")).not.toContain("<img");
    expect(draw("![a](//tracker.example.com/x.png)")).not.toContain("<img");
    expect(draw("![a](/api/v1/get-upload-file?fileName=x.png)")).toContain("<img");
  });

  it("draws tables, code and lists", () => {
    const html = draw("| a | b |\n| - | - |\n| 1 | 2 |\n\n```python\nx = 1\n```\n\n- [x] done");
    for (const part of ["<table", "<td", "python", "x = ", 'type="checkbox"']) expect(html).toContain(part);
  });

  it("closes open marks for the eye while the text grows", () => {
    expect(draw("This is **bo", true)).toContain("<strong>bo</strong>");
    expect(draw("See [the docs](https://exam", true)).not.toContain("https://exam");
  });
});
