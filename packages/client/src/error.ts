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

/** How every server so far ends its answer to a route that it does not have; a thing that is not there has other words. */
const NO_ROUTE = '/api/openapi.json';

/** From an answer's body `{error: {code, message, details}}`; anything else did not come from a Pawl server. */
export function toApiError(server: string, status: number, body: unknown): ApiError {
  const error = (body as { error?: { code?: unknown; message?: unknown; details?: unknown } } | undefined)?.error;
  if (typeof error?.code === 'string' && typeof error.message === 'string') {
    const details = (error.details ?? {}) as Readonly<Record<string, unknown>>;
    if (status === 404 && error.code === 'not_found' && error.message.includes(NO_ROUTE)) {
      const route = /(?:GET|POST|PUT|DELETE) \/[^\s"]*[^\s".]/.exec(error.message)?.[0] ?? 'this request';
      const problem = `The server at ${server} does not know ${route}: it is of another version than this command`;
      return new ApiError('server_too_old', `${problem}; upgrade it, or use the command that came with it.`, status, details);
    }
    return new ApiError(error.code, error.message, status, details);
  }
  const reason = `it answers with status ${status}, and not as a Pawl server`;
  return new ApiError('server_unreachable', `No Pawl server answers at ${server}: ${reason}; check --server.`, status, { server, reason });
}
