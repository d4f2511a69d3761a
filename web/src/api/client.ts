// The one way to the server: cookies, the session's silent renewal, and errors a page can show.
import { asObject, asText, parseJson } from "~/lib/json";
import { ApiError } from "./errors";
import type { SessionUser } from "./types";

export const API_BASE = "/api/v1";

/** Where the server keeps the icon of the node `name`. */
export function nodeIconUrl(name: string): string {
  return `${API_BASE}/node-icon/${encodeURIComponent(name)}`;
}

/** Sent with every call, so that the server takes the session cookie and answers 401 in the page's own form. */
const INTERNAL_HEADER = { "x-request-from": "internal" };

/** Calls that decide about the session themselves: a 401 from these is an answer, not an expired session. */
const SESSION_PATHS = ["/auth/login", "/auth/refreshToken", "/auth/resolve", "/account/"];

/** A list is sent as the parameter again and again. */
export type QueryValue = string | number | boolean | readonly string[] | undefined;

export interface RequestOptions {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  query?: Record<string, QueryValue>;
  /** Sent as JSON, a form as it is. */
  body?: unknown;
  signal?: AbortSignal | undefined;
  headers?: Record<string, string>;
}

export interface ClientHooks {
  /** The renewed session, after an expired access token was replaced. */
  onSessionRenewed: (user: SessionUser) => void;
  /** The session is over and could not be renewed. */
  onSessionLost: () => void;
  /** Whether the last call reached the server. */
  onReachable: (reachable: boolean) => void;
}

export interface ApiClient {
  /** The JSON (or, failing that, text) that `path` answers. Throws `ApiError`. */
  request: <T>(path: string, options?: RequestOptions) => Promise<T>;
  /** The raw successful answer of `path`, its body unread: for streams. Throws `ApiError`. */
  open: (path: string, options?: RequestOptions) => Promise<Response>;
}

/**
 * A client over `fetchFn`, telling `hooks` what it learns about session and connection. An `anonymous` one
 * shows nobody's session: a refusal is an answer, whoever is signed in beside it.
 */
export function createClient(fetchFn: typeof fetch, hooks: ClientHooks, { anonymous = false } = {}): ApiClient {
  let renewal: Promise<boolean> | null = null;

  async function send(path: string, options: RequestOptions): Promise<Response> {
    const { method = "GET", query, body, signal, headers } = options;
    // A form names its own type, with the mark that parts it.
    const isForm = body instanceof FormData;
    const init: RequestInit = {
      method,
      // What is deleted while the tab closes must still arrive.
      keepalive: method === "DELETE",
      credentials: anonymous ? "omit" : "same-origin",
      headers: {
        ...(anonymous ? {} : INTERNAL_HEADER),
        accept: "application/json, text/event-stream;q=0.9, */*;q=0.1",
        ...(body === undefined || isForm ? {} : { "content-type": "application/json" }),
        ...headers,
      },
    };
    if (body !== undefined) init.body = isForm ? body : JSON.stringify(body);
    if (signal) init.signal = signal;
    try {
      const response = await fetchFn(urlOf(path, query), init);
      hooks.onReachable(!isGatewayFailure(response.status));
      return response;
    } catch (cause) {
      if (signal?.aborted) throw new ApiError("aborted", "The request was cancelled.", { cause });
      hooks.onReachable(false);
      throw new ApiError("network", "The server cannot be reached.", { cause });
    }
  }

  /** Renews the session once, however many calls ask at the same time. */
  function renew(): Promise<boolean> {
    renewal ??= (async () => {
      try {
        const response = await send("/auth/refreshToken", { method: "POST", body: {} });
        if (!response.ok) return false;
        const user = asObject(await readBody(response));
        if (user && typeof user["id"] === "string") hooks.onSessionRenewed(user as unknown as SessionUser);
        return true;
      } finally {
        renewal = null;
      }
    })();
    return renewal;
  }

  async function open(path: string, options: RequestOptions = {}): Promise<Response> {
    const response = await send(path, options);
    if (anonymous || response.status !== 401 || SESSION_PATHS.some((own) => path.startsWith(own))) return checked(response);
    // The refusal's body is left unread; cancelling frees the connection.
    await response.body?.cancel();
    if (!(await renew())) {
      hooks.onSessionLost();
      throw new ApiError("http", "Your session has ended.", { status: 401, requestId: requestIdOf(response) });
    }
    const replay = await send(path, options);
    if (replay.status === 401) hooks.onSessionLost();
    return checked(replay);
  }

  async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
    const response = await open(path, options);
    // An unknown route is answered with the page itself: never mistake that for data.
    if (response.headers.get("content-type")?.includes("text/html")) {
      throw new ApiError("format", "The server does not know this request.", { status: response.status, requestId: requestIdOf(response) });
    }
    try {
      return (await readBody(response)) as T;
    } catch (cause) {
      throw new ApiError("network", "The answer broke off.", { status: response.status, requestId: requestIdOf(response), cause });
    }
  }

  return { request, open };
}

function urlOf(path: string, query: Record<string, QueryValue> = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) search.append(key, String(one));
  }
  const text = search.toString();
  return `${API_BASE}${path}${text ? `?${text}` : ""}`;
}

/** A proxy in front answers these when the server itself is gone. */
function isGatewayFailure(status: number): boolean {
  return status === 502 || status === 504;
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === "") return null;
  const value = parseJson(text);
  return value === undefined ? text : value;
}

function requestIdOf(response: Response): string | undefined {
  return response.headers.get("x-request-id") ?? undefined;
}

/** `response` when it succeeded, else its error. */
async function checked(response: Response): Promise<Response> {
  if (response.ok) return response;
  const requestId = requestIdOf(response);
  const body = await readBody(response).catch(() => null);
  throw new ApiError("http", messageOf(body, response), { status: response.status, requestId, details: asObject(body)?.["details"] });
}

/** The sentence inside an error answer: `message`, `error`, or short plain text. */
function messageOf(body: unknown, response: Response): string {
  const fields = asObject(body);
  const said = asText(fields?.["message"]) ?? asText(fields?.["error"]);
  if (said) return said;
  const isPlain = !response.headers.get("content-type")?.includes("text/html");
  if (isPlain && typeof body === "string" && body.length < 500) return body;
  return response.statusText || `The server answered ${response.status}.`;
}
