// What Start says of how a flow is started, the call to copy, and what a listener hears.
import { describe, expect, it } from "vitest";
import { curlOf, heard, type HeardCall, kindOf, sampleBody, startOf, webhookOf } from "./model";

const flowData = (inputs: object) => JSON.stringify({ nodes: [{ data: { name: "llmAgentflow" } }, { data: { name: "startAgentflow", inputs } }] });

describe("the trigger of a flow", () => {
  it("is read off the step that begins", () => {
    expect(kindOf(startOf(flowData({ startInputType: "webhookTrigger" })) ?? {})).toBe("webhookTrigger");
    expect(kindOf(startOf(flowData({})) ?? {})).toBe("chatInput");
    expect([startOf("not JSON"), startOf('{"nodes":[]}')]).toEqual([null, null]);
  });

  it("is copied as a call that the server takes", () => {
    const plain = webhookOf({ webhookBodyParams: [{ name: "n", type: "number", required: true }, { name: "who's" }], webhookQueryParams: [{ name: "a b" }] });
    expect(sampleBody(plain)).toEqual({ n: 1, "who's": "text" });
    expect(curlOf("http://x/webhook/1", plain)).toBe(`curl -X POST 'http://x/webhook/1?a%20b=text' \\\n  -H 'Content-Type: application/json' \\\n  -d '{"n":1,"who'\\''s":"text"}'`);
    const signed = curlOf("http://x", webhookOf({ webhookEnableAuth: true, webhookSignatureHeader: "x-hub" }));
    expect(signed).toContain('openssl dgst -sha256 -hmac "$SECRET"');
    expect(signed).toContain('-H "x-hub: sha256=$SIGNATURE"');
    expect(curlOf("http://x", webhookOf({ webhookEnableAuth: "true", webhookSignatureType: "plain-token", webhookMethod: "GET" }))).toBe("SECRET='the secret of this webhook'\ncurl -X GET 'http://x' \\\n  -H \"x-webhook-signature: $SECRET\"");
  });
});

describe("what a listener hears", () => {
  const frames = (...events: [string, unknown][]) => events.map(([event, data]) => ({ event: "message", id: "", data: JSON.stringify({ event, data }) }));
  const all = (...events: [string, unknown][]) => frames(...events).reduce<readonly HeardCall[]>((calls, frame) => heard(calls, frame, 7), []);
  const begin: [string, unknown] = ["agentFlowEvent", "INPROGRESS"];

  it("is one entry a call, with what arrived, the steps and the answer", () => {
    const [call] = all(begin, ["nextAgentFlow", { nodeId: "a", nodeLabel: "Start", status: "INPROGRESS" }], ["nextAgentFlow", { nodeId: "a", nodeLabel: "Start", status: "FINISHED" }], ["agentFlowExecutedData", [{ data: { input: { webhook: { body: { x: 5 }, query: { q: "1" }, headers: { host: "h" } }, question: "x" } } }]], ["token", "Got "], ["token", "5"], ["agentFlowEvent", "FINISHED"], ["executionEnd", { chatId: "c" }]);
    expect(call).toEqual({ number: 1, at: 7, body: { x: 5 }, query: { q: "1" }, headers: { host: "h" }, question: "x", steps: [{ id: "a", label: "Start", status: "FINISHED" }], answer: "Got 5", error: undefined, status: "FINISHED" });
  });

  it("tells two calls apart, and the error of one", () => {
    const calls = all(begin, ["agentFlowEvent", "FINISHED"], begin, ["error", "no key"]);
    expect(calls.map(({ number, status, error }) => [number, status, error])).toEqual([[2, "ERROR", "no key"], [1, "FINISHED", undefined]]);
  });

  it("drops what is no event", () => {
    expect(heard([], { event: "message", id: "", data: "hello" }, 0)).toEqual([]);
  });
});
