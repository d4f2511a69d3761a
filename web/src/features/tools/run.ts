// A trial run of a tool's code: its result, what it logged, how long it took.
import { runFunction } from "~/api/workbench";
import { asArray, asObject, asText, parseJson } from "~/lib/json";

export interface LogLine {
  level: "log" | "warn" | "error";
  text: string;
}

export interface ToolRun {
  ok: boolean;
  /** What it gave, as text; empty where it failed. */
  result: string;
  error: string;
  logs: LogLine[];
  milliseconds: number;
}

/**
 * `code` inside a frame that catches what it logs and throws. The frame is one line before the first and one
 * after the last, so that line numbers in messages stay those of the editor.
 */
export function framed(code: string): string {
  const before =
    'const __logs = [], __text = (v) => { if (typeof v === "string") return v; try { return JSON.stringify(v, null, 2) ?? String(v) } catch { return String(v) } }, ' +
    '__log = (level) => (...parts) => { __logs.push({ level, text: parts.map(__text).join(" ") }) }, __begin = Date.now(); ' +
    "const __told = (more) => JSON.stringify({ ...more, logs: __logs, milliseconds: Date.now() - __begin }); " +
    "try { const __result = await (async (console) => { ";
  const after =
    '\n})({ log: __log("log"), info: __log("log"), debug: __log("log"), warn: __log("warn"), error: __log("error") }); ' +
    'return __told({ ok: true, result: __result === undefined ? "" : __text(__result) }); } ' +
    "catch (__error) { return __told({ ok: false, error: __error && __error.message ? String(__error.name) + \": \" + __error.message : __text(__error) }); }";
  return before + code + after;
}

/** What a framed run answered. */
export function readRun(answer: unknown): ToolRun | null {
  const told = asObject(typeof answer === "string" ? parseJson(answer) : answer);
  if (!told || typeof told["ok"] !== "boolean") return null;
  const logs = asArray(told["logs"]).flatMap((entry): LogLine[] => {
    const line = asObject(entry);
    const level = line?.["level"];
    return line ? [{ level: level === "warn" || level === "error" ? level : "log", text: asText(line["text"]) ?? "" }] : [];
  });
  return {
    ok: told["ok"],
    result: asText(told["result"]) ?? "",
    error: asText(told["error"]) ?? "",
    logs,
    milliseconds: typeof told["milliseconds"] === "number" ? told["milliseconds"] : 0,
  };
}

/** Runs `code` on the server with `values` as `$name`. Throws what the server said where it did not run at all. */
export async function runTool(code: string, values: Record<string, unknown>): Promise<ToolRun> {
  const run = readRun(await runFunction(framed(code), values));
  if (!run) throw new Error("The server answered something else than a run.");
  return run;
}
