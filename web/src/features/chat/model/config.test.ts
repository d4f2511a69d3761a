import { describe, expect, it } from "vitest";
import { type ChatConfig, placeFile, readChatConfig } from "./config";

const MB = 1024 * 1024;
const uploads = {
  isSpeechToTextEnabled: true,
  isImageUploadAllowed: true,
  isRAGFileUploadAllowed: true,
  imgUploadSizeAndTypes: [{ fileTypes: ["image/gif", "image/png", ""], maxUploadSize: 5 }],
  fileUploadSizeAndTypes: [{ fileTypes: [".pdf"], maxUploadSize: 500 }],
};
const nothing: ChatConfig = { starterPrompts: [], feedback: false, leads: undefined, form: undefined, uploads: { images: undefined, documents: undefined, speech: false } };

describe("readChatConfig", () => {
  it("reads prompts in both saved shapes and nothing else", () => {
    const prompts = (text: unknown) => readChatConfig(text, null, null).starterPrompts;
    expect(prompts('{"starterPrompts":{"0":{"prompt":"Hi"},"1":{"prompt":" "}}}')).toEqual(["Hi"]);
    expect(prompts({ starterPrompts: [{ prompt: "A" }, { prompt: "B" }] })).toEqual(["A", "B"]);
    for (const none of [null, undefined, "", "{", "{}", '{"starterPrompts":"x"}', '{"starterPrompts":[3,null]}']) expect(prompts(none)).toEqual([]);
  });

  it("takes what is broken as not configured", () => {
    for (const bad of [null, 3, "{", "[]", '{"leads":3,"chatFeedback":[],"fullFileUpload":"x"}']) expect(readChatConfig(bad, bad, bad)).toEqual(nothing);
    expect(readChatConfig('{"leads":{"status":true}}', null, null).leads).toBeUndefined();
  });

  it("reads leads and feedback", () => {
    const config = readChatConfig('{"chatFeedback":{"status":true},"leads":{"status":true,"title":"Who?","email":true}}', null, null);
    expect(config).toMatchObject({ feedback: true, leads: { title: "Who?", name: false, email: true, phone: false } });
  });

  it("reads the form that a flow starts with", () => {
    const start = { name: "startAgentflow", inputs: { startInputType: "formInput", formTitle: "T", formInputTypes: [{ type: "options", label: "Size", name: "size", addOptions: [{ option: "S" }, { option: "L" }] }, { type: "odd", name: "n" }, 3] } };
    expect(readChatConfig(null, JSON.stringify({ nodes: [{ data: start }] }), null).form).toEqual({
      title: "T",
      description: "",
      fields: [
        { name: "size", label: "Size", type: "options", options: ["S", "L"] },
        { name: "n", label: "n", type: "string", options: [] },
      ],
    });
    expect(readChatConfig(null, { nodes: [{ data: { ...start, inputs: { ...start.inputs, startInputType: "chatInput" } } }] }, null).form).toBeUndefined();
  });
});

describe("placeFile", () => {
  const rag = readChatConfig(null, null, uploads).uploads;
  const full = readChatConfig({ fullFileUpload: { status: true, allowedUploadFileTypes: "text/plain,application/pdf" } }, null, uploads).uploads;

  it.each([
    [rag, { name: "a.png", type: "image/png", size: 10 }, { way: "image" }],
    [rag, { name: "a.PDF", type: "application/pdf", size: 10 }, { way: "rag" }],
    [full, { name: "a.pdf", type: "application/pdf", size: 10 }, { way: "full" }],
    [rag, { name: "a.png", type: "image/png", size: 6 * MB }, { why: "size", name: "a.png", limit: 5 }],
    [rag, { name: "a.exe", type: "", size: 1 }, { why: "type", name: "a.exe", types: ["image/gif", "image/png", ".pdf"] }],
    [nothing.uploads, { name: "a.png", type: "image/png", size: 1 }, { why: "type", name: "a.png", types: [] }],
  ])("decides by type and size (%#)", (rules, file, outcome) => expect(placeFile(rules, file)).toEqual(outcome));
});
