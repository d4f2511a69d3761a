import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fieldsOf, type FieldView, isChanged, isFound, isShown, paramsIn } from "./fields";
import { type FlowNode, parseFlowData } from "./flow-data";
import type { Param } from "./node-data";

function nodeOf(flow: string, id: string): FlowNode {
  const text = readFileSync(new URL(`../../../../tests/fixtures/${flow}.flow.json`, import.meta.url), "utf8");
  const node = parseFlowData(text).nodes.find((candidate) => candidate.id === id);
  if (!node) throw new Error(`no node ${id}`);
  return node;
}

const valueIn = (fields: FieldView[], name: string) => fields.find((field) => field.name === name)?.value;

describe("fieldsOf", () => {
  it("reads labels of options, switches, defaults and credentials", () => {
    const fields = fieldsOf(nodeOf("agent", "chatOpenAI_0"));
    expect(valueIn(fields, "credential")).toEqual({ kind: "credential" });
    expect(valueIn(fields, "imageResolution")).toEqual({ kind: "text", text: "Auto" });
    expect(valueIn(fields, "allowImageUploads")).toEqual({ kind: "switch", on: true });
    expect(valueIn(fields, "basepath")).toEqual({ kind: "unset", fallback: undefined });
    const agent = fieldsOf(nodeOf("agent", "bufferMemory_0"));
    expect(valueIn(agent, "sessionId")).toEqual({ kind: "unset", fallback: undefined });
  });

  it("never gives a secret out, in whatever field it stands", () => {
    const node = nodeOf("agent", "chatOpenAI_0");
    expect(JSON.stringify(fieldsOf(node))).not.toMatch(/sk-should-never|8a1002e0/);
    expect(valueIn(fieldsOf(node), "baseOptions")).toMatchObject({ kind: "block", text: expect.stringContaining("docs") });
    const secrets: FlowNode = {
      ...node,
      data: {
        inputParams: [
          { name: "pass", label: "Word", type: "password" },
          { name: "openAIApiKey", label: "Key", type: "string" },
          { name: "maxTokens", label: "Max Tokens", type: "number" },
        ],
        inputs: { pass: "hush", openAIApiKey: "sk-1", maxTokens: 5 },
      },
    };
    expect(fieldsOf(secrets).map((field) => field.value)).toEqual([{ kind: "secret" }, { kind: "secret" }, { kind: "text", text: "5" }]);
  });

  it("hides what the node's rules hide", () => {
    const node = nodeOf("agent", "chatOpenAI_0");
    const inputs = { ...(node.data["inputs"] as object), allowImageUploads: false };
    const names = fieldsOf({ ...node, data: { ...node.data, inputs } }).map((field) => field.name);
    expect(names).not.toContain("imageResolution");
  });

  it("tells a file's name and size without its content", () => {
    expect(valueIn(fieldsOf(nodeOf("retrieval", "textFile_0")), "txtFile")).toEqual({ kind: "file", name: "stone.txt", bytes: 60 });
  });

  it("reads the items of a list with their own rules", () => {
    const [messages] = fieldsOf(nodeOf("iteration", "llmAgentflow_0"));
    expect(messages?.value).toMatchObject({
      kind: "items",
      items: [
        [{ label: "Role", value: { text: "System" } }, { label: "Content", value: { text: "Be brief." } }],
        [{ label: "Role", value: { text: "User" } }, { label: "Content", value: { text: "{{ question }}" } }],
      ],
    });
  });
});

describe("isShown", () => {
  const lookup = (path: string) => ({ mode: "advanced", on: true, off: "" })[path];
  it.each([
    [{}, true],
    [{ hidden: true }, false],
    [{ show: { mode: "advanced" } }, true],
    [{ show: { mode: ["basic", "advanced"] } }, true],
    [{ show: { mode: "basic" } }, false],
    [{ show: { mode: "adv.*" } }, true],
    [{ show: { mode: "adv" } }, false],
    [{ show: { on: true, mode: "basic" } }, false],
    [{ hide: { mode: "advanced" } }, false],
    [{ show: { off: false } }, true],
    [{ show: { mode: "(" } }, false],
  ])("of %j is %s", (definition, shown) => {
    expect(isShown(definition, lookup)).toBe(shown);
  });
});

describe("searching and resetting a form", () => {
  const [warm, list, model] = paramsIn([
    { name: "temperature", label: "Warmth", type: "number", default: 0.9, description: "How daring it is" },
    { name: "messages", label: "Messages", type: "array", array: [{ name: "role", label: "Role", type: "options" }] },
    { name: "model", label: "Model", type: "asyncOptions", loadConfig: true },
  ]) as [Param, Param, Param];
  const none = () => [];

  it("a field is found by its label, its name, its description, and by what stands in it", () => {
    for (const wanted of ["warm", "temperature", "daring"]) expect(isFound(warm, wanted, none)).toBe(true);
    expect(isFound(list, "role", none)).toBe(true);
    expect(isFound(model, "warm", () => [warm])).toBe(true);
    expect(isFound(model, "warm", none)).toBe(false);
  });

  it("a field is changed once it holds something else than its default", () => {
    expect(isChanged(warm, 0.2)).toBe(true);
    for (const same of [0.9, "0.9", "", undefined]) expect(isChanged(warm, same)).toBe(false);
    expect(isChanged(model, "chatOpenAI")).toBe(false);
  });
});
