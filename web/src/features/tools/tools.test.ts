import { describe, expect, it } from "vitest";
import { framed, readRun } from "./run";
import { argumentsOf, newRow, parseSchema, rowProblems, rowsFromJson, schemaText } from "./schema";
import { nameProblem, readToolFile, toolFile } from "./tool-file";

const STORED = '[{"id":0,"property":"city","description":"Which city","type":"string","required":true},{"id":1,"property":"days","description":"","type":"number","required":false}]';

describe("a tool's schema", () => {
  it("goes through the grid unchanged", () => expect(schemaText(parseSchema(STORED))).toBe(STORED));
  it("leaves rows without a name out", () => expect(schemaText([...parseSchema(STORED), newRow(parseSchema(STORED))])).toBe(STORED));
  it.each([null, "", "{", "5", "[1]"])("is empty for %j", (text) => expect(parseSchema(text)).toEqual([]));
  it("comes out of a JSON schema", () => {
    const pasted = JSON.stringify({ type: "object", properties: { city: { type: "string", description: "Which city" }, days: { type: "integer" }, from: { type: "string", format: "date" } }, required: ["city"] });
    expect(rowsFromJson(pasted)?.map((row) => [row.property, row.type, row.required])).toEqual([
      ["city", "string", true],
      ["days", "number", false],
      ["from", "date", false],
    ]);
  });
  it("comes out of an example", () =>
    expect(rowsFromJson('{"city":"Graz","days":3,"metric":true,"list":[1]}')?.map((row) => row.type)).toEqual(["string", "number", "boolean", "string"]));
  it.each(["nonsense", "[]", "{}", "[{}]", "3"])("refuses %s", (text) => expect(rowsFromJson(text)).toBeNull());
  it("tells bad and repeated names", () => {
    const [first, second] = parseSchema(STORED);
    if (!first || !second) throw new Error("two rows");
    expect([...rowProblems([{ ...first, property: "1 city" }, second, { ...second, id: 2 }])]).toEqual([
      [0, "letters"],
      [2, "twice"],
    ]);
  });
});

describe("arguments of a trial run", () => {
  it("are what the schema says", () => {
    expect(argumentsOf(parseSchema(STORED), { city: "Graz", days: "3" })).toEqual({ values: { city: "Graz", days: 3 }, wrong: [] });
    expect(argumentsOf(parseSchema(STORED), { days: "three" })).toEqual({ values: {}, wrong: ["city", "days"] });
  });
});

describe("a tool's file", () => {
  const tool = { name: "weather", description: "Tells the weather", color: "red", iconSrc: null, schema: STORED, func: "return 1" };
  it("comes back as it went", () => expect(readToolFile(toolFile(tool))).toEqual(tool));
  it("tells what is wrong", () => {
    expect(readToolFile("{")).toBe("notJson");
    expect(readToolFile('{"nodes":[],"edges":[],"name":"x"}')).toBe("notTool");
    expect(readToolFile('{"name":"x","schema":"oops"}')).toBe("notTool");
  });
  it.each([
    ["", "missing"],
    ["Get Weather", "letters"],
    ["a".repeat(65), "long"],
    ["get_weather_2", null],
  ])("the name %j is %j", (name, problem) => expect(nameProblem(name)).toBe(problem));
});

describe("a trial run", () => {
  /** What the frame answers for `code`, run here as the server runs it. */
  async function run(code: string) {
    const AsyncFunction = (async () => undefined).constructor as new (...code: string[]) => () => Promise<unknown>;
    return readRun(await new AsyncFunction(framed(code))());
  }
  it("gives result and logs", async () => {
    expect(await run('console.log("a", { b: 1 }); console.warn("w");\nreturn { sum: 1 + 1 }')).toMatchObject({
      ok: true,
      result: '{\n  "sum": 2\n}',
      logs: [
        { level: "log", text: 'a {\n  "b": 1\n}' },
        { level: "warn", text: "w" },
      ],
    });
  });
  it("tells what was thrown, and keeps what was logged before", async () => {
    expect(await run('console.log("first"); // note\nthrow new TypeError("no")')).toMatchObject({ ok: false, error: "TypeError: no", logs: [{ level: "log", text: "first" }] });
  });
  it("lets a comment end the code", async () => expect(await run("return 1 // one")).toMatchObject({ ok: true, result: "1" }));
  it("keeps the editor's line numbers", () => expect(framed("a\nb").split("\n").findIndex((line) => line.startsWith("b"))).toBe(1));
  it("knows an answer that is no run", () => expect(readRun("hello")).toBeNull());
});
