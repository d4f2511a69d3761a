import { describe, expect, it } from "vitest";
import {
  allowedOrigins,
  changesOf,
  chosenProvider,
  type FlowRecord,
  isOrigin,
  postProcessingCode,
  problemsOf,
  readDraft,
  sectionsOn,
  setIn,
  starterPrompts,
  unreadableParts,
  withPostProcessingCode,
  withProvider,
  withStarterPrompts,
} from "./model";
import { countEnabled, readOverrides, withOverrides } from "./overrides";

const FLOW: FlowRecord = {
  isPublic: null,
  apikeyid: null,
  category: null,
  chatbotConfig: '{"starterPrompts":{"0":{"prompt":"Hi"}},"title":"kept","allowedOrigins":["https://a.example"],"leads":{"status":true,"email":true}}',
  apiConfig: '{"rateLimit":{"status":true,"limitMax":"2","limitDuration":"60","limitMsg":"Slow down"}}',
  analytic: null,
  speechToText: null,
  textToSpeech: "not json",
  followUpPrompts: null,
};

describe("a flow's settings", () => {
  it("send nothing where nothing was changed", () => expect(changesOf(readDraft(FLOW), readDraft(FLOW))).toEqual({}));
  it("send only the column that was changed, with what we do not know in it", () => {
    const before = readDraft(FLOW);
    const after = { ...before, isPublic: true, parts: { ...before.parts, chatbotConfig: withStarterPrompts(before.parts.chatbotConfig, ["A", "B"]) } };
    const { chatbotConfig, ...others } = changesOf(before, after);
    expect(others).toEqual({ isPublic: true });
    expect(JSON.parse(chatbotConfig ?? "")).toMatchObject({ title: "kept", starterPrompts: { 0: { prompt: "A" }, 1: { prompt: "B" } } });
  });
  it("give a key up as null", () => expect(changesOf({ ...readDraft(FLOW), apikeyid: "k" }, readDraft(FLOW))).toEqual({ apikeyid: null }));
  it("tell what cannot be read", () => expect(unreadableParts(FLOW)).toEqual(["textToSpeech"]));
  it("tell what is on", () => expect([...sectionsOn(readDraft(FLOW))]).toEqual(["rateLimit", "domains", "leads", "starters"]));
  it("read starters and origins", () => {
    expect(starterPrompts(readDraft(FLOW).parts.chatbotConfig)).toEqual(["Hi"]);
    expect(starterPrompts({ starterPrompts: [{ prompt: "list" }] })).toEqual(["list"]);
    expect(allowedOrigins({ allowedOrigins: ["a", 1] })).toEqual(["a"]);
  });
  it("keep code as a JSON text inside the JSON", () => {
    const code = 'return "a\n" + 1';
    const stored = withPostProcessingCode({ postProcessing: { enabled: true } }, code);
    expect(stored).toEqual({ postProcessing: { enabled: true, customFunction: JSON.stringify(code) } });
    expect(postProcessingCode(stored)).toBe(code);
    expect(postProcessingCode({ postProcessing: { customFunction: "return 1" } })).toBe("return 1");
  });
  it("set and unset deep inside", () => {
    expect(setIn({ a: { b: 1, c: 2 } }, ["a", "b"], 3)).toEqual({ a: { b: 3, c: 2 } });
    expect(setIn({ a: { b: 1, c: 2 } }, ["a", "b"], undefined)).toEqual({ a: { c: 2 } });
    expect(setIn({}, ["a", "b"], 1)).toEqual({ a: { b: 1 } });
  });
});

describe("one of several providers", () => {
  const names = ["x", "y"];
  it("is on alone, the settings of others stay", () => {
    const part = withProvider({ x: { status: true, key: 1 }, none: { status: false } }, names, "y");
    expect(part).toEqual({ x: { status: false, key: 1 }, none: { status: false }, y: { status: true } });
    expect(chosenProvider(part, names)).toBe("y");
  });
  it("can be none", () => {
    const part = withProvider({ x: { status: true } }, names, "none");
    expect(part).toEqual({ x: { status: false }, none: { status: true } });
    expect(chosenProvider(part, names)).toBe("none");
  });
});

describe("problems", () => {
  it.each([
    ["https://example.com", true],
    ["http://localhost:3000/", true],
    ["example.com", false],
    ["https://example.com/path", false],
    ["ftp://example.com", false],
  ])("%s is an origin: %j", (text, right) => expect(isOrigin(text)).toBe(right));
  it("name the section", () => {
    const draft = readDraft({
      ...FLOW,
      apiConfig: '{"rateLimit":{"status":true,"limitMax":"2"}}',
      chatbotConfig: '{"allowedOrigins":["example.com"],"leads":{"status":true}}',
      followUpPrompts: '{"status":true,"selectedProvider":"chatOpenAI"}',
    });
    expect(Object.keys(problemsOf(draft))).toEqual(["rateLimit", "domains", "leads", "followUps"]);
    expect(problemsOf(readDraft(FLOW))).toEqual({});
  });
});

describe("overrides", () => {
  const rows = [
    { node: "OpenAI", nodeId: "chatOpenAI_0", label: "Temperature", name: "temperature", type: "number" },
    { node: "OpenAI", nodeId: "chatOpenAI_1", label: "Temperature", name: "temperature", type: "number" },
    { node: "OpenAI", nodeId: "chatOpenAI_0", label: "Model", name: "modelName", type: "string" },
  ];
  const variables = [{ id: "v", name: "limit", value: "1", type: "static", createdDate: "", updatedDate: "", workspaceId: "" }];
  const stored = { overrideConfig: { status: true, nodes: { OpenAI: [{ label: "Temperature", name: "temperature", type: "number", enabled: true }], Gone: [] }, variables: [{ id: "old", enabled: true }] }, rateLimit: { status: false } };
  it("lay the stored switches over what is there now", () => {
    const read = readOverrides(stored, rows, variables);
    expect(read.nodes).toEqual({ OpenAI: [{ label: "Temperature", name: "temperature", type: "number", enabled: true }, { label: "Model", name: "modelName", type: "string", enabled: false }] });
    expect(read.variables).toEqual([{ id: "v", name: "limit", type: "static", enabled: false }]);
    expect(countEnabled(read)).toBe(1);
  });
  it("are stored beside the rest", () => expect(withOverrides(stored, readOverrides(stored, rows, variables))).toMatchObject({ rateLimit: { status: false }, overrideConfig: { status: true } }));
});
