// What can go wrong between the page and the server, as one type that pages show.

/** `network`: no answer came. `http`: the server said no. `format`: the answer made no sense. `aborted`: we gave up ourselves. */
export type ApiErrorKind = "network" | "http" | "format" | "aborted";

export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly kind: ApiErrorKind;
  /** The HTTP status; 0 when no answer came. */
  readonly status: number;
  /** The id under which the server logged this request, for a report to its operator. */
  readonly requestId: string | undefined;
  /** What the server tells beside the sentence, such as who saved before. */
  readonly details: unknown;

  constructor(kind: ApiErrorKind, message: string, details: { status?: number; requestId?: string | undefined; cause?: unknown; details?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.status = details.status ?? 0;
    this.requestId = details.requestId;
    this.details = details.details;
  }
}

export function isApiError(error: unknown): error is ApiError {
  return error instanceof ApiError;
}

/** Whether asking again may help: no answer, or the server was busy or broken. A refusal stays a refusal. */
export function isWorthRetrying(error: unknown): boolean {
  if (!isApiError(error)) return false;
  return error.kind === "network" || error.status === 429 || error.status === 502 || error.status === 503 || error.status === 504;
}
