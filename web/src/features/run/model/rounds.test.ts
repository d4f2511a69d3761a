import { describe, expect, it } from "vitest";
import { passesOf, roundsOf, turnOf, turnsInRound } from "./rounds";

const turn = (nodeId: string, data: object = {}, status = "FINISHED") => ({ nodeId, nodeLabel: nodeId, status, previousNodeIds: [], data });
const chose = (way: number) => ({ output: { conditions: [0, 1].map((index) => ({ isFulfilled: index === way })) } });
const inside = (index: number) => ({ parentNodeId: "all", iterationIndex: index });

describe("wires of a run", () => {
  const wire = (source: string, target: string, way: string = source) => ({ source, target, sourceHandle: `${source}-output-${way}` });
  const records = [turn("start"), turn("a"), turn("if", chose(0)), turn("loop"), turn("a"), turn("if", chose(0)), turn("loop"), turn("a"), turn("if", chose(1)), turn("end")];

  it("are passed as often as the run went over them", () => {
    expect(passesOf(records, wire("start", "a"))).toBe(1);
    expect(passesOf(records, wire("a", "if"))).toBe(3);
    expect(passesOf(records, wire("if", "loop", "0"))).toBe(2);
    expect(passesOf(records, wire("if", "end", "1"))).toBe(1);
    expect(passesOf(records, wire("if", "end", "0"))).toBe(0);
    expect(passesOf(records, wire("a", "nowhere"))).toBe(0);
  });

  it("for errors are passed by errors alone", () => {
    const failed = [turn("a", {}, "ERROR"), turn("b")];
    expect(passesOf(failed, wire("a", "b"))).toBe(0);
    expect(passesOf(failed, wire("a", "b", "error"))).toBe(1);
    expect(passesOf(records, wire("a", "if", "error"))).toBe(0);
  });
});

describe("rounds of a run", () => {
  const records = [turn("all"), turn("a", inside(0)), turn("b", inside(0)), turn("a", inside(1)), turn("a", inside(2)), turn("b", inside(2))];

  it("are the turns of a node, and of an iteration those of what it holds", () => {
    expect(roundsOf(records, "a")).toBe(3);
    expect(roundsOf(records, "all")).toBe(3);
    expect(roundsOf(records, "nowhere")).toBe(0);
  });

  it("of an iteration choose the turns inside it", () => {
    expect([...turnsInRound(records, "all", 3)]).toEqual([["all", 3], ["a", 3], ["b", 2]]);
    expect([...turnsInRound(records, "a", 2)]).toEqual([["a", 2]]);
    expect(turnOf(records, "b", 2)?.data["iterationIndex"]).toBe(2);
    expect(turnOf(records, "b", 3)).toBeUndefined();
  });
});
