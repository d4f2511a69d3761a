import { describe, expect, it, vi } from "vitest";
import { createClient } from "./client";
import { ApiError } from "./errors";

type Handler = (path: string, init: RequestInit) => Response | Promise<Response>;

function setUp(handler: Handler) {
  const hooks = { onSessionRenewed: vi.fn(), onSessionLost: vi.fn(), onReachable: vi.fn() };
  const calls: string[] = [];
  const fetchFn = vi.fn(async (input: RequestInfo | URL, init: RequestInit = {}) => {
    const path = String(input).replace("/api/v1", "");
    calls.push(`${init.method} ${path}`);
    return handler(path, init);
  });
  return { client: createClient(fetchFn as unknown as typeof fetch, hooks), hooks, calls, fetchFn };
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });
const refused = () => json(401, { message: "Invalid or Missing token" });
const user = { id: "1", name: "Ada", email: "ada@example.com" };

describe("a call", () => {
  it("sends the internal header, JSON and the query", async () => {
    const { client, fetchFn, calls } = setUp(() => json(200, { ok: true }));
    await client.request("/chatflows", { method: "POST", query: { page: 2, type: "CHATFLOW", none: undefined }, body: { name: "x" } });
    expect(calls).toEqual(["POST /chatflows?page=2&type=CHATFLOW"]);
    const init = fetchFn.mock.calls[0]?.[1];
    expect(init?.headers).toMatchObject({ "x-request-from": "internal", "content-type": "application/json" });
    expect(init?.body).toBe('{"name":"x"}');
  });

  it("tells the server's sentence, status and request id", async () => {
    const { client } = setUp(() => json(404, { statusCode: 404, message: "Chatflow x not found" }, { "x-request-id": "r-1" }));
    await expect(client.request("/chatflows/x")).rejects.toMatchObject({ kind: "http", status: 404, requestId: "r-1", message: "Chatflow x not found" });
  });

  it("never takes the page for data", async () => {
    const { client } = setUp(() => new Response("<!doctype html>", { headers: { "content-type": "text/html" } }));
    await expect(client.request("/no-such-route")).rejects.toMatchObject({ kind: "format" });
  });

  it("says that the server is gone, and that it is back", async () => {
    let gone = true;
    const { client, hooks } = setUp(() => {
      if (gone) throw new TypeError("Failed to fetch");
      return json(200, {});
    });
    await expect(client.request("/version")).rejects.toMatchObject({ kind: "network" });
    expect(hooks.onReachable).toHaveBeenLastCalledWith(false);
    gone = false;
    await client.request("/version");
    expect(hooks.onReachable).toHaveBeenLastCalledWith(true);
  });

  it("tells a cancelled call from a lost one", async () => {
    const controller = new AbortController();
    const { client, hooks } = setUp(() => {
      controller.abort();
      throw new DOMException("aborted", "AbortError");
    });
    await expect(client.request("/version", { signal: controller.signal })).rejects.toMatchObject({ kind: "aborted" });
    expect(hooks.onReachable).not.toHaveBeenCalled();
  });
});

describe("an expired session", () => {
  it("is renewed once and the call replayed with its body", async () => {
    let renewed = false;
    const bodies: unknown[] = [];
    const { client, hooks, calls } = setUp((path, init) => {
      if (path === "/auth/refreshToken") {
        renewed = true;
        return json(200, user);
      }
      bodies.push(init.body);
      return renewed ? json(200, { id: "m" }) : refused();
    });
    await expect(client.request("/internal-prediction/f", { method: "POST", body: { question: "hi" } })).resolves.toEqual({ id: "m" });
    expect(calls).toEqual(["POST /internal-prediction/f", "POST /auth/refreshToken", "POST /internal-prediction/f"]);
    expect(bodies).toEqual(['{"question":"hi"}', '{"question":"hi"}']);
    expect(hooks.onSessionRenewed).toHaveBeenCalledWith(user);
    expect(hooks.onSessionLost).not.toHaveBeenCalled();
  });

  it("is renewed once for many calls at the same time", async () => {
    let renewed = false;
    const { client, calls } = setUp(async (path) => {
      await Promise.resolve();
      if (path === "/auth/refreshToken") {
        renewed = true;
        return json(200, user);
      }
      return renewed ? json(200, path) : refused();
    });
    const paths = ["/a", "/b", "/c", "/d"];
    await expect(Promise.all(paths.map((path) => client.request(path)))).resolves.toEqual(paths);
    expect(calls.filter((call) => call.includes("refreshToken"))).toHaveLength(1);
  });

  it("that cannot be renewed is over", async () => {
    const { client, hooks, calls } = setUp((path) => (path === "/auth/refreshToken" ? new Response("Unauthorized", { status: 401 }) : refused()));
    await expect(client.request("/chatflows")).rejects.toMatchObject({ status: 401 });
    expect(hooks.onSessionLost).toHaveBeenCalledOnce();
    expect(calls).toHaveLength(2);
  });

  it("is not asked about twice when the replay is refused too", async () => {
    const { client, hooks, calls } = setUp((path) => (path === "/auth/refreshToken" ? json(200, user) : refused()));
    await expect(client.request("/chatflows")).rejects.toBeInstanceOf(ApiError);
    expect(calls).toHaveLength(3);
    expect(hooks.onSessionLost).toHaveBeenCalledOnce();
  });

  it("is no matter for signing in: a wrong password stays an answer", async () => {
    const { client, hooks, calls } = setUp(() => json(401, { message: "Incorrect Email or Password" }));
    await expect(client.request("/auth/login", { method: "POST", body: {} })).rejects.toMatchObject({ status: 401, message: "Incorrect Email or Password" });
    expect(calls).toHaveLength(1);
    expect(hooks.onSessionLost).not.toHaveBeenCalled();
  });

  it("stays when the server is gone while it is renewed", async () => {
    const { client, hooks } = setUp((path) => {
      if (path === "/auth/refreshToken") throw new TypeError("Failed to fetch");
      return refused();
    });
    await expect(client.request("/chatflows")).rejects.toMatchObject({ kind: "network" });
    expect(hooks.onSessionLost).not.toHaveBeenCalled();
  });
});
