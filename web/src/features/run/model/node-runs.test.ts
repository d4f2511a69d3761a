import { describe, expect, it } from "vitest";
import type { FlowEvent } from "~/api/sse";
import { startedRun, withRunEvent } from "./node-runs";

const node = (nodeId: string, status: string, more = {}): FlowEvent => ({ event: "nextAgentFlow", data: { nodeId, nodeLabel: nodeId, status, ...more } });
const play = (...events: FlowEvent[]) => events.reduce((run, event, index) => withRunEvent(run, event, 1000 + index * 100), startedRun("f"));
const statuses = (run: ReturnType<typeof play>) => Object.fromEntries([...run.nodes].map(([id, { status }]) => [id, status]));

describe("nodes of a run", () => {
  it("begin, end and take their time", () => {
    const run = play(node("a", "INPROGRESS"), node("a", "FINISHED"), node("b", "INPROGRESS"));
    expect(statuses(run)).toEqual({ a: "finished", b: "running" });
    expect(run.nodes.get("a")?.took).toBe(100);
  });

  it("count the rounds of a loop", () => {
    expect(play(node("a", "INPROGRESS"), node("a", "FINISHED"), node("a", "INPROGRESS")).nodes.get("a")).toMatchObject({ times: 2, status: "running", took: undefined });
  });

  it("tell what went wrong, and the run failed", () => {
    const run = play(node("a", "INPROGRESS"), node("a", "ERROR", { error: "No key." }), { event: "agentFlowEvent", data: "ERROR" }, { event: "error", data: "No key." }, { event: "end", data: "[DONE]" });
    expect(run.status).toBe("failed");
    expect(run.nodes.get("a")).toMatchObject({ status: "failed", error: "No key." });
  });

  it("that wait for a person go on waiting when the stream ends", () => {
    const run = play(node("h", "INPROGRESS"), node("h", "STOPPED"), { event: "agentFlowEvent", data: "STOPPED" }, { event: "end", data: "[DONE]" });
    expect(run.status).toBe("waiting");
    expect(statuses(run)).toEqual({ h: "waiting" });
  });

  it("that waited for a person go on with the same turn", () => {
    const run = play(node("h", "INPROGRESS"), node("h", "STOPPED"), node("h", "INPROGRESS"), node("h", "FINISHED"));
    expect(run.nodes.get("h")).toMatchObject({ status: "finished", times: 1 });
  });

  it("that were running when it broke off failed with it", () => {
    expect(statuses(play(node("a", "INPROGRESS"), { event: "error", data: "gone" }))).toEqual({ a: "failed" });
  });

  it("learn their tokens from the data", () => {
    const run = play(node("a", "INPROGRESS"), { event: "agentFlowExecutedData", data: [{ nodeId: "a", data: { output: { usageMetadata: { total_tokens: 16 } } } }] });
    expect(run.nodes.get("a")?.tokens).toBe(16);
  });

  it("of a chatflow run as long as one of their calls does", () => {
    const call = (event: string, more = {}): FlowEvent => ({ event, data: { nodeId: "m", label: "Model", kind: "model", ...more } });
    const begun = [call("nodeStart"), call("nodeStart"), call("nodeEnd", { ms: 40, inputTokens: 3, outputTokens: 4 })];
    expect(play(...begun).nodes.get("m")).toMatchObject({ status: "running", times: 2, tokens: 7 });
    expect(play(...begun, call("nodeEnd", { ms: 90 })).nodes.get("m")).toMatchObject({ status: "finished", took: 300, open: 0 });
    expect(play(...begun, call("nodeError", { ms: 90, message: "No key.", row: "Model Name" })).nodes.get("m")).toMatchObject({ status: "failed", error: "No key.", field: "Model Name" });
  });

  it("of a chatflow are set up before their calls, which is none itself", () => {
    const built = [{ event: "nodeStart", data: { nodeId: "m", kind: "build" } }, { event: "nodeEnd", data: { nodeId: "m", kind: "build", ms: 2 } }];
    expect(play(...built, { event: "nodeStart", data: { nodeId: "m", kind: "node" } }).nodes.get("m")).toMatchObject({ times: 1, status: "running" });
  });

  it("survive data of any shape", () => {
    for (const event of ["nextAgentFlow", "agentFlowExecutedData", "agentFlowEvent", "nodeStart", "nodeEnd", "nodeError"]) {
      for (const data of [null, 1, "x", [null, 3], {}, undefined]) expect(play({ event, data }).nodes.size).toBe(0);
    }
  });
});
