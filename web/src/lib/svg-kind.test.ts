// The kinds of icons that the server has.
import { expect, test } from "vitest";
import { svgKind } from "./svg-kind";

const mark = (inner: string) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="2" y="2" width="28" height="28" rx="7" fill="#f55036"/>${inner}</svg>`;

test("a mark of letters gives its letters", () => {
  expect(svgKind(mark(`<text x="16" y="21.5" fill="#fff" text-anchor="middle">Gq</text>`))).toEqual({ kind: "letters", letters: "Gq" });
  expect(svgKind(mark("<text>IBM</text>"))).toEqual({ kind: "letters", letters: "IBM" });
});

test("what has no letters is a shape", () => {
  expect(svgKind(`<svg><path d="M1 1h2"/></svg>`)).toEqual({ kind: "shape" });
  expect(svgKind(`<svg><title>Texts</title><path d="M1 1h2"/></svg>`)).toEqual({ kind: "shape" });
});

test("letters beside a drawing, and longer words, stay the picture they are", () => {
  expect(svgKind(mark(`<path d="M1 1h2"/><text>Gq</text>`))).toEqual({ kind: "picture" });
  expect(svgKind(mark("<text>Groq!</text>"))).toEqual({ kind: "picture" });
  expect(svgKind(mark("<text><tspan>Gq</tspan></text>"))).toEqual({ kind: "picture" });
});
