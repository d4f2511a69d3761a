import { describe, expect, it, vi } from "vitest";
import { ApiError } from "~/api/errors";
import { createSaver, type SaverDoors } from "./saver";
import { createEditor } from "./store";
import { addNodes } from "./operations";
import { type FlowGraph, parseFlowData, toFlowData } from "./flow-data";

const EMPTY: FlowGraph = { nodes: [], edges: [], unread: [], extra: {} };
const DRAFT = { revision: 3, isDraft: true, liveVersion: 1, baseVersion: 1 };

function open(put: SaverDoors["put"], theirs: SaverDoors["theirs"] = async () => null, start = EMPTY) {
  const editor = createEditor(start);
  const waiting: (() => void)[] = [];
  const keep = vi.fn<SaverDoors["keep"]>();
  const later: SaverDoors["later"] = (act) => {
    waiting.push(act);
    return () => void waiting.splice(waiting.indexOf(act), 1);
  };
  const saver = createSaver(editor, { put, theirs, keep, later }, DRAFT);
  const draw = (id: string) => editor.edit("add", (graph) => addNodes(graph, [{ id, type: "customNode", position: { x: 0, y: 0 }, data: {}, extra: {} }]));
  return { editor, saver, keep, draw, pause: () => waiting.splice(0).forEach((act) => act()), waiting };
}

const texts = (put: ReturnType<typeof vi.fn<SaverDoors["put"]>>) => put.mock.calls.map(([text, revision]) => [(JSON.parse(text) as { nodes: unknown[] }).nodes.length, revision]);

describe("the saver", () => {
  it("waits for a pause, then sends the whole once, on the revision it builds on", async () => {
    const put = vi.fn<SaverDoors["put"]>(async (_, revision) => ({ ...DRAFT, revision: revision + 1 }));
    const { saver, draw, pause } = open(put);
    draw("a");
    draw("b");
    expect(saver.getState().status).toBe("waiting");
    pause();
    expect(await saver.flush()).toBe(true);
    draw("c");
    expect(await saver.flush()).toBe(true);
    expect(texts(put)).toEqual([[2, 3], [3, 4]]);
    expect(saver.getState()).toMatchObject({ status: "saved", revision: 5, ahead: true });
  });

  it("sends nothing when everything was undone", async () => {
    const put = vi.fn<SaverDoors["put"]>();
    const { editor, saver, draw } = open(put);
    draw("a");
    editor.undo();
    expect(saver.getState().status).toBe("saved");
    expect(await saver.flush()).toBe(true);
    expect(put).not.toHaveBeenCalled();
  });

  it("keeps a copy here while the server is gone, and tries again", async () => {
    let isGone = true;
    const { saver, keep, draw, pause, waiting } = open(async (_, revision) => {
      if (isGone) throw new ApiError("network", "gone");
      return { ...DRAFT, revision: revision + 1 };
    });
    draw("a");
    expect(await saver.flush()).toBe(false);
    expect(saver.getState().status).toBe("offline");
    expect(keep).toHaveBeenLastCalledWith(expect.objectContaining({ revision: 3 }));
    isGone = false;
    expect(waiting).toHaveLength(1);
    pause();
    await vi.waitFor(() => expect(saver.getState().status).toBe("saved"));
    expect(keep).toHaveBeenLastCalledWith(null);
  });

  it("keeps the copy when the session has ended", async () => {
    const { saver, keep, draw } = open(async () => {
      throw new ApiError("http", "ended", { status: 401 });
    });
    draw("a");
    await saver.flush();
    expect(saver.getState().status).toBe("offline");
    expect(keep).toHaveBeenLastCalledWith(expect.objectContaining({ flowData: expect.stringContaining('"a"') }));
  });

  it("stops at a conflict until a person decides, and says whose work it met", async () => {
    const put = vi.fn<SaverDoors["put"]>(async (_, revision) => {
      if (revision < 7) throw new ApiError("http", "stale", { status: 409, details: { revision: 7, updatedBy: { id: "g", name: "Grace" } } });
      return { ...DRAFT, revision: revision + 1 };
    });
    const { editor, saver, draw, pause } = open(put);
    draw("a");
    await saver.flush();
    expect(saver.getState()).toMatchObject({ status: "conflict", rival: "Grace" });
    draw("b");
    pause();
    expect(put).toHaveBeenCalledTimes(1);
    expect(await saver.resolve({ draft: { ...DRAFT, revision: 7 }, graph: EMPTY }, editor.getState().graph)).toBe(true);
    expect(saver.getState()).toMatchObject({ status: "saved", revision: 8, rival: undefined });
  });

  it("saves what does not collide together with what somebody else saved, as one step that can be undone", async () => {
    const theirs = { ...EMPTY, nodes: [{ id: "t", type: "customNode", position: { x: 9, y: 9 }, data: {}, extra: {} }] };
    const server = { revision: 7, flowData: JSON.stringify(toFlowData(theirs)) };
    const put = vi.fn<SaverDoors["put"]>(async (text, revision) => {
      if (revision !== server.revision) throw new ApiError("http", "stale", { status: 409, details: { revision: 7, updatedBy: { id: "g", name: "Grace" } } });
      Object.assign(server, { revision: revision + 1, flowData: text });
      return { ...DRAFT, revision: revision + 1 };
    });
    const { editor, saver, draw } = open(put, async () => ({ draft: { ...DRAFT, revision: server.revision }, graph: parseFlowData(server.flowData) }));
    draw("a");
    expect(await saver.flush()).toBe(true);
    expect(saver.getState()).toMatchObject({ status: "saved", revision: 8, merged: { by: "Grace" } });
    expect(parseFlowData(server.flowData).nodes.map((node) => node.id).toSorted()).toEqual(["a", "t"]);
    expect(editor.undo()).toBe("merge");
    expect(editor.getState().graph.nodes.map((node) => node.id)).toEqual(["a"]);
    editor.redo();
    expect(await saver.flush()).toBe(true);
  });

  it("asks where both changed the same, and saves nothing before it is answered", async () => {
    const put = vi.fn<SaverDoors["put"]>(async () => {
      throw new ApiError("http", "stale", { status: 409, details: { revision: 7 } });
    });
    const note = (text: string): FlowGraph => ({ ...EMPTY, nodes: [{ id: "n", type: "stickyNote", position: null, data: { inputs: { note: text } }, extra: {} }] });
    const { editor, saver } = open(put, async () => ({ draft: { ...DRAFT, revision: 7 }, graph: note("theirs") }), note("base"));
    editor.edit("write", () => note("mine"));
    expect(await saver.flush()).toBe(false);
    expect(put).toHaveBeenCalledTimes(1);
    expect(saver.getState()).toMatchObject({ status: "conflict", clash: { draft: { revision: 7 } } });
    expect(editor.getState().graph).toEqual(note("mine"));
  });

  it("tells why the server refused", async () => {
    const { saver, draw } = open(async () => {
      throw new ApiError("http", "flowData is larger than the server takes", { status: 413 });
    });
    draw("a");
    await saver.flush();
    expect(saver.getState()).toMatchObject({ status: "refused", reason: "flowData is larger than the server takes" });
  });
});
