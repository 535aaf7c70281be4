/** What the server refused, or that it could not be reached (`server_unreachable`, status 0). The message is one line and fit to show. */
export class ApiError extends Error {
  readonly code: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, status: number, details: Readonly<Record<string, unknown>>, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

/** From an answer's body `{error: {code, message, details}}`; anything else did not come from a Pawl server. */
export function toApiError(server: string, status: number, body: unknown): ApiError {
  const error = (body as { error?: { code?: unknown; message?: unknown; details?: unknown } } | undefined)?.error;
  if (typeof error?.code === 'string' && typeof error.message === 'string') {
    return new ApiError(error.code, error.message, status, (error.details ?? {}) as Readonly<Record<string, unknown>>);
  }
  const reason = `it answers with status ${status}, and not as a Pawl server`;
  return new ApiError('server_unreachable', `No Pawl server answers at ${server}: ${reason}; check --server.`, status, { server, reason });
}
