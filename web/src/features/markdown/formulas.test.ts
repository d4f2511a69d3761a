import { expect, it } from "vitest";
import { INLINE_FORMULA as F, markFormulas } from "./formulas";

it.each([
  ["a $x_1^2$ b", `a \`${F}x_1^2\` b`],
  ["\\(a+b\\) and \\(c\\)", `\`${F}a+b\` and \`${F}c\``],
  ["see\n$$\n\\frac{1}{2}\n$$\nend", "see\n\n\n```formula\n\\frac{1}{2}\n```\n\n\nend"],
  ["\\[ x \\]", "\n\n```formula\nx\n```\n\n"],
])("marks formulas in %j", (markdown, marked) => expect(markFormulas(markdown)).toBe(marked));

it.each(["It costs $5 and $10.", "$ 5 $", "`$x$`", "```sh\necho $HOME $PATH\n```\n", "\\$x\\$", "no formula", "$5", "between $100 and $200 there"])("leaves %j", (markdown) => expect(markFormulas(markdown)).toBe(markdown));
