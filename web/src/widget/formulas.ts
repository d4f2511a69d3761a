// `dist/embed-formulas.js`: what draws formulas, loaded by the widget when it meets the first one.
import katex from "katex";

/** Draws `tex` into `place` as MathML. Fails where it is no formula. No trust: a formula may neither link nor load anything. */
export function draw(tex: string, place: HTMLElement, block: boolean): void {
  katex.render(tex, place, { displayMode: block, output: "mathml", throwOnError: true, trust: false, strict: false, maxExpand: 200, maxSize: 20 });
}
