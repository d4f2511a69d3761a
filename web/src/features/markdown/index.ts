// Text that models wrote, drawn: markdown with code, tables, formulas and pictures.
export { highlight } from "./highlight";
export { Markdown } from "./markdown";
